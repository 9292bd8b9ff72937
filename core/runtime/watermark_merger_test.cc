#include "core/runtime/watermark_merger.h"

#include <algorithm>
#include <vector>

#include "gtest/gtest.h"

namespace weir {
namespace {

Watermark At(int64_t seconds, bool idle = false) {
  return {.time = EventTime::FromSeconds(seconds), .idle = idle};
}

TEST(WatermarkMergerTest, SaysNothingBeforeEveryChannelHasSpoken) {
  WatermarkMerger merger(3);
  EXPECT_FALSE(merger.OnWatermark(0, At(10)).has_value());
  EXPECT_FALSE(merger.OnWatermark(2, At(30)).has_value());
  EXPECT_EQ(merger.OnWatermark(1, At(20)), At(10));
}

TEST(WatermarkMergerTest, FollowsTheSlowestChannel) {
  WatermarkMerger merger(2);
  merger.OnWatermark(0, At(10));
  EXPECT_EQ(merger.OnWatermark(1, At(5)), At(5));
  EXPECT_FALSE(merger.OnWatermark(0, At(50)).has_value());
  EXPECT_EQ(merger.OnWatermark(1, At(20)), At(20));
  EXPECT_FALSE(merger.OnWatermark(1, At(20)).has_value()) << "a repeated watermark changes nothing";
}

TEST(WatermarkMergerTest, IdleChannelsLeaveTheMinimum) {
  WatermarkMerger merger(2);
  EXPECT_FALSE(merger.OnWatermark(0, At(10)).has_value());
  EXPECT_EQ(merger.OnWatermark(1, {.time = EventTime::Min(), .idle = true}), At(10));
}

TEST(WatermarkMergerTest, AChannelThatWakesUpNeverMovesTheResultBack) {
  WatermarkMerger merger(2);
  merger.OnWatermark(0, At(10));
  merger.OnWatermark(1, At(3, true));
  ASSERT_EQ(merger.current(), At(10));
  EXPECT_FALSE(merger.OnWatermark(1, At(4)).has_value());
  EXPECT_FALSE(merger.OnWatermark(0, At(20)).has_value())
      << "the awake channel is at 4 and holds it";
  EXPECT_EQ(merger.OnWatermark(1, At(15)), At(15));
}

TEST(WatermarkMergerTest, IsIdleWhenAllAre) {
  WatermarkMerger merger(2);
  merger.OnWatermark(0, At(10));
  merger.OnWatermark(1, At(20));
  EXPECT_FALSE(merger.OnWatermark(1, At(20, true)).has_value());
  EXPECT_EQ(merger.OnWatermark(0, At(10, true)), At(20, true));
  EXPECT_EQ(merger.OnWatermark(0, At(25)), At(25));
}

TEST(WatermarkMergerTest, AnEndedChannelDoesNotHoldTheOthersBack) {
  WatermarkMerger merger(2);
  merger.OnWatermark(0, {.time = EventTime::Max(), .idle = false});
  EXPECT_EQ(merger.OnWatermark(1, At(7)), At(7));
  EXPECT_EQ(merger.OnWatermark(1, {.time = EventTime::Max(), .idle = false}),
            (Watermark{.time = EventTime::Max(), .idle = false}));
}

TEST(WatermarkMergerTest, AnEndedAndAnIdleChannelDoNotMakeAnEnd) {
  const Watermark end = {.time = EventTime::Max(), .idle = false};
  WatermarkMerger merger(2);
  EXPECT_FALSE(merger.OnWatermark(1, At(7)).has_value());
  EXPECT_EQ(merger.OnWatermark(0, end), At(7));
  EXPECT_EQ(merger.OnWatermark(1, At(7, true)), At(7, true)) << "rows may still come";
  EXPECT_EQ(merger.OnWatermark(1, At(9)), At(9));
  EXPECT_EQ(merger.OnWatermark(1, end), end);
}

TEST(WatermarkMergerTest, NeverGoesBackWhateverComes) {
  WatermarkMerger merger(4);
  uint64_t state = 1;
  EventTime last = EventTime::Min();
  std::vector<EventTime> times(4, EventTime::Min());
  for (int i = 0; i < 20000; ++i) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    const size_t channel = (state >> 60) & 3;
    times[channel] = std::max(times[channel],
                              EventTime::FromSeconds(static_cast<int64_t>((state >> 40) & 0xffff)));
    if (auto merged = merger.OnWatermark(
            channel, {.time = times[channel], .idle = ((state >> 33) & 7) == 0})) {
      EXPECT_GE(merged->time, last);
      last = merged->time;
    }
  }
}

}  // namespace
}  // namespace weir
