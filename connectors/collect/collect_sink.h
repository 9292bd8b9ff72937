// CollectSink: rows into memory, for tests and for programs that embed a job.
//
//   CollectSink<Activity> sink;
//   stream.SinkTo(sink);
//   ... run the job ...
//   sink.rows();   // those of subtask 0, then those of subtask 1, ...
//
// Copies share one result. Exactly once as long as the process lives: rows count from the checkpoint
// on that they belong to, those of a checkpoint that was committed stay through restarts of the job,
// others of an older attempt never count. A job cannot go on with it in another process.
//
// Each subtask touches its own slot only, so no lock is needed; what is committed for another one is
// noted and resolved by rows(), which is for after the job has finished.
#ifndef WEIR_CONNECTORS_COLLECT_COLLECT_SINK_H_
#define WEIR_CONNECTORS_COLLECT_COLLECT_SINK_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/base/byte_codec.h"
#include "core/base/check.h"
#include "core/base/ids.h"
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
    return std::make_unique<Coordinator>(slots_);
  }
  std::string Describe() const override { return "collect()"; }

  // Of all subtasks, in their order.
  std::vector<T> rows() const {
    std::set<Id> committed;
    for (const std::unique_ptr<Slot>& slot : slots_->by_subtask) {
      if (slot != nullptr) committed.insert(slot->committed.begin(), slot->committed.end());
    }
    std::vector<T> all;
    for (const std::unique_ptr<Slot>& slot : slots_->by_subtask) {
      if (slot == nullptr) continue;
      for (const auto& [id, rows] : slot->prepared) {
        if (committed.contains(id)) all.insert(all.end(), rows.begin(), rows.end());
      }
    }
    return all;
  }

 private:
  // Rows that a subtask prepared for a checkpoint; no other attempt of the job has the same.
  struct Id {
    uint32_t subtask = 0;
    CheckpointId checkpoint;
    friend auto operator<=>(const Id&, const Id&) = default;
  };
  struct Slot {
    std::map<Id, std::vector<T>> prepared;
    std::vector<Id> committed;  // Of any subtask; some more than once.
  };
  struct Slots {
    bool in_use = false;  // A job has started with it. Belongs to the coordinator.
    // Never resized: writers on several threads use it at once. 256 KiB of null pointers.
    std::vector<std::unique_ptr<Slot>> by_subtask =
        std::vector<std::unique_ptr<Slot>>(kMaxParallelismLimit);
  };

  class Writer final : public SinkWriter<T> {
   public:
    explicit Writer(std::shared_ptr<Slots> slots) : slots_(std::move(slots)) {}

    absl::Status Open(OperatorContext& context) override {
      subtask_ = static_cast<uint32_t>(context.identity().subtask_index);
      WEIR_CHECK_LT(subtask_, slots_->by_subtask.size());
      std::unique_ptr<Slot>& slot = slots_->by_subtask[subtask_];
      if (slot == nullptr) slot = std::make_unique<Slot>();
      return absl::OkStatus();
    }
    absl::StatusOr<Progress> Write(Batch<T>& batch, size_t* cursor) override {
      for (; *cursor < batch.rows.size(); ++*cursor) {
        rows_.push_back(std::move(batch.rows[*cursor]));
      }
      return Progress::kDone;
    }
    absl::StatusOr<Progress> Finish() override { return Progress::kDone; }

    absl::StatusOr<Progress> PrepareCommit(CheckpointId checkpoint) override {
      if (rows_.empty()) return Progress::kDone;
      const Id id{subtask_, checkpoint};
      slot().prepared[id] = std::exchange(rows_, {});
      uncommitted_.push_back(id);
      return Progress::kDone;
    }
    void Snapshot(OperatorSnapshot& snapshot) const override {
      for (const Id& id : uncommitted_) {
        ByteWriter writer(snapshot.committables.emplace_back());
        writer.PutU32(id.subtask);
        writer.PutU64(id.checkpoint.value());
      }
    }
    absl::Status Restore(const OperatorSnapshot& restored) override {
      for (const std::string& bytes : restored.committables) {
        ByteReader reader(bytes);
        Id id;
        uint64_t checkpoint = 0;
        if (!reader.GetU32(id.subtask) || !reader.GetU64(checkpoint) || !reader.at_end()) {
          return absl::DataLossError("committable of a collect sink is damaged");
        }
        id.checkpoint = CheckpointId(checkpoint);
        uncommitted_.push_back(id);
      }
      return absl::OkStatus();
    }
    absl::StatusOr<Progress> Commit(CheckpointId through) override {
      // Restored ones are of completed checkpoints, and so of earlier ones.
      std::erase_if(uncommitted_, [&](const Id& id) {
        if (id.checkpoint > through) return false;
        slot().committed.push_back(id);
        return true;
      });
      return Progress::kDone;
    }
    void Close() override {}

   private:
    Slot& slot() { return *slots_->by_subtask[subtask_]; }

    const std::shared_ptr<Slots> slots_;
    uint32_t subtask_ = 0;
    std::vector<T> rows_;          // Since the last checkpoint.
    std::vector<Id> uncommitted_;  // Prepared.
  };

  class Coordinator final : public SinkCoordinator {
   public:
    explicit Coordinator(std::shared_ptr<Slots> slots) : slots_(std::move(slots)) {}
    // Starts with nothing unless the job goes on.
    absl::Status Prepare(Env&, const SinkRun& run) override {
      // Writers that begin while others run on leave alone what they prepared since the checkpoint: nobody commits it.
      if (run.whole() && !run.restored) {
        for (std::unique_ptr<Slot>& slot : slots_->by_subtask) slot = nullptr;
      } else if (!slots_->in_use) {
        return absl::FailedPreconditionError(
            "the rows of a collect sink went with the process that the job ran in. Start over "
            "with --fresh");
      }
      slots_->in_use = true;
      return absl::OkStatus();
    }
    absl::StatusOr<SinkReport> Report(Env&) override {
      return SinkReport{.where = "memory", .first_rows = {}};
    }

   private:
    const std::shared_ptr<Slots> slots_;
  };

  std::shared_ptr<Slots> slots_ = std::make_shared<Slots>();
};

}  // namespace weir

#endif  // WEIR_CONNECTORS_COLLECT_COLLECT_SINK_H_
