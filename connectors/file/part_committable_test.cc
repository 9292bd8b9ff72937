#include "connectors/file/part_committable.h"

#include <string>

#include "absl/status/status.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

PartCommittable Example() {
  return {".part-0-1.csv.inprogress-e1a2-00000000000000ff", "part-0-1.csv", 0x0102, 0x0304};
}

TEST(PartCommittableTest, ComesBackAsItWas) {
  const auto decoded = DecodePartCommittable(EncodePartCommittable(Example()));
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(*decoded, Example());
}

TEST(PartCommittableTest, IsStoredAsDocumented) {
  EXPECT_EQ(EncodePartCommittable(Example()),
            std::string("\x01\x2e\0\0\0.part-0-1.csv.inprogress-e1a2-00000000000000ff"
                        "\x0c\0\0\0part-0-1.csv\x02\x01\0\0\0\0\0\0\x04\x03\0\0\0\0\0\0",
                        1 + 4 + 46 + 4 + 12 + 16));
}

TEST(PartCommittableTest, DamageIsRefused) {
  const std::string good = EncodePartCommittable(Example());
  for (size_t size = 0; size < good.size(); ++size) {
    EXPECT_TRUE(absl::IsDataLoss(DecodePartCommittable(good.substr(0, size)).status())) << size;
  }
  EXPECT_TRUE(absl::IsDataLoss(DecodePartCommittable(good + "x").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(DecodePartCommittable("\x02" + good.substr(1)).status()));
  PartCommittable outside = Example();
  outside.visible = "../part-0-1.csv";
  EXPECT_TRUE(absl::IsDataLoss(DecodePartCommittable(EncodePartCommittable(outside)).status()));
  PartCommittable of_two_parts = Example();
  of_two_parts.visible = "part-0-2.csv";
  EXPECT_TRUE(
      absl::IsDataLoss(DecodePartCommittable(EncodePartCommittable(of_two_parts)).status()));
}

}  // namespace
}  // namespace weir
