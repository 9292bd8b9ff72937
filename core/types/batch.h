// Batch<T>: the unit in which data moves. Rows, their event times, and (on keyed edges) their key hashes, column by column.
// Owns its rows; batches are cleared and used again. BatchBase is what the runtime sees. Not thread-safe.
//
// Invariants: event_times is empty (no row has a time) or has one entry per row; key_hashes is empty or has one per row.
#ifndef WEIR_CORE_TYPES_BATCH_H_
#define WEIR_CORE_TYPES_BATCH_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "core/types/event_time.h"

namespace weir {

// 64 to 4096 rows is a plateau; fewer than 64 is measurably slower.
inline constexpr size_t kBatchRowsMax = 1024;

class BatchBase {
 public:
  virtual ~BatchBase() = default;
  virtual size_t size() const = 0;
  // Empties every column and keeps the memory.
  virtual void Clear() = 0;

  bool has_event_times() const { return !event_times.empty(); }
  EventTime event_time(size_t row) const {
    return event_times.empty() ? EventTime::Min() : event_times[row];
  }

  std::vector<EventTime> event_times;
  std::vector<uint64_t> key_hashes;
};

template <class T>
class Batch final : public BatchBase {
 public:
  size_t size() const override { return rows.size(); }
  void Clear() override {
    rows.clear();
    event_times.clear();
    key_hashes.clear();
  }

  // Appends a row with the event time of `row` in `source`. Either all rows of a batch have times or none.
  void AppendFrom(T value, const BatchBase& source, size_t row) {
    rows.push_back(std::move(value));
    if (source.has_event_times()) event_times.push_back(source.event_times[row]);
  }
  void Append(T value, EventTime time) {
    rows.push_back(std::move(value));
    event_times.push_back(time);
  }

  std::vector<T> rows;
};

// Row types are part of the JobGraph, so the cast cannot fail on a graph that was built through the API.
template <class T>
Batch<T>& BatchAs(BatchBase& batch) {
  return static_cast<Batch<T>&>(batch);
}
template <class T>
const Batch<T>& BatchAs(const BatchBase& batch) {
  return static_cast<const Batch<T>&>(batch);
}

}  // namespace weir

#endif  // WEIR_CORE_TYPES_BATCH_H_
