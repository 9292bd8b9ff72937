// Windows of event time: [start, end), and the tumbling ones of a size and an offset. Pure.
//
// Source: https://nightlies.apache.org/flink/flink-docs-stable/docs/dev/datastream/operators/windows/
#ifndef WEIR_CORE_OPERATORS_TIME_WINDOW_H_
#define WEIR_CORE_OPERATORS_TIME_WINDOW_H_

#include <cstdint>
#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "core/types/event_time.h"

namespace weir {

struct TimeWindow {
  EventTime start;
  EventTime end;  // Exclusive.

  // The latest time inside, which is also the event time of what the window puts out. It fires when the watermark is there.
  EventTime last() const { return EventTime::FromMicros(end.micros() - 1); }

  // "[2026-09-22T00:00:00Z, 2026-09-23T00:00:00Z)"
  std::string ToString() const { return "[" + start.ToString() + ", " + end.ToString() + ")"; }
  friend bool operator==(const TimeWindow&, const TimeWindow&) = default;
  friend std::ostream& operator<<(std::ostream& out, const TimeWindow& window) {
    return out << window.ToString();
  }
};

// Every time lies in exactly one window, [n * size + offset, (n + 1) * size + offset).
class TumblingEventTimeWindows {
 public:
  // Days that start at midnight in UTC+8: Of(absl::Hours(24), absl::Hours(-8)).
  static TumblingEventTimeWindows Of(absl::Duration size,
                                     absl::Duration offset = absl::ZeroDuration()) {
    return TumblingEventTimeWindows(size, offset);
  }

  absl::Duration size() const { return size_; }
  absl::Duration offset() const { return offset_; }

  // InvalidArgument unless size > 0 and |offset| < size, in whole microseconds.
  absl::Status Validate() const;

  // Requires Validate(). At the ends of time windows are cut to what EventTime can express.
  TimeWindow WindowOf(EventTime time) const;

  // "tumbling(24h, offset -8h)"
  std::string ToString() const;

 private:
  TumblingEventTimeWindows(absl::Duration size, absl::Duration offset)
      : size_(size),
        offset_(offset),
        size_us_(absl::ToInt64Microseconds(size)),
        offset_us_(absl::ToInt64Microseconds(offset)) {}

  absl::Duration size_;
  absl::Duration offset_;
  int64_t size_us_;
  int64_t offset_us_;
};

}  // namespace weir

#endif  // WEIR_CORE_OPERATORS_TIME_WINDOW_H_
