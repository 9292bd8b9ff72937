#include "core/base/check.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

TEST(CheckTest, PassesWithoutEvaluatingTheMessage) {
  int evaluated = 0;
  WEIR_CHECK(true) << ++evaluated;
  WEIR_CHECK_EQ(1, 1) << ++evaluated;
  WEIR_CHECK_OK(absl::OkStatus()) << ++evaluated;
  EXPECT_EQ(evaluated, 0);
}

TEST(CheckTest, EvaluatesArgumentsOnce) {
  int a = 0;
  int b = 0;
  WEIR_CHECK_LT(a++, ++b);
  EXPECT_EQ(a, 1);
  EXPECT_EQ(b, 1);
}

TEST(CheckTest, ComparesIntegersByValue) {
  const std::vector<int> rows = {1, 2, 3};
  WEIR_CHECK_EQ(rows.size(), 3);
  WEIR_CHECK_LT(-1, rows.size());
  WEIR_CHECK_GT(uint64_t{1}, int64_t{-1});
  WEIR_CHECK_NE(-1, ~size_t{0});
}

TEST(CheckTest, AnElseBindsToTheIfAround) {
  bool reached = false;
  if (false)
    WEIR_CHECK_EQ(1, 2);
  else
    reached = true;
  EXPECT_TRUE(reached);
  if (false)
    WEIR_CHECK(false);
  else
    reached = false;
  EXPECT_FALSE(reached);
}

int AlwaysFails() {
  WEIR_CHECK(1 == 2) << "detail " << 42;
  return 0;
}

TEST(CheckDeathTest, PrintsPlaceConditionAndMessage) {
  EXPECT_DEATH(AlwaysFails(), "core/base/check_test.cc:[0-9]+: check failed: 1 == 2 detail 42");
}

enum class Color : uint8_t { kRed = 3 };

struct Printing {
  std::string ToString() const { return "Printing!"; }
  bool operator==(const Printing&) const { return false; }
};

struct Silent {
  bool operator==(const Silent&) const { return false; }
};

TEST(CheckDeathTest, PrintsBothValues) {
  const int two = 2;
  EXPECT_DEATH(WEIR_CHECK_EQ(1 + 2, two) << "sum", "1 \\+ 2 == two \\(3 vs. 2\\) sum");
  EXPECT_DEATH(WEIR_CHECK_NE(two, 2), "two != 2 \\(2 vs. 2\\)");
  EXPECT_DEATH(WEIR_CHECK_LT(two, 2), "two < 2 \\(2 vs. 2\\)");
  EXPECT_DEATH(WEIR_CHECK_LE(two, 1), "two <= 1 \\(2 vs. 1\\)");
  EXPECT_DEATH(WEIR_CHECK_GT(two, 2), "two > 2 \\(2 vs. 2\\)");
  EXPECT_DEATH(WEIR_CHECK_GE(two, 3), "two >= 3 \\(2 vs. 3\\)");
  EXPECT_DEATH(WEIR_CHECK_EQ(std::string("a"), "b"), "\\(a vs. b\\)");
  EXPECT_DEATH(WEIR_CHECK_EQ(true, false), "\\(true vs. false\\)");
  EXPECT_DEATH(WEIR_CHECK_NE(Color::kRed, Color::kRed), "\\(3 vs. 3\\)");
  EXPECT_DEATH(WEIR_CHECK_EQ(uint8_t{65}, uint8_t{66}), "\\(65 vs. 66\\)");
  EXPECT_DEATH(WEIR_CHECK_EQ(Printing(), Printing()), "\\(Printing! vs. Printing!\\)");
  EXPECT_DEATH(WEIR_CHECK_EQ(Silent(), Silent()), "\\(\\(unprintable\\) vs. \\(unprintable\\)\\)");
  const int* const null = nullptr;
  EXPECT_DEATH(WEIR_CHECK_NE(null, nullptr), "vs. nullptr");
}

TEST(CheckDeathTest, PrintsTheStatus) {
  const absl::StatusOr<int> lost = absl::DataLossError("page 7");
  EXPECT_DEATH(WEIR_CHECK_OK(lost) << "manifest", "lost is OK \\(DATA_LOSS: page 7\\) manifest");
  EXPECT_DEATH(WEIR_CHECK_OK(absl::AbortedError("fenced")), "ABORTED: fenced");
}

TEST(CheckDeathTest, DchecksFollowTheBuild) {
#ifdef NDEBUG
  int evaluated = 0;
  WEIR_DCHECK(++evaluated == 7);
  WEIR_DCHECK_EQ(++evaluated, 7) << "off";
  EXPECT_EQ(evaluated, 0);
#else
  EXPECT_DEATH(WEIR_DCHECK(1 == 2), "1 == 2");
  EXPECT_DEATH(WEIR_DCHECK_EQ(1, 2), "1 vs. 2");
#endif
}

}  // namespace
}  // namespace weir
