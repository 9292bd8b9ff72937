"""Who may include what. Read by architecture_test.py; kept as plain data, so that a change of it is a change of one line.

The same table for BUILD files is the package groups of the root BUILD.bazel; the test compares the two.
"""

# component: what it may include directly. It may also include what those may include, and itself.
# A component is a folder with all folders below it.
COMPONENTS = {
    "core/base": [],
    "core/proto": [],
    "core/env": [],  # The seam: interfaces only. It knows bytes and time, no stream elements.
    "core/types": [],
    "core/artifact": [],  # What a shared object with jobs says about itself.
    "core/graph": ["core/types"],  # What the user asked for; independent of how it runs.
    "state": ["core/types", "core/env"],
    "core/operators": ["state"],
    "core/runtime": ["core/graph", "core/operators"],
    "core/checkpoint": ["core/types", "core/env", "state"],
    "core/cluster": ["core/graph", "core/checkpoint", "core/runtime", "core/artifact"],
    "core/api": ["core/graph", "core/operators"],  # Writes a JobGraph; sees neither runtime nor cluster.
    "core/sql": ["core/api"],
    "connectors": ["core/operators"],
    "transport": ["core/env"],
}

# Under every component.
FOUNDATION = ["core/base", "core/proto"]

# May include everything; nothing else may include them. "" is the root folder.
ROOTS = ["", "sim", "cli", "fuzz", "tests", "docs"]

# Folders of headers that the build makes up, and the component that owns them.
VIRTUAL_FOLDERS = {"weir": ""}  # weir/weir.h, the one header of users

# Test support: may include everything, and any test may include it.
TESTING = "core/testing"

# Files that are test code: compiled into tests only.
TEST_CODE = ["*_test.cc", "*_test.h", "*_bench.cc", "*/testing/*", "tests/*", "fuzz/*"]

# Library: its headers. A name that ends in "/" stands for everything in that folder, `*` for any characters.
LIBRARIES = {
    "abseil": ["absl/"],
    "benchmark": ["benchmark/"],
    "cli11": ["CLI/"],
    "fmt": ["fmt/"],
    "googletest": ["gtest/", "gmock/"],
    "grpc": ["grpc/", "grpcpp/", "grpc++/"],
    "httplib": ["httplib.h"],
    "lz4": ["lz4*.h"],
    "mimalloc": ["mimalloc*.h"],
    "nlohmann_json": ["nlohmann/"],
    "openssl": ["openssl/"],
    "pq": ["libpq-fe.h", "postgresql/"],
    "prometheus": ["prometheus/"],
    "protobuf": ["google/protobuf/"],
    "rapidcheck": ["rapidcheck.h", "rapidcheck/"],
    "rdkafka": ["librdkafka/"],
    "rocksdb": ["rocksdb/"],
    "spdlog": ["spdlog/"],
    "xxhash": ["xxhash.h"],
    "zlib": ["zlib.h"],
    "zookeeper": ["zookeeper/"],
    "zstd": ["zstd*.h"],
    # The operating system: files, sockets, processes.
    "posix": [
        "arpa/", "dirent.h", "dlfcn.h", "errno.h", "execinfo.h", "fcntl.h", "ifaddrs.h", "linux/", "malloc.h", "net/", "netdb.h",
        "netinet/", "poll.h", "pthread.h", "pwd.h", "sched.h", "signal.h", "spawn.h", "sys/", "syslog.h", "termios.h",
        "time.h", "unistd.h", "csignal", "filesystem", "fstream", "ucontext.h",
    ],
    # Threads and what goes with them: only in the named files below.
    "threads": [
        "atomic", "barrier", "condition_variable", "future", "latch", "mutex", "semaphore", "shared_mutex",
        "stop_token", "thread",
    ],
    # Wall clocks and randomness of the standard library: core/env has the ones to use.
    "nondeterminism": ["chrono", "ctime", "random"],
    "coroutines": ["coroutine"],
    "std": [
        "algorithm", "any", "array", "bit", "bitset", "cassert", "cctype", "cerrno", "cfloat", "charconv", "cinttypes",
        "climits", "cmath", "compare", "complex", "concepts", "cstdarg", "cstddef", "cstdint", "cstdio", "cstdlib",
        "cstring", "deque", "exception", "forward_list", "functional", "initializer_list", "iomanip", "ios",
        "iosfwd", "iostream", "istream", "iterator", "limits", "list", "locale", "map", "memory", "memory_resource",
        "new", "numbers", "numeric", "optional", "ostream", "queue", "ranges", "ratio", "regex", "scoped_allocator",
        "set", "source_location", "span", "sstream", "stack", "stdexcept", "streambuf", "string", "string_view",
        "system_error", "tuple", "type_traits", "typeindex", "typeinfo", "unordered_map", "unordered_set", "utility",
        "valarray", "variant", "vector", "version", "stddef.h", "stdint.h", "immintrin.h", "x86intrin.h",
    ],
}

