"""All libraries, each from a Debian package of tools/debian-packages.txt."""

load(":abseil.bzl", "abseil")
load(":protobuf.bzl", "protobuf")
load(":system_library.bzl", "cc_library_text", "system_library")

def _googletest():
    system_library(
        name = "com_google_googletest",
        debian_package = "libgtest-dev libgmock-dev",
        headers = ["/usr/include/gtest/gtest.h", "/usr/include/gmock/gmock.h"],
        packages = {"": cc_library_text("gtest", linkopts = ["-lgmock", "-lgtest", "-lpthread"]) +
                        cc_library_text("gtest_main", linkopts = ["-lgmock_main"], deps = [":gtest"])},
    )

def _benchmark():
    system_library(
        name = "com_github_google_benchmark",
        debian_package = "libbenchmark-dev",
        headers = ["/usr/include/benchmark/benchmark.h"],
        packages = {"": cc_library_text("benchmark", linkopts = ["-lbenchmark", "-lpthread"]) +
                        cc_library_text("benchmark_main", linkopts = ["-lbenchmark_main"], deps = [":benchmark"])},
    )

# gRPC is used through its generic API over bytes, so there is no protoc plugin here.
def _grpc():
    system_library(
        name = "com_github_grpc_grpc",
        debian_package = "libgrpc++-dev",
        headers = ["/usr/include/grpcpp/grpcpp.h"],
        packages = {"": cc_library_text("grpc++", linkopts = ["-lgrpc++", "-lgrpc", "-lgpr", "-lpthread"])},
    )

# Comes with libgrpc++-dev, which needs it.
def _openssl():
    system_library(
        name = "openssl",
        debian_package = "libssl-dev",
        headers = ["/usr/include/openssl/evp.h"],
        packages = {"": cc_library_text("crypto", linkopts = ["-lcrypto"])},
    )

# Libraries with a single target, called like the repository.
# name: (Debian package, header, linkopts, defines)
_SINGLE = {
    "cli11": ("libcli11-dev", "CLI/CLI.hpp", [], []),
    "fmt": ("libfmt-dev", "fmt/format.h", ["-lfmt"], []),
    "lz4": ("liblz4-dev", "lz4.h", ["-llz4"], []),
    "nlohmann_json": ("nlohmann-json3-dev", "nlohmann/json.hpp", [], []),
    "rapidcheck": ("librapidcheck-dev", "rapidcheck.h", ["-lrapidcheck"], []),
    # Debian's spdlog is a compiled library over the packaged fmt; its headers have to be told.
    "spdlog": (
        "libspdlog-dev",
        "spdlog/spdlog.h",
        ["-lspdlog", "-lfmt", "-lpthread"],
        ["SPDLOG_SHARED_LIB", "SPDLOG_COMPILED_LIB", "SPDLOG_FMT_EXTERNAL"],
    ),
    "xxhash": ("libxxhash-dev", "xxhash.h", ["-lxxhash"], []),
    "zlib": ("zlib1g-dev", "zlib.h", ["-lz"], []),
    "zstd": ("libzstd-dev", "zstd.h", ["-lzstd"], []),
}

def _single(name, debian_package, header, linkopts, defines):
    system_library(
        name = name,
        debian_package = debian_package,
        headers = ["/usr/include/" + header],
        packages = {"": cc_library_text(name, linkopts = linkopts, defines = defines)},
    )

def system_libraries():
    """Declares every library that the WORKSPACE has not declared before."""
    declare = {
        "com_google_absl": abseil,
        "com_google_protobuf": protobuf,
        "com_google_googletest": _googletest,
        "com_github_google_benchmark": _benchmark,
        "com_github_grpc_grpc": _grpc,
        "openssl": _openssl,
    }
    for name, function in declare.items():
        if name not in native.existing_rules():
            function()
    for name, library in _SINGLE.items():
        if name not in native.existing_rules():
            _single(name, *library)
