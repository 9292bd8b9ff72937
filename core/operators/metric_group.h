// MetricGroup: the plain counters of one subtask, under Flink's names, and the places of the first malformed and late records.
// Written by the subtask's executor only; published by message as a copy. Pure data.
#ifndef WEIR_CORE_OPERATORS_METRIC_GROUP_H_
#define WEIR_CORE_OPERATORS_METRIC_GROUP_H_

#include <cstdint>
#include <optional>
#include <string>

#include "core/types/event_time.h"
#include "core/types/source_position.h"

namespace weir {

// Of two counters; what does not fit stays at the most that does.
inline int64_t AddCounts(int64_t a, int64_t b) {
  int64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

// How many records were set aside, and the first of them in (container, offset) order, so that the answer does not depend
// on parallelism or timing.
struct SetAsideRecords {
  int64_t count = 0;
  SourcePosition first;       // Not known() if the rows carry no SourcePosition.
  std::string first_excerpt;  // At most 256 bytes of the record, or the row as text.
  std::string first_reason;

  // Counts one more; `excerpt` and `reason` are called only if it is the first.
  template <class Excerpt, class Reason>
  void Add(SourcePosition position, Excerpt&& excerpt, Reason&& reason) {
    ++count;
    if (count > 1 && !(position.known() && (!first.known() || position < first))) return;
    first = position;
    first_excerpt = excerpt();
    first_reason = reason();
  }
  void Merge(const SetAsideRecords& other);
};

struct MetricGroup {
  int64_t num_records_in = 0;                            // numRecordsIn
  int64_t num_records_out = 0;                           // numRecordsOut
  int64_t num_bytes_in = 0;                              // numBytesIn: read by a source.
  int64_t num_bytes_out = 0;                             // numBytesOut: written by a sink.
  EventTime current_input_watermark = EventTime::Min();  // currentInputWatermark
  SetAsideRecords malformed;  // numRecordsInErrors: records a source could not decode.
  SetAsideRecords late;       // numLateRecordsDropped
  int64_t implausible_event_times =
      0;  // Rows whose time is outside the plausible range; they do not move the watermark.
};

}  // namespace weir

#endif  // WEIR_CORE_OPERATORS_METRIC_GROUP_H_
