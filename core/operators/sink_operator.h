// SinkOperator: a SinkWriter<T> as the last operator of a chain. It puts nothing out and never touches its Output, which may be
// null inside. Belongs to the executor of its subtask.
#ifndef WEIR_CORE_OPERATORS_SINK_OPERATOR_H_
#define WEIR_CORE_OPERATORS_SINK_OPERATOR_H_

#include <cstddef>
#include <memory>
#include <utility>

#include "core/base/check.h"
#include "core/operators/operator.h"
#include "core/operators/sink.h"

namespace weir {

template <class T>
class SinkOperator final : public Operator {
 public:
  explicit SinkOperator(std::unique_ptr<SinkWriter<T>> writer) : writer_(std::move(writer)) {}

  absl::Status Open(OperatorContext& context) override { return writer_->Open(context); }

  absl::StatusOr<Progress> ProcessBatch(int, BatchBase& batch, Output&) override {
    auto& rows = BatchAs<T>(batch);
    absl::StatusOr<Progress> progress = writer_->Write(rows, &cursor_);
    if (progress.ok() && *progress == Progress::kDone) {
      WEIR_CHECK_EQ(cursor_, rows.size()) << "a sink writer left rows behind";
      cursor_ = 0;
    }
    return progress;
  }

  absl::StatusOr<Progress> ProcessWatermark(Watermark, Output&) override { return Progress::kDone; }
  absl::StatusOr<Progress> Finish(Output&) override { return writer_->Finish(); }

  absl::StatusOr<Progress> PrepareSnapshot(CheckpointId checkpoint) override {
    WEIR_CHECK_EQ(cursor_, 0u) << "a barrier inside a batch";
    return writer_->PrepareCommit(checkpoint);
  }
  absl::Status SnapshotOperatorState(OperatorSnapshot& snapshot) override {
    writer_->Snapshot(snapshot);
    return absl::OkStatus();
  }
  absl::Status RestoreOperatorState(const OperatorSnapshot& restored) override {
    return writer_->Restore(restored);
  }
  absl::StatusOr<Progress> Commit(CheckpointId through) override {
    // What was written since the last barrier belongs to a later checkpoint, also after Finish.
    return writer_->Commit(through);
  }

  void Close() override { writer_->Close(); }

  size_t current_row() const override { return cursor_; }

 private:
  const std::unique_ptr<SinkWriter<T>> writer_;
  size_t cursor_ = 0;
};

}  // namespace weir

#endif  // WEIR_CORE_OPERATORS_SINK_OPERATOR_H_
