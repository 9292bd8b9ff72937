"""Stands in for the upstream file of this name: the rules are the native ones of Bazel 4."""

proto_lang_toolchain = native.proto_lang_toolchain
proto_library = native.proto_library

# The provider is a global in Bazel 4; loading it by name must work, too.
ProtoInfo = ProtoInfo
