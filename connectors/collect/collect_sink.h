// CollectSink: rows into memory, for tests and for programs that embed a job.
//
//   CollectSink<Activity> sink;
//   stream.SinkTo(sink);
//   ... run the job ...
//   sink.rows();   // those of subtask 0, then those of subtask 1, ...
//
// Copies share one result. Each subtask writes its own slot at Commit, so nothing is visible before
// and no lock is needed; rows() is for after the job has finished in this process.
#ifndef WEIR_CONNECTORS_COLLECT_COLLECT_SINK_H_
#define WEIR_CONNECTORS_COLLECT_COLLECT_SINK_H_

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/base/check.h"
#include "core/base/key_group.h"
#include "core/operators/sink.h"

namespace weir {

template <class T>
class CollectSink final : public Sink<T> {
 public:
  CollectSink() = default;

  std::unique_ptr<SinkWriter<T>> NewWriter() const override {
    return std::make_unique<Writer>(slots_);
  }
  std::unique_ptr<SinkCoordinator> NewCoordinator() const override {
    return std::make_unique<Coordinator>();
  }
  std::string Describe() const override { return "collect()"; }

  // Of all subtasks, in their order.
  std::vector<T> rows() const {
    std::vector<T> all;
    for (const std::unique_ptr<std::vector<T>>& slot : *slots_) {
      if (slot != nullptr) all.insert(all.end(), slot->begin(), slot->end());
    }
    return all;
  }

 private:
  // By subtask. Never resized: writers on several threads use it at once. 256 KiB of null pointers.
  using Slots = std::vector<std::unique_ptr<std::vector<T>>>;

  class Writer final : public SinkWriter<T> {
   public:
    explicit Writer(std::shared_ptr<Slots> slots) : slots_(std::move(slots)) {}

    absl::Status Open(OperatorContext& context) override {
      subtask_ = static_cast<size_t>(context.identity().subtask_index);
      WEIR_CHECK_LT(subtask_, slots_->size());
      return absl::OkStatus();
    }
    absl::StatusOr<Progress> Write(Batch<T>& batch, size_t* cursor) override {
      for (; *cursor < batch.rows.size(); ++*cursor) {
        rows_.push_back(std::move(batch.rows[*cursor]));
      }
      return Progress::kDone;
    }
    absl::StatusOr<Progress> Finish() override { return Progress::kDone; }
    absl::StatusOr<Progress> PrepareCommit(CheckpointId) override { return Progress::kDone; }
    void Snapshot(OperatorSnapshot&) const override {}
    absl::Status Restore(const OperatorSnapshot&) override { return absl::OkStatus(); }
    absl::StatusOr<Progress> Commit(CheckpointId) override {
      if (std::exchange(committed_, true)) return Progress::kDone;
      // Whole: a later attempt of the subtask replaces what an earlier one left.
      (*slots_)[subtask_] = std::make_unique<std::vector<T>>(std::move(rows_));
      return Progress::kDone;
    }
    void Close() override {}

   private:
    const std::shared_ptr<Slots> slots_;
    size_t subtask_ = 0;
    std::vector<T> rows_;
    bool committed_ = false;
  };

  class Coordinator final : public SinkCoordinator {
   public:
    absl::Status Prepare(Env&, const SinkRun&) override { return absl::OkStatus(); }
    absl::StatusOr<SinkReport> Report(Env&) override {
      return SinkReport{.where = "memory", .first_rows = {}};
    }
  };

  std::shared_ptr<Slots> slots_ = std::make_shared<Slots>(kMaxParallelismLimit);
};

}  // namespace weir

#endif  // WEIR_CONNECTORS_COLLECT_COLLECT_SINK_H_
