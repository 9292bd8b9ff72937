#include "core/cluster/checkpoint_driver.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "core/base/check.h"
#include "core/checkpoint/checkpoint_store.h"
#include "core/checkpoint/garbage.h"

namespace weir {

CheckpointDriver::CheckpointDriver(Env& env, Executor& control, Executor& io, Options options,
                                   Job* job)
    : env_(env), control_(control), tasks_(control, io), options_(std::move(options)), job_(job) {
  state_.options = options_.checkpoints;
}

CheckpointDriver::~CheckpointDriver() {
  if (timer_.has_value()) control_.CancelTimer(*timer_);
}

absl::Duration CheckpointDriver::Now() const { return env_.clock().Monotonic(); }

void CheckpointDriver::Decide(CheckpointEvent event) {
  CheckpointDecision decision = weir::Decide(std::move(state_), std::move(event));
  state_ = std::move(decision.state);
  for (const CheckpointAction& action : decision.actions) Perform(action);
  ArmTimer();
}

void CheckpointDriver::Perform(const CheckpointAction& action) {
  if (const auto* trigger = std::get_if<TriggerSources>(&action))
    return job_->TriggerSources(*trigger);
  if (const auto* commit = std::get_if<CommitCheckpoint>(&action))
    return job_->CommitCheckpoint(*commit);
  if (const auto* abort = std::get_if<AbortCheckpoint>(&action))
    return job_->AbortCheckpoint(*abort);
  if (const auto* fail = std::get_if<FailAttempt>(&action)) return job_->FailAttempt(*fail);
  if (const auto* end = std::get_if<JobMayEnd>(&action)) return job_->JobMayEnd(*end);
  WEIR_CHECK(state_.options.durable) << "a checkpoint that is not durable goes to no store";
  if (const auto* write = std::get_if<WriteManifest>(&action)) return Write(*write);
  if (const auto* publish = std::get_if<PublishPointer>(&action)) return Publish(*publish);
  if (const auto* collect = std::get_if<CollectGarbage>(&action)) return Collect(*collect);
}

template <class Task>
void CheckpointDriver::RunBegin(std::shared_ptr<Task> task,
                                absl::AnyInvocable<void(Task&, absl::Status)> done) {
  tasks_.Run<Task>(std::move(task), [this, begin = begins_, done = std::move(done)](
                                        Task& finished, absl::Status status) mutable {
    if (begin == begins_) done(finished, std::move(status));
  });
}

// ---- Actions on the store ----

void CheckpointDriver::Write(const WriteManifest& action) {
  const JobAttempt attempt = state_.attempt;
  const CheckpointId checkpoint = action.checkpoint;
  absl::StatusOr<proto::CheckpointManifest> manifest = job_->BuildManifest(action);
  if (!manifest.ok()) {
    // Not from within an action.
    control_.Post(tasks_.WhileAlive([this, attempt, checkpoint, status = manifest.status()] {
      Tell(ManifestWritten{attempt, checkpoint, status});
    }));
    return;
  }
  tasks_.Run<WriteManifestTask>(
      std::make_shared<WriteManifestTask>(env_.file_system(), options_.folder, *manifest),
      [this, attempt, checkpoint](WriteManifestTask& task, absl::Status status) {
        if (!status.ok()) return Tell(ManifestWritten{attempt, checkpoint, status});
        Tell(ManifestWritten{attempt, checkpoint, task.manifest()});
      });
}

void CheckpointDriver::Publish(const PublishPointer& action) {
  const JobAttempt attempt = state_.attempt;
  tasks_.Run<PublishPointerTask>(
      std::make_shared<PublishPointerTask>(env_.file_system(), options_.folder, action.record,
                                           action.write),
      [this, attempt, sequence = action.record.sequence](PublishPointerTask& task,
                                                         absl::Status status) {
        const bool may_have_happened = task.may_have_happened();
        Tell(PointerPublished{attempt, sequence, std::move(status), may_have_happened});
      });
}

void CheckpointDriver::Collect(const CollectGarbage& action) {
  // What could not be removed is garbage the next time, too.
  tasks_.Run<CollectGarbageTask>(
      std::make_shared<CollectGarbageTask>(env_.file_system(), options_.folder, action.published,
                                           action.settled_through),
      [](CollectGarbageTask&, absl::Status) {});
}

// ---- The beginning of an attempt ----

void CheckpointDriver::BeginAttempt(JobAttempt attempt, uint32_t subtasks,
                                    absl::AnyInvocable<void(absl::StatusOr<Begun>)> on_begun) {
  // What an attempt before this one began with is of no interest any more.
  ++begins_;
  beginning_ = AttemptStarted();
  beginning_.attempt = attempt;
  beginning_.subtasks = subtasks;
  on_begun_ = std::move(on_begun);
  if (!state_.options.durable) {
    beginning_.first_checkpoint = state_.next_checkpoint;
    return FinishBegin(Begun());
  }
  if (has_claimed_) return Claim(std::nullopt);
  // What an attempt before this one still does there has files of its own.
  Hello hello = options_.hello;
  hello.process_incarnation = attempt.attempt.value();
  RunBegin<OpenStoreTask>(
      std::make_shared<OpenStoreTask>(env_.file_system(), options_.folder, std::move(hello), true),
      [this](OpenStoreTask&, absl::Status opened) {
        if (!opened.ok()) return FinishBegin(opened);
        if (options_.restore.empty()) return Claim(std::nullopt);
        RunBegin<FindCheckpointTask>(
            std::make_shared<FindCheckpointTask>(env_.file_system(), options_.restore),
            [this](FindCheckpointTask& task, absl::Status found) {
              if (!found.ok()) return FinishBegin(found);
              Claim(task.manifest());
            });
      });
}

void CheckpointDriver::Claim(std::optional<ManifestRef> restore) {
  ClaimPointerTask::Options claim;
  claim.attempt = beginning_.attempt;
  claim.restore = std::move(restore);
  claim.restore_if_new = options_.adopted;
  RunBegin<ClaimPointerTask>(
      std::make_shared<ClaimPointerTask>(env_.file_system(), options_.folder, std::move(claim)),
      [this](ClaimPointerTask& task, absl::Status claimed) {
        if (!claimed.ok()) return FinishBegin(claimed);
        OnClaimed(task.claimed(), task.first_checkpoint());
      });
}

void CheckpointDriver::OnClaimed(const PointerRecord& claimed, CheckpointId first_checkpoint) {
  has_claimed_ = true;
  beginning_.claimed = claimed;
  beginning_.first_checkpoint = first_checkpoint;
  if (claimed.manifest.none()) return FinishBegin(Begun());
  RunBegin<LoadCheckpointTask>(
      std::make_shared<LoadCheckpointTask>(env_.file_system(), options_.folder, claimed.manifest,
                                           VerifyFiles::kSizes),
      [this](LoadCheckpointTask& task, absl::Status loaded) {
        if (!loaded.ok()) return FinishBegin(loaded);
        FinishBegin(Begun{task.manifest(), task.folder()});
      });
}

void CheckpointDriver::FinishBegin(absl::StatusOr<Begun> begun) {
  auto on_begun = std::exchange(on_begun_, nullptr);
  if (begun.ok()) Tell(beginning_);
  on_begun(std::move(begun));
}

void CheckpointDriver::ArmTimer() {
  const absl::Duration due = NextWakeUp(state_);
  if (timer_due_ == due || (due == absl::InfiniteDuration() && !timer_.has_value())) return;
  if (timer_.has_value()) control_.CancelTimer(*timer_);
  timer_.reset();
  timer_due_.reset();
  if (due == absl::InfiniteDuration()) return;
  timer_due_ = due;
  timer_ =
      control_.PostAfter(std::max(absl::ZeroDuration(), due - Now()), tasks_.WhileAlive([this] {
        timer_.reset();
        timer_due_.reset();
        Tell(TimePassed());
      }));
}

}  // namespace weir
