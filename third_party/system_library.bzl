"""A repository whose targets are libraries that are installed on the machine.

The compiler finds their headers in /usr/include and the linker their files in /usr/lib, so a target is little more
than its linkopts. Headers are not inputs of any action: ./bazelw puts the installed versions into the environment
of all actions instead.
"""

_LIBRARY_FOLDERS = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib"]

def _find_libraries(rctx, prefix):
    """Returns the -l names of all shared libraries whose file name starts with prefix."""
    for folder in _LIBRARY_FOLDERS:
        path = rctx.path(folder)
        if not path.exists:
            continue
        names = [entry.basename for entry in path.readdir()]
        found = [
            name[len("lib"):-len(".so")]
            for name in names
            if name.startswith(prefix) and name.endswith(".so")
        ]
        if found:
            return sorted(found)
    fail("@%s: no %s*.so under %s" % (rctx.name, prefix, _LIBRARY_FOLDERS))

def _system_library_impl(rctx):
    for header in rctx.attr.headers:
        if not rctx.path(header).exists:
            fail("@%s: %s is missing. Use ./bazelw, or: apt-get install --no-install-recommends %s" %
                 (rctx.name, header, rctx.attr.debian_package))
    libraries = ""
    if rctx.attr.link_all:
        libraries = ", ".join(['"-l%s"' % name for name in _find_libraries(rctx, rctx.attr.link_all)])
    for link, target in rctx.attr.symlinks.items():
        rctx.symlink(target, link)
    for path, text in rctx.attr.files.items():
        rctx.file(path, text, executable = path.endswith(".sh"))
    rctx.file("WORKSPACE", "workspace(name = \"%s\")\n" % rctx.name)
    for package, text in rctx.attr.packages.items():
        path = package + "/BUILD.bazel" if package else "BUILD.bazel"
        rctx.file(path, "package(default_visibility = [\"//visibility:public\"])\n\n" +
                        text.replace("{LINK_ALL}", libraries))

system_library = repository_rule(
    implementation = _system_library_impl,
    attrs = {
        "debian_package": attr.string(doc = "Named when a header is missing."),
        "files": attr.string_dict(doc = "Path in the repository -> text. Paths that end with .sh are executable."),
        "headers": attr.string_list(doc = "Files that must exist."),
        "link_all": attr.string(doc = "Prefix of shared libraries; {LINK_ALL} in packages becomes their linkopts."),
        "packages": attr.string_dict(doc = "Package -> text of its BUILD file, all public."),
        "symlinks": attr.string_dict(doc = "Path in the repository -> absolute path."),
    },
    environ = ["WEIR_SYSTEM_PACKAGES"],  # Looked at again after an upgrade.
    local = True,
)

def cc_library_text(name, linkopts = [], deps = [], defines = []):
    """Returns the BUILD text of a library that needs no more than this."""
    return "cc_library(name = %r, linkopts = %r, deps = %r, defines = %r)\n" % (name, linkopts, deps, defines)
