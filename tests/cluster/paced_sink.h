// PacedSink: takes so many rows per second in each subtask and drops them, so that what feeds it has to wait. Counts.
#ifndef WEIR_TESTS_CLUSTER_PACED_SINK_H_
#define WEIR_TESTS_CLUSTER_PACED_SINK_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "core/operators/row_pacer.h"
#include "core/operators/sink.h"
#include "core/operators/wake_timer.h"

namespace weir {

template <class T>
class PacedSink final : public Sink<T> {
 public:
  // `taken` outlives the job.
  PacedSink(int64_t rows_per_second, std::atomic<int64_t>* taken)
      : rows_per_second_(rows_per_second), taken_(taken) {}

  std::unique_ptr<SinkWriter<T>> NewWriter() const override {
    return std::make_unique<Writer>(rows_per_second_, taken_);
  }
  std::unique_ptr<SinkCoordinator> NewCoordinator() const override {
    return std::make_unique<Coordinator>();
  }
  std::string Describe() const override { return "paced"; }

 private:
  class Writer final : public SinkWriter<T> {
   public:
    Writer(int64_t rows_per_second, std::atomic<int64_t>* taken)
        : pacer_(rows_per_second, absl::ZeroDuration()), taken_(taken) {}
    absl::Status Open(OperatorContext& context) override {
      context_ = &context;
      pacer_.StartAt(0, context.env().clock().Monotonic());
      return absl::OkStatus();
    }
    absl::StatusOr<Progress> Write(Batch<T>& batch, size_t* cursor) override {
      const absl::Duration now = context_->env().clock().Monotonic();
      for (; *cursor < batch.rows.size(); ++*cursor) {
        const absl::Duration wait = pacer_.UntilDue(rows_, now);
        if (wait > absl::ZeroDuration()) {
          timer_.Arm(*context_, wait);
          return Progress::kBlocked;
        }
        ++rows_;
        ++*taken_;
      }
      return Progress::kDone;
    }
    absl::StatusOr<Progress> Finish() override { return Progress::kDone; }
    absl::StatusOr<Progress> PrepareCommit(CheckpointId) override { return Progress::kDone; }
    void Snapshot(OperatorSnapshot&) const override {}
    absl::Status Restore(const OperatorSnapshot&) override { return absl::OkStatus(); }
    absl::StatusOr<Progress> Commit(CheckpointId) override { return Progress::kDone; }
    void Close() override { timer_.Close(*context_); }

   private:
    RowPacer pacer_;
    std::atomic<int64_t>* const taken_;
    OperatorContext* context_ = nullptr;
    WakeTimer timer_;
    int64_t rows_ = 0;
  };
  class Coordinator final : public SinkCoordinator {
   public:
    absl::Status Prepare(Env&, const SinkRun&) override { return absl::OkStatus(); }
    absl::StatusOr<SinkReport> Report(Env&) override { return SinkReport(); }
  };

  const int64_t rows_per_second_;
  std::atomic<int64_t>* const taken_;
};

}  // namespace weir

#endif  // WEIR_TESTS_CLUSTER_PACED_SINK_H_
