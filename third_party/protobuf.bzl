"""Protobuf 3.21 under the labels that the native proto_library and cc_proto_library of Bazel 4 look for.

No flags are needed: @com_google_protobuf//:protoc and :cc_toolchain are their defaults.
"""

load(":system_library.bzl", "system_library")

# Well-known types, with what they import.
_WELL_KNOWN = {
    "any": [],
    "api": ["source_context", "type"],
    "descriptor": [],
    "duration": [],
    "empty": [],
    "field_mask": [],
    "source_context": [],
    "struct": [],
    "timestamp": [],
    "type": ["any", "source_context"],
    "wrappers": [],
}

_BUILD = """
sh_binary(name = "protoc", srcs = ["protoc.sh"])

cc_library(name = "protobuf", linkopts = ["-lprotobuf", "-lpthread"])

cc_library(name = "protobuf_lite", linkopts = ["-lprotobuf-lite", "-lpthread"])

proto_lang_toolchain(
    name = "cc_toolchain",
    blacklisted_protos = [%s],
    command_line = "--cpp_out=$(OUT)",
    runtime = ":protobuf",
)
"""

_PROTO = """
proto_library(name = "%s_proto", srcs = ["google/protobuf/%s.proto"], deps = [%s])
"""

def _labels(names):
    return ", ".join(['":%s_proto"' % name for name in names])

def protobuf():
    text = _BUILD % _labels(_WELL_KNOWN.keys())
    for name, deps in _WELL_KNOWN.items():
        text += _PROTO % (name, name, _labels(deps))
    protos = ["google/protobuf/%s.proto" % name for name in _WELL_KNOWN]
    system_library(
        name = "com_google_protobuf",
        debian_package = "libprotobuf-dev protobuf-compiler",
        files = {"protoc.sh": "#!/bin/sh\nexec /usr/bin/protoc \"$@\"\n"},
        headers = ["/usr/include/google/protobuf/message.h", "/usr/bin/protoc"],
        packages = {"": text},
        symlinks = {proto: "/usr/include/" + proto for proto in protos},
    )
