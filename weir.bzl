"""How jobs of your own are built.

    load("@weir//:weir.bzl", "weir_application")

    weir_application(name = "visits", srcs = ["visits.cc"])     # a program: the weir command line and your jobs
"""

def weir_application(name, srcs, deps = [], **kwargs):
    """A program of the whole weir command line over the jobs in `srcs`: `NAME run JOB`, `NAME cluster`, `NAME submit JOB`."""
    native.cc_binary(
        name = name,
        srcs = srcs,
        deps = deps + [
            Label("//:weir"),
            Label("//:weir_main"),
        ],
        **kwargs
    )
