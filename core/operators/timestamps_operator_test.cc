#include "core/operators/timestamps_operator.h"

#include <memory>
#include <string>
#include <vector>

#include "core/testing/verify_operator.h"
#include "core/types/row_codec_for.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

using ::testing::ElementsAre;

struct Tick {
  int64_t second = 0;
};
constexpr auto kTime = [](const Tick& tick) { return EventTime::FromSeconds(tick.second); };
constexpr int64_t kIn2020 = 1'577'836'800;

OperatorMaker Timestamps() {
  return [] {
    return std::make_unique<TimestampsOperator<Tick>>(
        WatermarkStrategy<Tick>::ForBoundedOutOfOrderness(absl::Seconds(1))
            .WithTimestampAssigner(kTime));
  };
}

TEST(TimestampsOperatorTest, MakesItsOwnWatermarks) {
  TestSequence ticks;
  for (int64_t i = 0; i < 600; ++i) {
    ticks.Row(Tick{kIn2020 + i});
    if (i % 100 == 0) ticks.AddWatermark(EventTime::FromSeconds(5));
  }
  ticks.AddWatermark(EventTime::Min(), true).AddWatermark(EventTime::Max());
  auto output = VerifyOperator(Timestamps(), RowCodecFor<Tick>(), ticks);
  ASSERT_TRUE(output.ok()) << output.status();
  EXPECT_EQ((*output)[0], "{second=1577836800} @2020-01-01T00:00:00Z");
  std::erase_if(*output, [](const std::string& text) { return !text.starts_with("watermark"); });
  EXPECT_THAT(*output, ElementsAre("watermark 2020-01-01T00:04:13.999999Z",
                                   "watermark 2020-01-01T00:08:29.999999Z",
                                   "watermark 2020-01-01T00:08:29.999999Z idle", "watermark +inf"));
}

TEST(TimestampsOperatorTest, WithoutAssignerRowsKeepTheirTimes) {
  const auto maker = [] {
    return std::make_unique<TimestampsOperator<Tick>>(
        WatermarkStrategy<Tick>::ForMonotonousTimestamps());
  };
  TestSequence ticks;
  for (int64_t i = 0; i < 300; ++i) ticks.Row(Tick{i}, EventTime::FromSeconds(kIn2020 + 2 * i));
  const auto output = VerifyOperator(maker, RowCodecFor<Tick>(), ticks);
  ASSERT_TRUE(output.ok()) << output.status();
  EXPECT_EQ((*output)[256], "watermark 2020-01-01T00:08:29.999999Z");
}

}  // namespace
}  // namespace weir