# Libraries that every component may use, and those that all test code may use in addition.
LIBRARIES_EVERYWHERE = ["abseil", "protobuf", "std"]
LIBRARIES_IN_TEST_CODE = ["benchmark", "googletest", "posix", "rapidcheck"]  # posix: golden and temporary files

# folder: libraries it may use in addition. The longest folder that holds the file counts, and no folder means none.
# Nothing in core reaches gRPC, RocksDB or a client library.
LIBRARIES_OF = {
    "core/base": ["openssl", "xxhash", "zlib"],  # SHA-256, the fixed hash, and CRC-32.
    "core/types": ["lz4"],  # Compressed frames.
    "core/testing": ["benchmark", "googletest", "rapidcheck"],
    "state": ["lz4", "xxhash", "zstd"],  # Compressed snapshots.
    "state/rocksdb": ["rocksdb", "threads", "posix"],
    "core/checkpoint": ["zstd"],
    "connectors/file": ["zlib", "zstd"],  # Compressed input files.
    "connectors/kafka": ["rdkafka", "threads"],
    "connectors/postgres": ["pq", "threads"],
    "transport": ["posix"],
    "transport/grpc": ["grpc", "posix"],
    "sim": ["fmt", "nlohmann_json", "posix", "xxhash"],  # posix: a seed per forked or executed process.
    "cli": ["cli11", "fmt", "httplib", "mimalloc", "nlohmann_json", "posix", "prometheus", "spdlog", "zookeeper"],
    "tests": ["fmt", "nlohmann_json", "posix"],
    "tests/grpc": ["grpc", "posix"],  # Plays the other side, and compares with bare gRPC.
    "docs": ["fmt"],
}

# Files that may use more than their component, and why. A test beside such a file may, too.
LIBRARIES_OF_FILES = [
    ("cli/env/*", ["threads", "nondeterminism"], "the production Env: executors, clocks, random seed"),
    ("cli/signals*", ["threads"], "signal handlers set an atomic flag"),
    ("core/env/testing/*", ["threads"], "the contract test watches the threads of whatever Env it is given"),
    (
        "core/testing/subtask_under_test*",
        ["threads"],
        "the test's thread waits for executors of whatever Env it is given",
    ),
    ("core/testing/crashing_env.h", ["threads"], "the test's thread stops the disk of whatever Env it is given"),
    ("core/runtime/frame_ring*", ["threads"], "the ring of frames between two worker threads"),
    ("transport/*", ["threads"], "connections are served by threads of their own"),
    ("tests/grpc/*", ["nondeterminism", "threads"], "the test's thread waits for executors, and plays a bad network"),
    ("tests/*_bench.cc", ["nondeterminism", "threads"], "benchmarks measure"),
    ("tests/bench/data_plane.cc", ["nondeterminism", "threads"], "a benchmark measures, and waits for jobs"),
    ("tests/bench/measured_cluster.cc", ["nondeterminism", "threads"], "a benchmark measures, and waits for jobs"),
    ("tests/cluster/*", ["nondeterminism", "threads"], "jobs run on several threads: tests count there, and wait for them"),
]
