// SourceOperator: a connector's SplitReader with the user's decoder and watermarks. Belongs to the executor of its subtask.
//
// A watermark is the minimum over the splits that were assigned here and are not finished, and EventTime::Min() until
// NoMoreSplits(). It is emitted after every kRowsPerWatermark records of a split, when an unbounded source has nothing, and at
// a split's end, and never goes back; so what a bounded source puts out depends on its splits and on the record before which it hears
// NoMoreSplits(): with one reader that is the first of the last split; with several, or after a restore with another number of readers,
// it depends on who is faster.
// Records the decoder refuses are counted with their place and never fatal. Event times outside the plausible range are
// counted, kept on the row, and do not move the watermark.
//
// Of a split's WatermarkGenerator only its watermark() is remembered in a snapshot; a restored split starts with a new generator
// and that watermark as a floor (what this means for generators: watermark_strategy.h).
#ifndef WEIR_CORE_OPERATORS_SOURCE_OPERATOR_H_
#define WEIR_CORE_OPERATORS_SOURCE_OPERATOR_H_

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/base/byte_codec.h"
#include "core/base/check.h"
#include "core/base/status_macros.h"
#include "core/operators/idleness_timer.h"
#include "core/operators/source.h"
#include "core/operators/split_progress.h"
#include "core/operators/watermark_strategy.h"

namespace weir {

// A decoder that takes records as they are says so, and is not called: records are moved in runs.
template <class Decode>
concept KeepsRaw = requires { requires Decode::kKeepsRaw; };

// Decode is absl::StatusOr<T>(const Raw&, SourcePosition), or absl::StatusOr<T>(Raw&&, SourcePosition).
template <class Raw, class T, class Decode>
class SourceOperator final : public SourceOperatorBase {
 public:
  static constexpr size_t kRowsPerWatermark = 256;
  static constexpr size_t kExcerptBytesMax = 256;

  SourceOperator(std::unique_ptr<SplitReader<Raw>> reader, Decode decode,
                 WatermarkStrategy<T> strategy, bool bounded)
      : reader_(std::move(reader)),
        decode_(std::move(decode)),
        strategy_(std::move(strategy)),
        bounded_(bounded) {}

  absl::Status Open(OperatorContext& context) override {
    context_ = &context;
    if (!bounded_ && strategy_.idle_period() != absl::InfiniteDuration()) {
      idleness_.emplace(context.executor(), strategy_.idle_period(), [this] { context_->Wake(); });
    }
    return reader_->Open(context);
  }

  absl::Status AddSplit(SourceSplit split) override {
    if (no_more_splits_) {
      return absl::DataLossError(
          absl::StrCat(split.id.ToString(), " was assigned after there were no more splits"));
    }
    StopBeingIdle();
    WEIR_RETURN_IF_ERROR(Adopt(std::move(split), SplitProgress()));
    context_->Wake();
    return absl::OkStatus();
  }

  void NoMoreSplits() override {
    no_more_splits_ = true;
    context_->Wake();
  }

  bool WantsSplit() const override { return splits_.empty() && !no_more_splits_; }

  absl::Status SnapshotOperatorState(OperatorSnapshot& snapshot) override {
    for (const SplitId id : order_) {
      const SplitInReading& split = splits_.at(id);
      snapshot.splits.push_back({id, split.payload,
                                 EncodeSplitProgress({NextOf(id, split), split.watermark(),
                                                      split.records_since_watermark})});
    }
    snapshot.finished_splits = finished_splits_;
    snapshot.watermark = emitted_;
    ListState told{.name = kNoMoreSplits, .to_all = true, .elements = {}};
    if (no_more_splits_) told.elements.push_back(ThisReader());
    snapshot.lists.push_back(std::move(told));
    return absl::OkStatus();
  }

