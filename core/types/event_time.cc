#include "core/types/event_time.h"

#include <array>
#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace weir {
namespace {

constexpr int64_t kMicrosPerSecond = 1'000'000;
constexpr int64_t kSecondsPerDay = 86'400;
constexpr int kYearMin = 1;
constexpr int kYearMax = 9999;

// Days since 1970-01-01 of a date in the proleptic Gregorian calendar, and back.
// Source: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms".
constexpr int64_t DaysFromCivil(int64_t year, int64_t month, int64_t day) {
  year -= month <= 2 ? 1 : 0;
  const int64_t era = (year >= 0 ? year : year - 399) / 400;
  const int64_t year_of_era = year - era * 400;
  const int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + day_of_era - 719'468;
}

struct CivilDay {
  int64_t year;
  int month;
  int day;
};

constexpr CivilDay CivilFromDays(int64_t days) {
  days += 719'468;
  const int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
  const int64_t day_of_era = days - era * 146'097;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t shifted_month = (5 * day_of_year + 2) / 153;
  const int month = static_cast<int>(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month,
          static_cast<int>(day_of_year - (153 * shifted_month + 2) / 5 + 1)};
}

static_assert(DaysFromCivil(1970, 1, 1) == 0);
static_assert(DaysFromCivil(2000, 2, 29) == 11'016);

constexpr bool IsLeapYear(int year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

constexpr int DaysInMonth(int year, int month) {
  constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && IsLeapYear(year) ? 29 : kDays[static_cast<size_t>(month - 1)];
}

struct CivilFields {
  int year, month, day, hour, minute, second, microsecond;
};

// Null if all are in range, else what is not.
constexpr const char* FieldOutOfRange(const CivilFields& f) {
  if (f.year < kYearMin || f.year > kYearMax) return "year";
  if (f.month < 1 || f.month > 12) return "month";
  if (f.day < 1 || f.day > DaysInMonth(f.year, f.month)) return "day";
  if (f.hour < 0 || f.hour > 23) return "hour";
  if (f.minute < 0 || f.minute > 59) return "minute";
  if (f.second < 0 || f.second > 60) return "second";
  if (f.microsecond < 0 || f.microsecond >= kMicrosPerSecond) return "microsecond";
  return nullptr;
}

constexpr EventTime FromFields(const CivilFields& f) {
  const int64_t days = DaysFromCivil(f.year, f.month, f.day);
  const int64_t seconds = days * kSecondsPerDay + f.hour * 3600 + f.minute * 60 + f.second;
  return EventTime::FromMicros(seconds * kMicrosPerSecond + f.microsecond);
}

absl::Status OutOfRange(const char* field, const CivilFields& f) {
  return absl::InvalidArgumentError(
      absl::StrFormat("%s out of range in %04d-%02d-%02d %02d:%02d:%02d.%06d", field, f.year,
                      f.month, f.day, f.hour, f.minute, f.second, f.microsecond));
}

// At most this much of a bad text is repeated in a message.
constexpr size_t kQuotedBytesMax = 64;

absl::Status NotATime(std::string_view text) {
  return absl::InvalidArgumentError(
      absl::StrFormat("\"%s\"%s is not a time like 2026-09-22 04:52:01 or 2026-09-22T04:52:01.5Z",
                      text.substr(0, kQuotedBytesMax), text.size() > kQuotedBytesMax ? "..." : ""));
}

// Two digits at `at`; anything else sets `bad` to more than 9.
inline int TwoDigits(const char* at, unsigned& bad) {
  const unsigned tens = static_cast<unsigned char>(at[0]) - '0';
  const unsigned ones = static_cast<unsigned char>(at[1]) - '0';
  bad |= tens > 9 || ones > 9 ? 1u : 0u;
  return static_cast<int>(tens * 10 + ones);
}

// "YYYY-MM-DD?hh:mm:ss" in exactly 19 bytes. False unless it is that.
inline bool ParseDateAndTime(const char* text, CivilFields& f) {
  unsigned bad = 0;
  f.year = TwoDigits(text, bad) * 100 + TwoDigits(text + 2, bad);
  f.month = TwoDigits(text + 5, bad);
  f.day = TwoDigits(text + 8, bad);
  f.hour = TwoDigits(text + 11, bad);
  f.minute = TwoDigits(text + 14, bad);
  f.second = TwoDigits(text + 17, bad);
  return bad == 0 && text[4] == '-' && text[7] == '-' && (text[10] == ' ' || text[10] == 'T') &&
         text[13] == ':' && text[16] == ':';
}

// What may follow the seconds: ".f" to ".ffffff", then "Z", both optional.
bool ParseTail(std::string_view tail, int& microsecond) {
  microsecond = 0;
  if (!tail.empty() && tail.front() == '.') {
    tail.remove_prefix(1);
    int unit = 100'000;
    size_t digits = 0;
    while (digits < tail.size() && tail[digits] >= '0' && tail[digits] <= '9') {
      if (digits == 6) return false;
      microsecond += (tail[digits] - '0') * unit;
      unit /= 10;
      ++digits;
    }
    if (digits == 0) return false;
    tail.remove_prefix(digits);
  }
  return tail.empty() || tail == "Z";
}

// Microseconds of a finite duration, and how to saturate. Rounds toward zero.
int64_t SaturatingAdd(int64_t micros, int64_t delta) {
  int64_t sum;
  if (!__builtin_add_overflow(micros, delta, &sum)) return sum;
  return delta > 0 ? std::numeric_limits<int64_t>::max() : std::numeric_limits<int64_t>::min();
}

}  // namespace

EventTime EventTime::Plus(absl::Duration duration) const {
  // Infinite and very long durations come back as the largest or smallest int64.
  return EventTime(SaturatingAdd(micros_, absl::ToInt64Microseconds(duration)));
}

EventTime EventTime::Minus(absl::Duration duration) const {
  return EventTime(SaturatingAdd(micros_, absl::ToInt64Microseconds(-duration)));
}

std::string EventTime::ToString() const {
  if (*this == Min()) return "-inf";
  if (*this == Max()) return "+inf";
  int64_t seconds = micros_ / kMicrosPerSecond;
  int64_t microsecond = micros_ % kMicrosPerSecond;
  if (microsecond < 0) {
    microsecond += kMicrosPerSecond;
    --seconds;
  }
  int64_t days = seconds / kSecondsPerDay;
  int64_t second_of_day = seconds % kSecondsPerDay;
  if (second_of_day < 0) {
    second_of_day += kSecondsPerDay;
    --days;
  }
  const CivilDay day = CivilFromDays(days);
  std::string text =
      absl::StrFormat("%04d-%02d-%02dT%02d:%02d:%02d", day.year, day.month, day.day,
                      second_of_day / 3600, second_of_day / 60 % 60, second_of_day % 60);
  if (microsecond != 0) absl::StrAppendFormat(&text, ".%06d", microsecond);
  text.push_back('Z');
  return text;
}

absl::StatusOr<EventTime> EventTimeFromUtc(int year, int month, int day, int hour, int minute,
                                           int second, int microsecond) {
  const CivilFields fields = {year, month, day, hour, minute, second, microsecond};
  if (const char* field = FieldOutOfRange(fields)) return OutOfRange(field, fields);
  return FromFields(fields);
}

absl::StatusOr<EventTime> ParseEventTimeUtc(std::string_view text) {
  constexpr size_t kDateAndTimeBytes = 19;
  CivilFields fields;
  if (text.size() < kDateAndTimeBytes || !ParseDateAndTime(text.data(), fields) ||
      !ParseTail(text.substr(kDateAndTimeBytes), fields.microsecond)) [[unlikely]] {
    return NotATime(text);
  }
  if (const char* field = FieldOutOfRange(fields)) [[unlikely]]
    return OutOfRange(field, fields);
  return FromFields(fields);
}

}  // namespace weir
