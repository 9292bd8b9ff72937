"""What our code may not say, and what to say instead. Read by tidy_test.py; plain data.

Patterns are searched in code without comments and without the contents of literals. Rules that need more than a pattern
are functions of tidy_test.py; here they have a reason, a scope and exceptions like the others.
"""

import re

# Where everything must be deterministic: no clock, thread, lock, random source or unordered iteration of its own.
DETERMINISTIC = ["core/", "state/", "connectors/", "sim/"]
EVERYWHERE = ["core/", "state/", "connectors/", "sim/", "transport/", "cli/", "fuzz/", "tests/", "docs/"]

# name: (scope, pattern, instead)
PATTERNS = {
    "thread": (
        [*DETERMINISTIC, "transport/"],
        r"\bstd::j?thread\b|\bpthread_\w+|\bstd::this_thread\b",
        "post to a core/env Executor",
    ),
    "sleep": (
        [*DETERMINISTIC, "transport/"],
        r"\bsleep_(for|until)\b|\babsl::SleepFor\b|\b(u|nano)?sleep\s*\(",
        "Executor::PostAfter",
    ),
    "now": (DETERMINISTIC, r"\babsl::(Now|GetCurrentTimeNanos)\s*\(", "Clock of core/env"),
    "clock": (
        DETERMINISTIC,
        r"\b(system|steady|high_resolution|utc|file)_clock\b|\b(clock_gettime|gettimeofday|__rdtsc)\b"
        r"|\b(std::|::)(time|clock)\s*\(|(?<![\w.>:])time\s*\(\s*(nullptr|NULL|0|&)",
        "Clock of core/env",
    ),
    "bit-gen": (DETERMINISTIC, r"\babsl::(Insecure)?BitGen(Ref)?\b|\babsl::MakeSeedSeq\b", "Random of core/env"),
    "distribution": (
        DETERMINISTIC,
        r"\bstd::\w+_distribution\b|\bstd::(shuffle|sample|generate_canonical)\b",
        "Random of core/env: those of the standard library differ between implementations",
    ),
    "random-device": (
        DETERMINISTIC,
        r"\brandom_device\b|\bget(random|entropy)\b|\bs?rand\s*\(|\bsrandom\b|\b[dlm]rand48\b",
        "Random of core/env",
    ),
    "random-engine": (
        DETERMINISTIC,
        r"\bmt19937(_64)?\b|\bminstd_rand0?\b|\bdefault_random_engine\b|\branlux\w+|\bknuth_b\b|\b\w+_engine\s*<",
        "Random of core/env: a draw is addressed, not next in a sequence",
    ),
    "local-time": (
        DETERMINISTIC,
        r"\blocaltime(_r)?\b|\bmktime\b|\btzset\b|\bLocalTimeZone\b|\bLoadTimeZone\b",
        "UTC, or an offset that the job states",
    ),
    "environment": (DETERMINISTIC, r"\b(secure_)?getenv\b|\bsetenv\b", "an option, passed by constructor"),
    "hash": (
        DETERMINISTIC,
        r"\bstd::hash\b|\babsl::(Hash|HashOf|HashState)\b|\bAbslHashValue\b|\bhash_code\s*\(",
        "core/base/hash.h: fixed, versioned, part of the checkpoint format",
    ),
    "hash-container": (
        DETERMINISTIC,
        r"\bstd::unordered_(multi)?(map|set)\b|\babsl::(flat|node)_hash_(map|set)\b",
        "an ordered container, or the insertion-ordered map of core/base: iteration order must not depend on the build",
    ),
    "mutex": (
        [*DETERMINISTIC],
        r"\bstd::\w*mutex\b|\bstd::(lock_guard|unique_lock|scoped_lock|shared_lock|call_once|once_flag)\b"
        r"|\bstd::condition_variable\w*|\bstd::atomic\w*|\bstd::(future|promise|async|packaged_task|shared_future)\b"
        r"|\bstd::(latch|barrier|binary_semaphore|counting_semaphore|stop_token|stop_source)\b|\bvolatile\b",
        "messages between Executors; what really crosses threads lives in a file named here",
    ),
    "absl-mutex": (
        EVERYWHERE,
        r"\babsl::(Mutex|\w*MutexLock\w*|CondVar|Notification|BlockingCounter|Barrier|call_once|once_flag)\b",
        "std::mutex, where a mutex is allowed at all: Debian's Abseil is not built for TSan, which sees false races",
    ),
    "coroutine": (EVERYWHERE, r"\bco_(await|return|yield)\b", "an explicit state machine"),
    "typeid": (DETERMINISTIC, r"\btypeid\b|\bstd::type_(info|index)\b", "an explicit name or enum: typeid differs between compilers"),
    "output": (
        DETERMINISTIC,
        r"\bstd::(cout|cerr|clog)\b|(?<![\w.>])(v?f?printf|f?puts|putchar)\s*\(",
        "return it, or send it through the Env",
    ),
    "thread-local": (EVERYWHERE, r"\bthread_local\b", "a member, passed by constructor"),
}

# name: (scope, reason and replacement); the functions are in tidy_test.py.
CHECKS = {
    "mutable-static": (DETERMINISTIC, "state that no constructor passes: make it a member, or constexpr, or const"),
    "pointer-key": (DETERMINISTIC, "ordered by address, which differs between runs: use an id as the key"),
    "two-draws": (
        DETERMINISTIC,
        "more than one draw or post in one full expression: compilers evaluate arguments in opposite orders; name each first",
    ),
    "proto-map": (EVERYWHERE, "map<> has no order of its bytes: use a repeated message with a key field"),
    "file-name": ([""], "utils, helpers, common and misc say nothing: name the concept"),
    "foreign-path": ([""], "the repository stands alone: it names no path outside itself"),
}

# Calls of which a full expression holds at most one: Random and Executor of core/env.
DRAWS_AND_POSTS = ["Draw", "Uniform", "UniformInclusive", "Chance", "Exponential", "Post", "PostAfter"]

FILE_NAMES = re.compile(r"(^|_)(utils?|helpers?|common|misc)$")

# Written so that this line does not name one.
FOREIGN_PATHS = re.compile(r"(?<![\w.~-])/wor[k]/|\.\./share[d]")

# (rules, files, why they may)
EXCEPTIONS = [
    (["hash"], ["core/base/strong_id_test.cc"], "asserts that ids have no std::hash"),
    (["mutex"], ["core/env/testing/*"], "the contract test watches the threads of whatever Env it is given"),
    (["mutex"], ["core/testing/subtask_under_test*"], "the test's thread waits for executors of whatever Env it is given"),
    (["mutex"], ["core/testing/crashing_env.h"], "the test's thread stops the disk of executors of whatever Env it is given"),
    (["mutex"], ["core/runtime/frame_ring*"], "the ring of frames between two worker threads"),
    (["mutex", "thread"], ["state/rocksdb/*"], "RocksDB calls back on threads of its own"),
    (["mutex", "thread"], ["connectors/kafka/*", "connectors/postgres/*"], "the threads for blocking client calls"),
    (["thread"], ["transport/*_test.cc", "transport/*/connection_threads*"], "a thread per connection"),
    (["two-draws"], ["core/env/testing/random_contract.cc", "*random_test.cc"], "compares the draws of separate sources"),
    (["thread-local"], ["cli/env/thread_executor.cc"], "which executor's closure the calling thread runs"),
    (["mutable-static"], ["core/api/job_registry.cc"], "the registry behind WEIR_JOB fills before main"),
]
