// SnapshotUpload: writes what the tables of a subtask held at a barrier, one file per operator with tables, while the operators go
// on. Belongs to the subtask's executor; files are touched on the I/O executor, one piece at a time.
//
// Each Step() lets the cursors advance by a bounded number of slots. What updates emit meanwhile waits in the backends: over
// kEmittedBytesMax the subtask takes no more input (congested()).
#ifndef WEIR_CORE_RUNTIME_SNAPSHOT_UPLOAD_H_
#define WEIR_CORE_RUNTIME_SNAPSHOT_UPLOAD_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/base/ids.h"
#include "core/env/executor.h"
#include "core/proto/manifest.pb.h"
#include "core/runtime/state_storage.h"
#include "state/state_backend.h"

namespace weir {

class SnapshotUpload {
 public:
  static constexpr size_t kSlotsPerStep = 16 * 1024;
  static constexpr size_t kPieceBytes = 256 * 1024;
  static constexpr size_t kEmittedBytesMax = 4 * 1024 * 1024;

  // An operator whose tables are written; `operator_index` is its place in the snapshot message.
  struct Part {
    StateBackend* backend = nullptr;
    int operator_index = 0;
  };

  // Begins the snapshots of all backends. `storage` may be null: then everything is dropped (a checkpoint that is not durable).
  // `on_progress` is called on `worker` whenever an I/O call has come back.
  SnapshotUpload(CheckpointId checkpoint, SubtaskId subtask, std::vector<Part> parts,
                 proto::SubtaskSnapshot snapshot, std::shared_ptr<StateStorage> storage,
                 Executor& worker, Executor& io, absl::AnyInvocable<void()> on_progress);
  // Aborts what runs.
  ~SnapshotUpload();

  // True: everything is durable and TakeSnapshot() may be called. False: call again, after on_progress if waiting().
  absl::StatusOr<bool> Step();
  // An I/O call is under way and nothing else can be done.
  bool waiting() const { return io_under_way_ && !can_advance(); }
  bool congested() const;

  CheckpointId checkpoint() const { return checkpoint_; }
  proto::SubtaskSnapshot TakeSnapshot() { return std::move(snapshot_); }

 private:
  enum class FileStage : uint8_t { kNone, kCreated, kFinishing };
  // What the I/O executor has its turn with.
  struct IoResult {
    absl::Status status;
    bool finished = false;
  };
  bool can_advance() const;
  void PostIo(absl::AnyInvocable<IoResult(StateUpload&)> call);
  void FinishPart();

  const CheckpointId checkpoint_;
  const SubtaskId subtask_;
  const std::vector<Part> parts_;
  proto::SubtaskSnapshot snapshot_;
  const std::shared_ptr<StateStorage> storage_;
  Executor& worker_;
  Executor& io_;
  absl::AnyInvocable<void()> on_progress_;

  size_t part_ = 0;  // The one being written.
  FileStage stage_ = FileStage::kNone;
  std::shared_ptr<StateUpload> file_;
  bool io_under_way_ = false;
  absl::Status status_;
  // Closures that come back after this is gone find it expired.
  std::shared_ptr<SnapshotUpload*> self_;
};

}  // namespace weir

#endif  // WEIR_CORE_RUNTIME_SNAPSHOT_UPLOAD_H_
