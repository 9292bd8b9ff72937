// TimestampsOperator: gives rows event times and makes watermarks in the middle of a stream, per subtask (Flink's
// assignTimestampsAndWatermarks). Watermarks that come in end here; only EventTime::Max() and "idle" go on. Belongs to the
// executor of its subtask. A watermark follows every kRowsPerWatermark rows, wherever batches were cut. A restored operator goes on
// as SourceOperator does: a new generator above the old watermark, and what was emitted last comes again.
#ifndef WEIR_CORE_OPERATORS_TIMESTAMPS_OPERATOR_H_
#define WEIR_CORE_OPERATORS_TIMESTAMPS_OPERATOR_H_

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "core/base/status_macros.h"
#include "core/operators/operator.h"
#include "core/operators/split_progress.h"
#include "core/operators/watermark_strategy.h"

namespace weir {

template <class T>
class TimestampsOperator final : public Operator {
 public:
  static constexpr size_t kRowsPerWatermark = 256;

  explicit TimestampsOperator(WatermarkStrategy<T> strategy) : strategy_(std::move(strategy)) {
    if (strategy_.has_watermarks()) generator_ = strategy_.NewGenerator();
  }

  absl::Status Open(OperatorContext& context) override {
    metrics_ = &context.metrics();
    return absl::OkStatus();
  }

  absl::StatusOr<Progress> ProcessBatch(int, BatchBase& batch, Output& out) override {
    // Rows of an idle channel would not hold time back downstream.
    if (std::exchange(idle_, false)) emit_again_ = true;
    if (emit_again_) {
      if (!out.full()) EmitAgain(out);
      return Progress::kMore;
    }
    auto& rows = BatchAs<T>(batch);
    if (strategy_.assigns_times() && row_ == 0 && !timed_) {
      rows.event_times.resize(rows.size());
      strategy_.AssignTimes(rows.rows, rows.event_times.data());
      timed_ = true;
    }
    while (row_ < rows.size()) {
      if (out.full()) return Progress::kMore;
      MoveRun(rows, out);
    }
    row_ = 0;
    timed_ = false;
    return Progress::kDone;
  }

  absl::StatusOr<Progress> ProcessWatermark(Watermark watermark, Output& out) override {
    const bool last = watermark.time == EventTime::Max() && !watermark.idle;
    const bool active_again = idle_ && !watermark.idle;
    if (!last && !watermark.idle && !active_again) return Progress::kDone;
    if (out.full()) return Progress::kMore;
    emit_again_ = false;
    idle_ = watermark.idle;
    if (last) emitted_ = EventTime::Max();
    out.EmitWatermark({emitted_, watermark.idle});
    return Progress::kDone;
  }

  absl::StatusOr<Progress> Finish(Output&) override { return Progress::kDone; }

  absl::Status SnapshotOperatorState(OperatorSnapshot& snapshot) override {
    snapshot.watermark = emitted_;
    const SplitProgress progress{std::nullopt, watermark(),
                                 static_cast<uint32_t>(rows_since_watermark_)};
    snapshot.lists.push_back(
        {.name = kProgress, .to_all = false, .elements = {EncodeSplitProgress(progress)}});
    return absl::OkStatus();
  }

  absl::Status RestoreOperatorState(const OperatorSnapshot& restored) override {
    emitted_ = restored.watermark;
    emit_again_ = emitted_ > EventTime::Min();
    bool first = true;
    for (const ListState& list : restored.lists) {
      if (list.name != kProgress) continue;
      for (const std::string& element : list.elements) {
        WEIR_ASSIGN_OR_RETURN(const SplitProgress progress, DecodeSplitProgress(element));
        // Of several subtasks that are one now, the least.
        floor_ = first ? progress.watermark : std::min(floor_, progress.watermark);
        rows_since_watermark_ = progress.records_since_watermark % kRowsPerWatermark;
        first = false;
      }
    }
    return absl::OkStatus();
  }

  bool forwards_watermarks() const override { return false; }
  size_t current_row() const override { return row_; }

 private:
  static constexpr char kProgress[] = "progress";

  // Moves rows on: as many as fit, at most up to the next watermark.
  void MoveRun(Batch<T>& in, Output& out) {
    auto& target = out.batch<T>();
    const size_t run = std::min({out.rows_max() - target.size(), in.size() - row_,
                                 kRowsPerWatermark - rows_since_watermark_});
    const auto begin = in.rows.begin() + static_cast<std::ptrdiff_t>(row_);
    if (in.has_event_times()) {
      const auto times = std::span(in.event_times).subspan(row_, run);
      for (const EventTime time : times) {
        metrics_->implausible_event_times += strategy_.plausible().Contains(time) ? 0 : 1;
      }
      if (generator_) {
        generator_->OnRows(std::span(in.rows).subspan(row_, run), times, strategy_.plausible());
      }
      target.event_times.insert(target.event_times.end(), times.begin(), times.end());
    }
    target.rows.insert(target.rows.end(), std::move_iterator(begin),
                       std::move_iterator(begin + static_cast<std::ptrdiff_t>(run)));
    row_ += run;
    rows_since_watermark_ += run;
    if (rows_since_watermark_ < kRowsPerWatermark) return;
    rows_since_watermark_ = 0;
    if (!generator_ || watermark() <= emitted_) return;
    emitted_ = watermark();
    out.EmitWatermark({emitted_, false});
  }

  void EmitAgain(Output& out) {
    emit_again_ = false;
    out.EmitWatermark({emitted_, false});
  }

  EventTime watermark() const {
    return generator_ ? std::max(floor_, generator_->watermark()) : floor_;
  }

  const WatermarkStrategy<T> strategy_;
  std::unique_ptr<WatermarkGenerator<T>> generator_;  // Null without watermarks.
  MetricGroup* metrics_ = nullptr;
  EventTime floor_ = EventTime::Min();  // What the generator had reached before a restore.
  EventTime emitted_ = EventTime::Min();
  bool emit_again_ = false;  // emitted_, after a restore.
  bool idle_ = false;        // The last watermark that was passed on said so.
  size_t rows_since_watermark_ = 0;
  size_t row_ = 0;      // Of the batch in hand: the first that has not gone on.
  bool timed_ = false;  // The rows of the batch in hand have their times.
};

}  // namespace weir

#endif  // WEIR_CORE_OPERATORS_TIMESTAMPS_OPERATOR_H_
