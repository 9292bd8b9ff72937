#include "cli/near_miss.h"

#include <vector>

#include "gtest/gtest.h"

namespace weir::cli {
namespace {

const std::vector<std::string> kJobs = {"package_activity", "word_count", "readme"};

TEST(EditDistance, CountsEdits) {
  EXPECT_EQ(EditDistance("", ""), 0);
  EXPECT_EQ(EditDistance("abc", ""), 3);
  EXPECT_EQ(EditDistance("input", "inptu"), 1);
  EXPECT_EQ(EditDistance("kitten", "sitting"), 3);
}

TEST(NearMiss, FindsTypos) {
  EXPECT_EQ(NearMiss("word_cuont", kJobs), "word_count");
  EXPECT_EQ(NearMiss("package-activity", kJobs), "package_activity");
  EXPECT_EQ(NearMiss("package", kJobs), "package_activity");
}

TEST(NearMiss, IsSilentOnStrangers) {
  EXPECT_EQ(NearMiss("nexmark", kJobs), "");
  EXPECT_EQ(NearMiss("", kJobs), "");
  EXPECT_EQ(NearMiss("x", {}), "");
}

TEST(DidYouMean, IsASentence) {
  EXPECT_EQ(DidYouMean("readmee", kJobs), " Did you mean readme?");
  EXPECT_EQ(DidYouMean("nexmark", kJobs), "");
}

}  // namespace
}  // namespace weir::cli
