"""Lets Debian's Bazel 4.2.3 build without the network.

A WORKSPACE build always asks for a few repositories of Bazel's own, which Bazel would download. Debian's Bazel
calls itself "development version", so native.bazel_version is empty there and only there; it gets stand-ins from
third_party/shims. Any other Bazel uses the real repositories.
"""

_SHIMS = [
    "remote_coverage_tools",  # wanted by every cc_test
    "rules_cc",
    "rules_java",
    "rules_proto",
]

def bazel_shims():
    if native.bazel_version != "":
        return
    for name in _SHIMS:
        if name not in native.existing_rules():
            native.local_repository(name = name, path = "third_party/shims/" + name)