  absl::Status RestoreOperatorState(const OperatorSnapshot& restored) override {
    WEIR_CHECK(splits_.empty() && !no_more_splits_) << "a restore in the middle of reading";
    for (const ReaderSplit& split : restored.splits) {
      WEIR_ASSIGN_OR_RETURN(const SplitProgress progress, DecodeSplitProgress(split.position));
      WEIR_RETURN_IF_ERROR(Adopt({split.id, split.payload}, progress));
    }
    finished_splits_ = restored.finished_splits;
    for (const ListState& list : restored.lists) {
      // What another reader was told need not hold here: splits may have come back to the enumerator since.
      if (list.name == kNoMoreSplits)
        no_more_splits_ = std::count(list.elements.begin(), list.elements.end(), ThisReader()) > 0;
    }
    emitted_ = restored.watermark;
    // Where splits have moved, the one that said so may have been another reader.
    for (const auto& [id, split] : splits_) emitted_ = std::min(emitted_, split.watermark());
    emit_again_ = emitted_ > EventTime::Min();
    return absl::OkStatus();
  }

  absl::StatusOr<Progress> Poll(Output& out) override {
    while (!out.full()) {
      if (emit_again_) {
        emit_again_ = false;
        out.EmitWatermark({emitted_, false});
        continue;
      }
      if (next_record_ < chunk_.records.size()) {
        ReadRun(out);
        continue;
      }
      if (chunk_in_hand_) {
        FinishChunk(out);
        continue;
      }
      WEIR_ASSIGN_OR_RETURN(const std::optional<Progress> answer, PollReader(out));
      if (answer.has_value()) return *answer;
    }
    return Progress::kMore;
  }

  absl::StatusOr<Progress> Finish(Output&) override { return Progress::kDone; }

  void Close() override {
    idleness_.reset();
    reader_->Close();
  }

  size_t current_row() const override { return next_record_; }
  // Where a failing call of Poll was, if in a record.
  SourcePosition current_position() const override {
    return next_record_ < chunk_.positions.size() ? chunk_.positions[next_record_]
                                                  : SourcePosition();
  }
  SourcePosition emitted_position(size_t row) const override {
    return row < emitted_positions_.size() ? emitted_positions_[row] : SourcePosition();
  }
  std::string current_excerpt() const override {
    return next_record_ < chunk_.records.size() ? Excerpt(chunk_.records[next_record_]) : "";
  }

 private:
  using Reader = SplitReader<Raw>;

  static constexpr char kNoMoreSplits[] = "no-more-splits";

  // A split that is assigned here and not finished.
  struct SplitInReading {
    std::string payload;
    std::optional<SourcePosition> next;                // Behind the chunks that are finished.
    std::unique_ptr<WatermarkGenerator<T>> generator;  // Null without watermarks.
    EventTime floor;                                   // What it had reached before a restore.
    uint32_t records_since_watermark = 0;

    EventTime watermark() const {
      return generator ? std::max(floor, generator->watermark()) : floor;
    }
  };

  // Names it while the parallelism is what it is; with another one, splits move between readers.
  std::string ThisReader() const {
    std::string bytes;
    ByteWriter writer(bytes);
    writer.PutU32(static_cast<uint32_t>(context_->identity().subtask_index));
    writer.PutU32(static_cast<uint32_t>(context_->identity().parallelism));
    return bytes;
  }

  absl::Status Adopt(SourceSplit split, const SplitProgress& progress) {
    if (splits_.contains(split.id)) {
      return absl::DataLossError(absl::StrCat(split.id.ToString(), " was assigned twice"));
    }
    WEIR_RETURN_IF_ERROR(reader_->AddSplit(split, progress.next));
    order_.push_back(split.id);
    splits_.emplace(split.id,
                    SplitInReading{std::move(split.payload), progress.next, NewGenerator(),
                                   progress.watermark, progress.records_since_watermark});
    return absl::OkStatus();
  }

  // The first record of the split that has not been emitted.
  std::optional<SourcePosition> NextOf(SplitId id, const SplitInReading& split) const {
    if (!chunk_in_hand_ || chunk_.split != id) return split.next;
    return next_record_ < chunk_.positions.size() ? chunk_.positions[next_record_] : chunk_.next;
  }

