#include "core/runtime/testing/harness.h"
#include "core/testing/verify_operator.h"
#include "gtest/gtest.h"
