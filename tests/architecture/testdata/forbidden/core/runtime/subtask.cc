#include "core/testing/verify_operator.h"  // want: sees:core/runtime
#include "core/runtime/testing/harness.h"  // want: test-code
#include "core/runtime/subtask_test.h"     // want: test-code
#include "gtest/gtest.h"                   // want: library:googletest
#include <benchmark/benchmark.h>           // want: library:benchmark
#include <rapidcheck.h>                    // want: library:rapidcheck