  std::unique_ptr<WatermarkGenerator<T>> NewGenerator() const {
    return strategy_.has_watermarks() ? strategy_.NewGenerator() : nullptr;
  }

  // Decodes records of the chunk: as many as fit, at most up to the next watermark of their split.
  void ReadRun(Output& out) {
    SplitInReading& split = SplitInHand();
    auto& batch = out.batch<T>();
    const size_t room = out.rows_max() - batch.size();
    const size_t run = std::min({room, chunk_.records.size() - next_record_,
                                 kRowsPerWatermark - split.records_since_watermark});
    const size_t end = next_record_ + run;
    const size_t rows_before = batch.rows.size();
    if (rows_before == 0) emitted_positions_.clear();
    if constexpr (KeepsRaw<Decode>) {
      const auto from = chunk_.positions.begin();
      emitted_positions_.insert(emitted_positions_.end(),
                                from + static_cast<std::ptrdiff_t>(next_record_),
                                from + static_cast<std::ptrdiff_t>(end));
      const auto first = std::make_move_iterator(chunk_.records.begin());
      batch.rows.insert(batch.rows.end(), first + static_cast<std::ptrdiff_t>(next_record_),
                        first + static_cast<std::ptrdiff_t>(end));
      next_record_ = end;
    } else {
      for (; next_record_ < end; ++next_record_) {
        DecodeInto(chunk_.records[next_record_], chunk_.positions[next_record_], batch);
      }
    }
    context_->metrics().num_records_in += static_cast<int64_t>(run);
    AssignTimes(batch, rows_before, split);
    split.records_since_watermark += static_cast<uint32_t>(run);
    if (split.records_since_watermark < kRowsPerWatermark) return;
    split.records_since_watermark = 0;
    EmitProgressOfTime(out);
  }

  void DecodeInto(Raw& raw, SourcePosition position, Batch<T>& batch) {
    absl::StatusOr<T> row = [&] {
      if constexpr (std::is_invocable_v<Decode&, const Raw&, SourcePosition>) {
        return decode_(std::as_const(raw), position);
      } else {
        return decode_(std::move(raw), position);
      }
    }();
    if (row.ok()) [[likely]] {
      batch.rows.push_back(*std::move(row));
      emitted_positions_.push_back(position);
      return;
    }
    context_->metrics().malformed.Add(
        position, [&] { return Excerpt(raw); },
        [&] { return std::string(row.status().message().data(), row.status().message().size()); });
  }

  static std::string Excerpt(const Raw& raw) {
    if constexpr (std::convertible_to<const Raw&, std::string_view>) {
      return std::string(std::string_view(raw).substr(0, kExcerptBytesMax));
    } else {
      return "";
    }
  }

  // Gives times to the rows of `batch` from `begin` on and shows them to the split's generator.
  void AssignTimes(Batch<T>& batch, size_t begin, SplitInReading& split) {
    if (!strategy_.assigns_times()) return;
    batch.event_times.resize(batch.rows.size());
    const std::span<const T> rows = std::span(batch.rows).subspan(begin);
    const std::span<EventTime> times = std::span(batch.event_times).subspan(begin);
    strategy_.AssignTimes(rows, times.data());
    int64_t implausible = 0;
    for (const EventTime time : times) implausible += strategy_.plausible().Contains(time) ? 0 : 1;
    context_->metrics().implausible_event_times += implausible;
    if (split.generator) split.generator->OnRows(rows, times, strategy_.plausible());
  }

  // All records of the chunk are read.
  void FinishChunk(Output& out) {
    chunk_in_hand_ = false;
    next_record_ = 0;
    chunk_.records.clear();
    if (!chunk_.end_of_split) {
      SplitInHand().next = chunk_.next;
      return;
    }
    WEIR_CHECK_EQ(splits_.erase(chunk_.split), 1u) << chunk_.split << " ended, but is not here";
    order_.erase(std::find(order_.begin(), order_.end(), chunk_.split));
    finished_splits_.push_back(chunk_.split);
    // Without splits nothing is known about time but what the final watermark says.
    if (!splits_.empty()) EmitProgressOfTime(out);
  }

