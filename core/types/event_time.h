// EventTime: when something happened, in int64 microseconds since the Unix epoch, UTC. It comes from the data and has
// nothing to do with any clock of ours; there is deliberately no conversion from Clock. Pure.
#ifndef WEIR_CORE_TYPES_EVENT_TIME_H_
#define WEIR_CORE_TYPES_EVENT_TIME_H_

#include <compare>
#include <cstdint>
#include <limits>
#include <ostream>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace weir {

class EventTime {
 public:
  constexpr EventTime() = default;
  static constexpr EventTime FromMicros(int64_t micros) { return EventTime(micros); }
  static constexpr EventTime FromSeconds(int64_t seconds) { return EventTime(seconds * 1'000'000); }
  // "No event time": the smallest value. As a watermark it says nothing yet.
  static constexpr EventTime Min() { return EventTime(std::numeric_limits<int64_t>::min()); }
  // As a watermark: nothing follows.
  static constexpr EventTime Max() { return EventTime(std::numeric_limits<int64_t>::max()); }

  constexpr int64_t micros() const { return micros_; }

  // Saturates at Min() and Max().
  EventTime Plus(absl::Duration duration) const;
  EventTime Minus(absl::Duration duration) const;

  friend constexpr auto operator<=>(EventTime, EventTime) = default;

  // ISO 8601 in UTC: "2026-09-22T04:52:01Z", with ".ffffff" only if the fraction is not zero; "-inf" and "+inf".
  std::string ToString() const;
  friend std::ostream& operator<<(std::ostream& os, EventTime t) { return os << t.ToString(); }

 private:
  constexpr explicit EventTime(int64_t micros) : micros_(micros) {}
  int64_t micros_ = std::numeric_limits<int64_t>::min();
};

// From civil UTC fields; InvalidArgument naming the field that is out of range. Leap seconds (:60) become the next second.
absl::StatusOr<EventTime> EventTimeFromUtc(int year, int month, int day, int hour, int minute,
                                           int second, int microsecond = 0);

// Parses "2026-09-22 04:52:01" or with 'T', optional fraction (up to 6 digits) and optional trailing 'Z'; read as UTC.
absl::StatusOr<EventTime> ParseEventTimeUtc(std::string_view text);

}  // namespace weir

#endif  // WEIR_CORE_TYPES_EVENT_TIME_H_
