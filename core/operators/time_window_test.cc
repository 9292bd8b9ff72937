#include "core/operators/time_window.h"

#include "gtest/gtest.h"

namespace weir {
namespace {

EventTime Second(int64_t s) { return EventTime::FromSeconds(s); }

TEST(TumblingEventTimeWindowsTest, EveryTimeIsInOneWindow) {
  const auto windows = TumblingEventTimeWindows::Of(absl::Seconds(10));
  EXPECT_EQ(windows.WindowOf(Second(0)), (TimeWindow{Second(0), Second(10)}));
  EXPECT_EQ(windows.WindowOf(EventTime::FromMicros(9'999'999)),
            (TimeWindow{Second(0), Second(10)}));
  EXPECT_EQ(windows.WindowOf(Second(10)), (TimeWindow{Second(10), Second(20)}));
  EXPECT_EQ(windows.WindowOf(EventTime::FromMicros(-1)), (TimeWindow{Second(-10), Second(0)}));
  EXPECT_EQ(windows.WindowOf(Second(-10)), (TimeWindow{Second(-10), Second(0)}));
}

TEST(TumblingEventTimeWindowsTest, OffsetMovesTheBorders) {
  const auto days = TumblingEventTimeWindows::Of(absl::Hours(24), absl::Hours(-8));
  // Midnight in UTC+8 is 16:00 UTC.
  EXPECT_EQ(days.WindowOf(Second(0)).start, Second(-8 * 3600));
  EXPECT_EQ(days.WindowOf(Second(16 * 3600)).start, Second(16 * 3600));
}

TEST(TumblingEventTimeWindowsTest, WindowsAtTheEndsOfTimeAreCut) {
  const auto windows = TumblingEventTimeWindows::Of(absl::Hours(1));
  EXPECT_EQ(windows.WindowOf(EventTime::Min()).start, EventTime::Min());
  EXPECT_EQ(windows.WindowOf(EventTime::Max()).end, EventTime::Max());
}

TEST(TumblingEventTimeWindowsTest, RefusesWhatMakesNoWindows) {
  EXPECT_FALSE(TumblingEventTimeWindows::Of(absl::ZeroDuration()).Validate().ok());
  EXPECT_FALSE(TumblingEventTimeWindows::Of(absl::Nanoseconds(1500)).Validate().ok());
  EXPECT_FALSE(TumblingEventTimeWindows::Of(absl::InfiniteDuration()).Validate().ok());
  EXPECT_FALSE(TumblingEventTimeWindows::Of(absl::Hours(1), absl::Hours(1)).Validate().ok());
  EXPECT_TRUE(TumblingEventTimeWindows::Of(absl::Hours(24), absl::Hours(-8)).Validate().ok());
}

}  // namespace
}  // namespace weir
