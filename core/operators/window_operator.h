// TumblingWindowOperator: keyed tumbling windows of event time. Belongs to the executor of its subtask.
//
// State is window-major: a slice per window with a table per key group, so a window is fired and dropped as a whole. Windows
// fire when the watermark reaches their end - 1 us, in order of time and inside a window in key order; results carry that time.
// A row whose window has fired by the watermark so far is late: it is dropped and counted in metrics().late, by its
// SourcePosition if the row type has such a field. State: "window-contents", an accumulator per open window and key; and the
// watermark, so that a window which has fired does not open again after a restore.
//
// Source: slices as in Carbone et al., "Cutty: Aggregate Sharing for User-Defined Windows", CIKM 2016.
#ifndef WEIR_CORE_OPERATORS_WINDOW_OPERATOR_H_
#define WEIR_CORE_OPERATORS_WINDOW_OPERATOR_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "core/operators/key_by.h"
#include "core/operators/key_order.h"
#include "core/operators/operator.h"
#include "core/operators/time_window.h"
#include "core/types/reflect.h"
#include "core/types/row_text.h"
#include "core/types/source_position.h"
#include "core/types/text_escape.h"
#include "state/memory/namespaced_table.h"
#include "state/memory/state_table.h"

namespace weir {

// Fold: see fold.h. ResultFunction is R(const Key&, const TimeWindow&, const Fold::Result&).
template <class T, class R, class Selector, class Fold, class ResultFunction>
class TumblingWindowOperator final : public Operator {
 public:
  using Key = KeyOf<T, Selector>;
  using Accumulator = typename Fold::Accumulator;
  using Table = StateTable<Key, Accumulator>;
  static constexpr size_t kExcerptBytesMax = 256;

  TumblingWindowOperator(TumblingEventTimeWindows windows, Selector selector, Fold fold,
                         ResultFunction result_function)
      : windows_(windows),
        selector_(std::move(selector)),
        fold_(std::move(fold)),
        result_function_(std::move(result_function)) {}

  absl::Status Open(OperatorContext& context) override {
    context_ = &context;
    slices_ = &context.state().Namespaced<Key, EventTime, Accumulator>("window-contents");
    return windows_.Validate();
  }

  absl::StatusOr<Progress> ProcessBatch(int, BatchBase& batch, Output&) override {
    auto& rows = BatchAs<T>(batch);
    if (!rows.has_event_times() && rows.size() > 0) {
      return absl::FailedPreconditionError(
          "rows reach an event-time window without event times; give the source a "
          "WatermarkStrategy with .WithTimestampAssigner(...), or write "
          ".AssignTimestampsAndWatermarks(...) before .KeyBy(...)");
    }
    if (rows.key_hashes.empty()) HashKeysInto(rows, selector_, rows.key_hashes);
    row_ = 0;
    while (row_ < rows.size()) {
      const EventTime time = rows.event_times[row_];
      if (slice_ != nullptr && window_.start <= time && time <= window_.last()) {
        AddRun(rows);
      } else if (FindSlice(time)) {
        AddRun(rows);
      } else {
        CountLate(rows.rows[row_], time);
        ++row_;
      }
    }
    row_ = 0;
    return Progress::kDone;
  }

  absl::StatusOr<Progress> ProcessWatermark(Watermark watermark, Output& out) override {
    auto& results = out.batch<R>();
    while (!slices_->empty()) {
      const TimeWindow window = windows_.WindowOf(slices_->first());
      if (window.last() > watermark.time) break;
      if (!firing_) {
        const Table& slice = *slices_->Find(window.start);
        sorted_ =
            SortByKey<Key, const Entry>(slice.size(), [&](const auto& add) { slice.ForEach(add); });
        next_ = 0;
        firing_ = true;
      }
      for (; next_ < sorted_.size(); ++next_) {
        if (out.full()) return Progress::kMore;
        const Entry& entry = *sorted_[next_];
        results.Append(std::invoke(result_function_, entry.key, window, fold_.Get(entry.value)),
                       window.last());
      }
      firing_ = false;
      DropSlice(window);
    }
    watermark_ = std::max(watermark_, watermark.time);
    return Progress::kDone;
  }

  absl::StatusOr<Progress> Finish(Output&) override { return Progress::kDone; }

  absl::Status SnapshotOperatorState(OperatorSnapshot& snapshot) override {
    snapshot.watermark = watermark_;
    return absl::OkStatus();
  }
  absl::Status RestoreOperatorState(const OperatorSnapshot& restored) override {
    watermark_ = restored.watermark;
    return absl::OkStatus();
  }

  size_t current_row() const override { return row_; }

 private:
  using Entry = typename Table::Entry;
  static constexpr size_t kEntriesInCache = 16 * 1024;
  static constexpr size_t kPrefetchRows = 12;

  // Adds rows from row_ on, up to the first whose time is outside the current slice.
  void AddRun(Batch<T>& batch) {
    Table& table = *slice_;
    const EventTime start = window_.start;
    const EventTime last = window_.last();
    T* const rows = batch.rows.data();
    const EventTime* const times = batch.event_times.data();
    const uint64_t* const hashes = batch.key_hashes.data();
    const size_t size = batch.size();
    // Lookups wait for memory once the slice is larger than the cache; then their slots are asked for ahead.
    const size_t prefetch_end = table.size() > kEntriesInCache ? size : 0;
    size_t row = row_;
    try {
      do {
        if (row + kPrefetchRows < prefetch_end) table.Prefetch(hashes[row + kPrefetchRows]);
        table.Upsert(
            hashes[row], std::invoke(selector_, std::as_const(rows[row])),
            [&] { return fold_.First(rows[row]); },
            [&](Accumulator& into) { fold_.Add(rows[row], into); });
        ++row;
      } while (row < size && start <= times[row] && times[row] <= last);
    } catch (...) {
      row_ = row;
      throw;
    }
    row_ = row;
  }

  // Makes the slice of `time` the current one. False: it has fired.
  bool FindSlice(EventTime time) {
    const TimeWindow window = windows_.WindowOf(time);
    if (window.last() <= watermark_) return false;
    slice_ = &slices_->FindOrCreate(window.start);
    window_ = window;
    return true;
  }

  void DropSlice(const TimeWindow& window) {
    if (slice_ != nullptr && window_ == window) slice_ = nullptr;
    sorted_.clear();
    slices_->Drop(window.start);
  }

  void CountLate(const T& row, EventTime time) {
    SourcePosition position;
    if constexpr (HasFieldOfType<T, SourcePosition>) position = GetFieldOfType<SourcePosition>(row);
    context_->metrics().late.Add(
        position, [&] { return CutText(ToText(row), kExcerptBytesMax); },
        [&] {
          return "its window " + windows_.WindowOf(time).ToString() +
                 " was over: the watermark was at " + watermark_.ToString();
        });
  }

  const TumblingEventTimeWindows windows_;
  Selector selector_;
  Fold fold_;
  ResultFunction result_function_;
  OperatorContext* context_ = nullptr;

  EventTime watermark_ = EventTime::Min();
  NamespacedTable<Key, EventTime, Accumulator>* slices_ = nullptr;  // Open windows by their start.
  Table* slice_ = nullptr;  // The one the last row went to, and
  TimeWindow window_;       // its window.
  size_t row_ = 0;

  // While the first slice fires:
  bool firing_ = false;
  std::vector<const Entry*> sorted_;
  size_t next_ = 0;
};

}  // namespace weir

#endif  // WEIR_CORE_OPERATORS_WINDOW_OPERATOR_H_
