// CheckpointDriver: performs what the CheckpointCoordinator decides, and tells it what came of it. One per job, on the JobManager's
// executor; storage is touched on the I/O executor, one operation per turn.
#ifndef WEIR_CORE_CLUSTER_CHECKPOINT_DRIVER_H_
#define WEIR_CORE_CLUSTER_CHECKPOINT_DRIVER_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/base/ids.h"
#include "core/checkpoint/checkpoint_coordinator.h"
#include "core/checkpoint/storage_task_runner.h"
#include "core/env/env.h"
#include "core/proto/manifest.pb.h"
#include "core/types/hello.h"

namespace weir {

class CheckpointDriver {
 public:
  // What is done with the subtasks and the job: JobMaster does it.
  class Job {
   public:
    virtual ~Job() = default;
    virtual void TriggerSources(const weir::TriggerSources& action) = 0;
    virtual void CommitCheckpoint(const weir::CommitCheckpoint& action) = 0;
    virtual void AbortCheckpoint(const weir::AbortCheckpoint& action) = 0;
    virtual void FailAttempt(const weir::FailAttempt& action) = 0;
    virtual void JobMayEnd(const weir::JobMayEnd& action) = 0;
    // The manifest of a checkpoint that every subtask has acknowledged.
    virtual absl::StatusOr<proto::CheckpointManifest> BuildManifest(
        const weir::WriteManifest& action) = 0;
  };
  struct Options {
    CheckpointOptions checkpoints;
    std::string folder;   // Absolute; used if checkpoints.durable.
    std::string restore;  // Absolute: a checkpoint folder or a manifest to begin from; "" for none.
    bool adopted = false;  // `restore` counts only if nothing was published in `folder`.
    Hello hello;           // Of this JobManager.
  };
  // What an attempt begins from.
  struct Begun {
    // The checkpoint that the claimed pointer names; absent before the first one.
    std::optional<proto::CheckpointManifest> manifest;
    std::string folder;  // Of the manifest and its state files.
  };

  // `control` is the executor of the job; both outlive this.
  CheckpointDriver(Env& env, Executor& control, Executor& io, Options options, Job* job);
  ~CheckpointDriver();

  // Takes the checkpoint folder over for `attempt` and reads what it has to restore; then the coordinator knows the attempt, and
  // `on_begun` follows, unless another attempt begins before. DataLoss names what is damaged; Aborted: another leader has the
  // job.
  void BeginAttempt(JobAttempt attempt, uint32_t subtasks,
                    absl::AnyInvocable<void(absl::StatusOr<Begun>)> on_begun);

  // Tells the coordinator; its actions are performed before this returns. Not from within an action.
  template <class Event>
  void Tell(Event event) {
    Decide({Now(), std::move(event)});
  }

  const CoordinatorState& state() const { return state_; }

 private:
  absl::Duration Now() const;
  void Decide(CheckpointEvent event);
  void Perform(const CheckpointAction& action);
  void Write(const WriteManifest& action);
  void Publish(const PublishPointer& action);
  void Collect(const CollectGarbage& action);
  void Claim(std::optional<ManifestRef> restore);
  void OnClaimed(const PointerRecord& claimed, CheckpointId first_checkpoint);
  void FinishBegin(absl::StatusOr<Begun> begun);
  void ArmTimer();

  // Runs it for the beginning of an attempt: tells nothing if another one has begun since.
  template <class Task>
  void RunBegin(std::shared_ptr<Task> task, absl::AnyInvocable<void(Task&, absl::Status)> done);

  Env& env_;
  Executor& control_;
  StorageTaskRunner tasks_;
  const Options options_;
  Job* const job_;
  CoordinatorState state_;
  // While an attempt begins.
  AttemptStarted beginning_;
  absl::AnyInvocable<void(absl::StatusOr<Begun>)> on_begun_;
  bool has_claimed_ = false;  // From then on the pointer says what to restore.
  uint64_t begins_ = 0;       // Counts BeginAttempt.
  std::optional<TimerId> timer_;
  std::optional<absl::Duration> timer_due_;
};

}  // namespace weir

#endif  // WEIR_CORE_CLUSTER_CHECKPOINT_DRIVER_H_
