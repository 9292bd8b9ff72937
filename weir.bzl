"""How jobs of your own are built: as an application, or as an artifact for a cluster that runs already.

    load("@weir//:weir.bzl", "weir_application", "weir_artifact")

    weir_application(name = "visits", srcs = ["visits.cc"])     # a program: the weir command line and your jobs
    weir_artifact(name = "visits_job", srcs = ["visits.cc"])    # libvisits_job.so, for `weir submit --artifact`

An artifact holds your code and what it depends on beyond Weir. The engine itself, and the libraries that the engine uses, are
those of the program that loads it: so there is one copy of each, and the program must be of the same build.
"""

def _linking_context(linker_inputs):
    return cc_common.create_linking_context(linker_inputs = depset(linker_inputs, order = "topological"))

def _whole_engine_impl(ctx):
    toolchain = ctx.attr._cc_toolchain[cc_common.CcToolchainInfo]
    features = cc_common.configure_features(ctx = ctx, cc_toolchain = toolchain)
    context = cc_common.merge_cc_infos(cc_infos = [dep[CcInfo] for dep in ctx.attr.deps]).linking_context
    inputs = []
    for given in context.linker_inputs.to_list():
        whole = []
        for library in given.libraries:
            if not library.pic_static_library and not library.static_library:
                whole.append(library)
                continue
            whole.append(cc_common.create_library_to_link(
                actions = ctx.actions,
                feature_configuration = features,
                cc_toolchain = toolchain,
                static_library = library.static_library,
                pic_static_library = library.pic_static_library,
                alwayslink = True,
            ))
        inputs.append(cc_common.create_linker_input(
            owner = given.owner,
            libraries = depset(whole),
            user_link_flags = depset(given.user_link_flags),
            additional_inputs = depset(given.additional_inputs),
        ))
    return [CcInfo(linking_context = _linking_context(inputs))]

# All of `deps` and of what they depend on, whether the program uses it or not: an artifact may.
whole_engine = rule(
    implementation = _whole_engine_impl,
    attrs = {
        "deps": attr.label_list(providers = [CcInfo]),
        "_cc_toolchain": attr.label(default = "@bazel_tools//tools/cpp:current_cc_toolchain"),
    },
    fragments = ["cpp"],
    toolchains = ["@bazel_tools//tools/cpp:toolchain_type"],
)

def _without_engine_impl(ctx):
    engine = {}
    for given in ctx.attr._engine[CcInfo].linking_context.linker_inputs.to_list():
        engine[str(given.owner)] = True
    inputs = []
    for given in ctx.attr.dep[CcInfo].linking_context.linker_inputs.to_list():
        # Libraries of the system are shared objects: naming one twice loads it once.
        libraries = [] if str(given.owner) in engine else given.libraries
        inputs.append(cc_common.create_linker_input(
            owner = given.owner,
            libraries = depset(libraries),
            user_link_flags = depset(given.user_link_flags),
            additional_inputs = depset(given.additional_inputs),
        ))
    return [CcInfo(
        compilation_context = ctx.attr.dep[CcInfo].compilation_context,
        linking_context = _linking_context(inputs),
    )]

# The headers of `dep`, and to link only what the engine has not.
_without_engine = rule(
    implementation = _without_engine_impl,
    attrs = {
        "dep": attr.label(providers = [CcInfo]),
        "_engine": attr.label(default = "//:weir", providers = [CcInfo]),
    },
    fragments = ["cpp"],
)

def _engine_build_id_impl(ctx):
    headers = depset(transitive = [dep[CcInfo].compilation_context.headers for dep in ctx.attr.deps]).to_list()

    # By the path in the source tree: folders of the build have the configuration in their names.
    paths = [path for _, path in sorted([(header.short_path, header.path) for header in headers])]
    names = ctx.actions.declare_file(ctx.label.name + ".headers")
    ctx.actions.write(names, "\n".join(paths) + "\n")
    ctx.actions.run_shell(
        inputs = headers + [names],
        outputs = [ctx.outputs.out],
        # The libraries of the system are no inputs: ./bazelw says in the environment which versions are installed.
        command = """set -e
id=$( (xargs sha256sum < "$1" | cut -c1-64; echo "${WEIR_SYSTEM_PACKAGES:-}") | sha256sum | cut -c1-32)
printf '#define WEIR_ENGINE_BUILD_ID "%s"\n' "$id" > "$2"
""",
        arguments = [names.path, ctx.outputs.out.path],
        use_default_shell_env = True,
        mnemonic = "WeirEngineBuildId",
    )

# A header that defines WEIR_ENGINE_BUILD_ID: another one whenever a header that `deps` give to their users is another one.
engine_build_id = rule(
    implementation = _engine_build_id_impl,
    attrs = {
        "deps": attr.label_list(providers = [CcInfo]),
        "out": attr.output(mandatory = True),
    },
)

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

def weir_artifact(name, srcs, deps = [], **kwargs):
    """lib<name>.so with the jobs in `srcs`, for `weir submit --artifact`."""
    parts = deps + [
        Label("//:weir"),
        Label("//:artifact_note"),
    ]
    for number, dep in enumerate(parts):
        _without_engine(
            name = "%s_part_%d" % (name, number),
            testonly = kwargs.get("testonly", False),
            dep = dep,
        )
    native.cc_binary(
        name = "lib" + name + ".so",
        srcs = srcs,
        # A function of the artifact is its own, even if the program has one of the same name.
        linkopts = ["-Wl,-Bsymbolic-functions"],
        linkshared = True,
        deps = ["%s_part_%d" % (name, number) for number in range(len(parts))],
        **kwargs
    )
    native.filegroup(
        name = name,
        testonly = kwargs.get("testonly", False),
        srcs = ["lib" + name + ".so"],
    )
