#include "core/types/event_time.h"

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "core/testing/property.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

EventTime Parse(std::string_view text) { return ParseEventTimeUtc(text).value(); }

TEST(EventTimeTest, PrintsIso8601) {
  EXPECT_EQ(EventTime::FromMicros(0).ToString(), "1970-01-01T00:00:00Z");
  EXPECT_EQ(EventTime::FromMicros(-1).ToString(), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(EventTime::FromMicros(1'000'010).ToString(), "1970-01-01T00:00:01.000010Z");
  EXPECT_EQ(EventTime::Min().ToString(), "-inf");
  EXPECT_EQ(EventTime::Max().ToString(), "+inf");
  EXPECT_EQ(EventTime().ToString(), "-inf");
  EXPECT_EQ(EventTimeFromUtc(2024, 2, 29, 23, 59, 59, 5)->ToString(),
            "2024-02-29T23:59:59.000005Z");
}

TEST(EventTimeTest, ParsesTheFormsItSaysAndNoOther) {
  const EventTime expected = EventTimeFromUtc(2026, 9, 22, 4, 52, 1).value();
  for (const char* text : {"2026-09-22 04:52:01", "2026-09-22T04:52:01", "2026-09-22 04:52:01Z",
                           "2026-09-22T04:52:01.0Z", "2026-09-22T04:52:01.000000"}) {
    EXPECT_EQ(Parse(text), expected) << text;
  }
  EXPECT_EQ(Parse("1970-01-01 00:00:00.25").micros(), 250'000);
  EXPECT_EQ(Parse("1970-01-01 00:00:00.000001Z").micros(), 1);
  EXPECT_EQ(Parse("0001-01-01 00:00:00").ToString(), "0001-01-01T00:00:00Z");
  EXPECT_EQ(Parse("9999-12-31 23:59:59").ToString(), "9999-12-31T23:59:59Z");
  for (const char* text :
       {"", "2026-09-22", "2026-09-22 04:52", "2026-09-22 04:52:01.", "2026-09-22 04:52:01.1234567",
        "2026-09-22 04:52:01z", "2026-09-22 04:52:01ZZ", "2026-09-22 04:52:01 ",
        "2026-09-22 04:52:01+00:00", " 2026-09-22 04:52:01", "2026-9-22 04:52:01 ",
        "2026/09/22 04:52:01", "2026-09-22_04:52:01", "2026-09-22 04.52.01", "-026-09-22 04:52:01",
        "2026-09-22 04:52:0x", "2026-0\xb1-22 04:52:01"}) {
    EXPECT_EQ(ParseEventTimeUtc(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

TEST(EventTimeTest, NamesTheFieldThatIsOutOfRange) {
  const auto message = [](std::string_view text) {
    return std::string(ParseEventTimeUtc(text).status().message());
  };
  EXPECT_EQ(message("2026-13-01 00:00:00"), "month out of range in 2026-13-01 00:00:00.000000");
  EXPECT_EQ(message("2026-02-29 00:00:00"), "day out of range in 2026-02-29 00:00:00.000000");
  EXPECT_EQ(message("1900-02-29 00:00:00"), "day out of range in 1900-02-29 00:00:00.000000");
  EXPECT_EQ(message("2026-01-01 24:00:00"), "hour out of range in 2026-01-01 24:00:00.000000");
  EXPECT_EQ(message("2026-01-01 00:60:00"), "minute out of range in 2026-01-01 00:60:00.000000");
  EXPECT_EQ(message("2026-01-01 00:00:61"), "second out of range in 2026-01-01 00:00:61.000000");
  EXPECT_EQ(message("0000-01-01 00:00:00"), "year out of range in 0000-01-01 00:00:00.000000");
  EXPECT_TRUE(ParseEventTimeUtc("2000-02-29 00:00:00").ok());
  EXPECT_FALSE(EventTimeFromUtc(2026, 1, 1, 0, 0, 0, 1'000'000).ok());
  EXPECT_FALSE(EventTimeFromUtc(2026, 0, 1, 0, 0, 0).ok());
  EXPECT_FALSE(EventTimeFromUtc(2026, 1, -1, 0, 0, 0).ok());
}

TEST(EventTimeTest, LeapSecondsAreTheNextSecond) {
  EXPECT_EQ(Parse("2016-12-31 23:59:60"), Parse("2017-01-01 00:00:00"));
}

TEST(EventTimeTest, ArithmeticSaturates) {
  const EventTime zero = EventTime::FromMicros(0);
  EXPECT_EQ(zero.Plus(absl::Seconds(1)).micros(), 1'000'000);
  EXPECT_EQ(zero.Minus(absl::Seconds(1)).micros(), -1'000'000);
  EXPECT_EQ(EventTime::Max().Plus(absl::Microseconds(1)), EventTime::Max());
  EXPECT_EQ(EventTime::Min().Minus(absl::Microseconds(1)), EventTime::Min());
  EXPECT_EQ(zero.Plus(absl::InfiniteDuration()), EventTime::Max());
  EXPECT_EQ(zero.Minus(absl::InfiniteDuration()), EventTime::Min());
  EXPECT_EQ(zero.Plus(-absl::InfiniteDuration()), EventTime::Min());
  EXPECT_EQ(EventTime::Max().Minus(absl::Microseconds(1)).micros(),
            std::numeric_limits<int64_t>::max() - 1);
}

TEST(EventTimeTest, EveryDayFrom1890To2110AgreesWithAbseil) {
  for (absl::CivilDay day(1890, 1, 1); day < absl::CivilDay(2110, 1, 1); ++day) {
    const int year = static_cast<int>(day.year());
    const EventTime time = EventTimeFromUtc(year, day.month(), day.day(), 1, 2, 3).value();
    const absl::Time expected = absl::FromCivil(
        absl::CivilSecond(year, day.month(), day.day(), 1, 2, 3), absl::UTCTimeZone());
    ASSERT_EQ(time.micros(), absl::ToUnixMicros(expected)) << time;
  }
}

WEIR_PROPERTY(EventTimeTest, TextReadsBack) {
  // Years 1 to 9999.
  const auto micros = *rc::gen::inRange<int64_t>(-62'135'596'800'000'000, 253'402'300'800'000'000);
  const EventTime time = EventTime::FromMicros(micros);
  const absl::StatusOr<EventTime> parsed = ParseEventTimeUtc(time.ToString());
  RC_ASSERT(parsed.ok());
  RC_ASSERT(*parsed == time);
}

}  // namespace
}  // namespace weir