  SplitInReading& SplitInHand() {
    const auto found = splits_.find(chunk_.split);
    WEIR_CHECK(found != splits_.end()) << "records of " << chunk_.split << ", which is not here";
    return found->second;
  }

  // Nothing if the loop should go on.
  absl::StatusOr<std::optional<Progress>> PollReader(Output& out) {
    if (finished_) return Progress::kDone;
    WEIR_ASSIGN_OR_RETURN(const typename Reader::Result result, reader_->Poll(chunk_));
    if (result != Reader::Result::kNothingNow) StopBeingIdle();
    switch (result) {
      case Reader::Result::kChunk:
        TakeChunk();
        return std::nullopt;
      case Reader::Result::kNothingNow:
        return OnNothingNow(out);
      case Reader::Result::kBlocked:
        return Progress::kBlocked;
      case Reader::Result::kNoSplit:
        break;
    }
    WEIR_CHECK(splits_.empty()) << "the reader forgot " << splits_.begin()->first;
    if (!no_more_splits_) return Progress::kBlocked;
    finished_ = true;
    if (std::exchange(emitted_, EventTime::Max()) < EventTime::Max())
      out.EmitWatermark({emitted_, false});
    return Progress::kDone;
  }

  void TakeChunk() {
    WEIR_CHECK_EQ(chunk_.records.size(), chunk_.positions.size());
    WEIR_DCHECK(chunk_.next.known()) << "a chunk without its end";
    chunk_in_hand_ = true;
    next_record_ = 0;
    MetricGroup& metrics = context_->metrics();
    metrics.num_bytes_in += chunk_.bytes;
    for (auto& bad : chunk_.malformed) {
      ++metrics.num_records_in;
      metrics.malformed.Add(
          bad.position, [&] { return bad.excerpt.substr(0, kExcerptBytesMax); },
          [&] { return std::move(bad.reason); });
    }
  }

  std::optional<Progress> OnNothingNow(Output& out) {
    // Before NoMoreSplits other readers' splits may still come here, and nothing may pass them.
    if (no_more_splits_ && !idle_ && idleness_.has_value() && idleness_->OnNothing()) {
      idle_ = true;
      out.EmitWatermark({emitted_, true});
      return Progress::kBlocked;
    }
    EmitProgressOfTime(out);
    return Progress::kBlocked;
  }

  void StopBeingIdle() {
    // In the band, before the first row: rows of an idle channel do not hold time back downstream.
    if (idle_) emit_again_ = true;
    idle_ = false;
    if (idleness_.has_value()) idleness_->Stop();
  }

  // Emits the watermark if it has grown. `out` is not sealed.
  void EmitProgressOfTime(Output& out) {
    if (!no_more_splits_ || !strategy_.has_watermarks()) return;
    EventTime least = EventTime::Max();
    for (const auto& [id, split] : splits_) least = std::min(least, split.watermark());
    if (least == EventTime::Max() || least <= emitted_) return;
    emitted_ = least;
    out.EmitWatermark({least, false});
  }

  const std::unique_ptr<Reader> reader_;
  Decode decode_;
  const WatermarkStrategy<T> strategy_;
  const bool bounded_;
  OperatorContext* context_ = nullptr;
  std::optional<IdlenessTimer> idleness_;  // Of unbounded sources.

  std::map<SplitId, SplitInReading> splits_;
  std::vector<SplitId> order_;            // Of reading, those of splits_.
  std::vector<SplitId> finished_splits_;  // Also before a restore.
  bool no_more_splits_ = false;
  bool finished_ = false;
  bool idle_ = false;
  EventTime emitted_ = EventTime::Min();
  bool emit_again_ = false;  // emitted_, after a restore.

  typename Reader::Chunk chunk_;
  bool chunk_in_hand_ = false;
  size_t next_record_ = 0;                         // Of chunk_.records.
  std::vector<SourcePosition> emitted_positions_;  // By row of the batch that is being put out.
};

}  // namespace weir

#endif  // WEIR_CORE_OPERATORS_SOURCE_OPERATOR_H_
