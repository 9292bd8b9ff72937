// TumblingWindowOperator: keyed tumbling windows of event time. Belongs to the executor of its subtask.
//
// State is window-major: a slice per window with a table per key group, so a window is fired and dropped as a whole. Windows
// fire when the watermark reaches their end - 1 us, in order of time and inside a window in key order; results carry that time.
// A row whose window has fired by the watermark so far is late: it is dropped and counted in metrics().late, by its
// SourcePosition if the row type has such a field. State grows with the keys of the windows that are open.
//
// Source: slices as in Carbone et al., "Cutty: Aggregate Sharing for User-Defined Windows", CIKM 2016.
#ifndef WEIR_CORE_OPERATORS_WINDOW_OPERATOR_H_
#define WEIR_CORE_OPERATORS_WINDOW_OPERATOR_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
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
#include "state/memory/keyed_table.h"

namespace weir {

// Fold: see fold.h. ResultFunction is R(const Key&, const TimeWindow&, const Fold::Result&).
template <class T, class R, class Selector, class Fold, class ResultFunction>
class TumblingWindowOperator final : public Operator {
 public:
  using Key = KeyOf<T, Selector>;
  using Table = KeyedTable<Key, typename Fold::Accumulator>;
  static constexpr size_t kExcerptBytesMax = 256;

  TumblingWindowOperator(TumblingEventTimeWindows windows, Selector selector, Fold fold,
                         ResultFunction result_function)
      : windows_(windows),
        selector_(std::move(selector)),
        fold_(std::move(fold)),
        result_function_(std::move(result_function)) {}

  absl::Status Open(OperatorContext& context) override {
    context_ = &context;
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
      if (slice_ != nullptr && slice_->window.start <= time && time <= slice_->window.last()) {
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
    while (!slices_.empty() && slices_.begin()->second->window.last() <= watermark.time) {
      Slice& slice = *slices_.begin()->second;
      if (!firing_) {
        sorted_ = SortByKey<Key, Entry>(slice.table.size(),
                                        [&](const auto& add) { slice.table.ForEach(add); });
        next_ = 0;
        firing_ = true;
      }
      for (; next_ < sorted_.size(); ++next_) {
        if (out.full()) return Progress::kMore;
        const Entry& entry = *sorted_[next_];
        results.Append(std::invoke(result_function_, entry.key, std::as_const(slice.window),
                                   fold_.Get(entry.value)),
                       slice.window.last());
      }
      firing_ = false;
      DropFirstSlice();
    }
    watermark_ = std::max(watermark_, watermark.time);
    return Progress::kDone;
  }

  absl::StatusOr<Progress> Finish(Output&) override { return Progress::kDone; }

  void Close() override {
    sorted_.clear();
    slices_.clear();
    spare_.reset();
  }

  size_t current_row() const override { return row_; }

 private:
  using Entry = typename Table::Entry;
  struct Slice {
    Slice(TimeWindow w, const OperatorIdentity& identity)
        : window(w), table(identity.key_groups, identity.max_parallelism) {}
    TimeWindow window;
    Table table;
  };
  static constexpr size_t kEntriesInCache = 16 * 1024;
  static constexpr size_t kPrefetchRows = 12;

  // Adds rows from row_ on, up to the first whose time is outside the current slice.
  void AddRun(Batch<T>& batch) {
    Table& table = slice_->table;
    const EventTime start = slice_->window.start;
    const EventTime last = slice_->window.last();
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
        const auto [entry, is_new] =
            table.FindOrInsert(hashes[row], std::invoke(selector_, std::as_const(rows[row])),
                               [&] { return fold_.First(rows[row]); });
        if (!is_new) fold_.Add(rows[row], entry->value);
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
    std::unique_ptr<Slice>& slice = slices_[window.start];
    if (!slice) {
      slice = spare_ ? std::move(spare_) : std::make_unique<Slice>(window, context_->identity());
      slice->window = window;
    }
    slice_ = slice.get();
    return true;
  }

  // The memory of one fired window is kept for the next one to open.
  void DropFirstSlice() {
    const auto first = slices_.begin();
    if (slice_ == first->second.get()) slice_ = nullptr;
    first->second->table.Clear();
    spare_ = std::move(first->second);
    slices_.erase(first);
    sorted_.clear();
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
  std::map<EventTime, std::unique_ptr<Slice>> slices_;  // Open windows by their start.
  std::unique_ptr<Slice> spare_;
  Slice* slice_ = nullptr;  // The one the last row went to.
  size_t row_ = 0;

  // While the first slice fires:
  bool firing_ = false;
  std::vector<Entry*> sorted_;
  size_t next_ = 0;
};

}  // namespace weir

#endif  // WEIR_CORE_OPERATORS_WINDOW_OPERATOR_H_
