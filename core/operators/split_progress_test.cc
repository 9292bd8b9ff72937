#include "core/operators/split_progress.h"

#include <string>

#include "absl/status/status.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

SplitProgress Example() { return {SourcePosition{3, 0x102030405}, EventTime::FromMicros(-2), 255}; }

TEST(SplitProgressTest, ComesBackAsItWas) {
  for (const SplitProgress& progress : {Example(), SplitProgress()}) {
    const auto decoded = DecodeSplitProgress(EncodeSplitProgress(progress));
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_EQ(*decoded, progress);
  }
}

TEST(SplitProgressTest, IsStoredAsDocumented) {
  EXPECT_EQ(EncodeSplitProgress(Example()),
            std::string("\x01\x01\x03\0\0\0\x05\x04\x03\x02\x01\0\0\0"
                        "\xfe\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0",
                        26));
}

TEST(SplitProgressTest, DamageIsRefused) {
  const std::string good = EncodeSplitProgress(Example());
  for (size_t size = 0; size < good.size(); ++size) {
    EXPECT_TRUE(absl::IsDataLoss(DecodeSplitProgress(good.substr(0, size)).status())) << size;
  }
  EXPECT_TRUE(absl::IsDataLoss(DecodeSplitProgress(good + "x").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(DecodeSplitProgress("\x02" + good.substr(1)).status()));
  std::string next_that_is_absent = good;
  next_that_is_absent[1] = 0;
  EXPECT_TRUE(absl::IsDataLoss(DecodeSplitProgress(next_that_is_absent).status()));
}

}  // namespace
}  // namespace weir
