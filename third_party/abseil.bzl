"""Abseil 20220623 under its upstream labels. There is no absl/log in this version.

Debian's build has its own absl::string_view and absl::optional, not std's: core/base/string_view.h converts.
"""

load(":system_library.bzl", "cc_library_text", "system_library")

_TARGETS = {
    "algorithm": ["algorithm", "container"],
    "base": ["base", "config", "core_headers", "dynamic_annotations", "endian", "log_severity", "prefetch"],
    "cleanup": ["cleanup"],
    "container": [
        "btree",
        "fixed_array",
        "flat_hash_map",
        "flat_hash_set",
        "inlined_vector",
        "node_hash_map",
        "node_hash_set",
    ],
    "debugging": ["failure_signal_handler", "leak_check", "stacktrace", "symbolize"],
    "flags": ["commandlineflag", "config", "flag", "marshalling", "parse", "reflection", "usage"],
    "functional": ["any_invocable", "bind_front", "function_ref"],
    "hash": ["hash", "hash_testing"],
    "memory": ["memory"],
    "meta": ["type_traits"],
    "numeric": ["bits", "int128"],
    "random": [
        "bit_gen_ref",
        "distributions",
        "mock_distributions",
        "mocking_bit_gen",
        "random",
        "seed_gen_exception",
        "seed_sequences",
    ],
    "status": ["status", "statusor"],
    "strings": ["cord", "cord_test_helpers", "str_format", "strings"],
    "synchronization": ["synchronization"],
    "time": ["time"],
    "types": ["any", "bad_any_cast", "bad_optional_access", "bad_variant_access", "compare", "optional", "span", "variant"],
    "utility": ["utility"],
}

# One library links them all. --as-needed drops what the program does not use; Bazel's toolchain turns it off first.
_ROOT = """
cc_library(name = "absl_all", linkopts = ["-Wl,--as-needed", {LINK_ALL}])
"""

def abseil():
    packages = {"": _ROOT}
    for package, names in _TARGETS.items():
        packages["absl/" + package] = "".join([cc_library_text(name, deps = ["//:absl_all"]) for name in names])
    system_library(
        name = "com_google_absl",
        debian_package = "libabsl-dev",
        headers = ["/usr/include/absl/status/statusor.h"],
        link_all = "libabsl_",
        packages = packages,
    )
