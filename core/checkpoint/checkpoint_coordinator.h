// CheckpointCoordinator: decides when a job takes a checkpoint, when one counts, and what may be committed. Pure: events carry
// the time, actions are data, and whoever performs them reports back with events. The order of truth:
//
//   every subtask acknowledged (its files are durable)
//     -> manifest written and synced, folder synced      WriteManifest   -> ManifestWritten
//     -> pointer published under attempt and epoch       PublishPointer  -> PointerPublished
//     -> every subtask told; sinks commit                CommitCheckpoint -> CommitAcked
//     -> acknowledgements of the commit durable          PublishPointer  -> PointerPublished
//     -> the job may end, if it was the last checkpoint  JobMayEnd
//
// Invariants, whatever the order of events: at most one checkpoint is under way; ids only grow, over restarts too (an id is
// given out only after a published pointer has reserved it); nothing is committed but a published checkpoint; a checkpoint
// whose publication may have happened is never aborted: if its outcome is unknown the job restarts from what the store says;
// what an older attempt reports is ignored. A stop is a checkpoint behind which sources rest: no maximum watermark, nothing
// finishes. The end of input is a checkpoint after every subtask has ended.
//
// Decisions are level-triggered: every event updates the state, then Decide looks at all of it, so a repeated, late or missing
// event needs no case of its own. Call it also when NextWakeUp() has come.
//
// Source: Carbone et al., "Lightweight Asynchronous Snapshots for Distributed Dataflows", 2015; Flink's CheckpointCoordinator.
#ifndef WEIR_CORE_CHECKPOINT_CHECKPOINT_COORDINATOR_H_
#define WEIR_CORE_CHECKPOINT_CHECKPOINT_COORDINATOR_H_

#include <cstdint>
#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/base/ids.h"
#include "core/checkpoint/checkpoint_pointer.h"
#include "core/checkpoint/job_attempt.h"
#include "core/proto/manifest.pb.h"

namespace weir {

enum class CheckpointMode : uint8_t { kExactlyOnce, kAtLeastOnce };

enum class CheckpointPurpose : uint8_t {
  kPeriodic,
  kStop,        // Sources rest behind the barrier; the job may end when it is committed.
  kEndOfInput,  // Every subtask has ended; the job may end when it is committed.
};
std::string_view CheckpointPurposeName(CheckpointPurpose purpose);  // "periodic", "stop", ...

struct CheckpointOptions {
  CheckpointMode mode = CheckpointMode::kExactlyOnce;
  // Between the starts of periodic checkpoints; infinite: none, only those of a stop or the end of input.
  absl::Duration interval = absl::InfiniteDuration();
  absl::Duration min_pause =
      absl::ZeroDuration();  // Between the end of one and the start of the next.
  // From the trigger until the manifest is written. What is being published is waited for without a limit.
  absl::Duration timeout = absl::Minutes(10);
  int tolerable_failures = 0;  // Consecutive ones; one more fails the attempt.
  int retained = 1;            // Completed checkpoints that are kept, at least 1.
  absl::Duration commit_retry = absl::Seconds(5);   // Before CommitCheckpoint is sent again.
  absl::Duration publish_retry = absl::Seconds(1);  // Before anything that failed is tried again.
  // False: nothing is stored. The last checkpoint still orders pre-commit and commit; nothing can be restored.
  bool durable = true;
};

// ---- Events ----

// A new attempt is being deployed, from what its claimed pointer names (CheckpointStore: ClaimPointer). First of all events.
struct AttemptStarted {
  JobAttempt attempt;  // Newer than any before.
  uint32_t subtasks = 0;
  PointerRecord claimed;
  CheckpointId first_checkpoint{1};  // No smaller id may be used (ClaimPointer says which).
};
// Every subtask of the attempt runs.
struct AllSubtasksRunning {
  JobAttempt attempt;
};
// Its files are durable.
struct SubtaskAcknowledged {
  JobAttempt attempt;
  CheckpointId checkpoint;
  SubtaskId subtask;
  proto::SubtaskSnapshot snapshot;
};
struct SubtaskDeclined {
  JobAttempt attempt;
  CheckpointId checkpoint;
  SubtaskId subtask;
  absl::Status why;
};
// It has read and finished everything; it still answers barriers.
struct SubtaskEnded {
  JobAttempt attempt;
  SubtaskId subtask;
};
// The file and its name are durable; or not, and then nothing will refer to it.
struct ManifestWritten {
  JobAttempt attempt;
  CheckpointId checkpoint;
  absl::StatusOr<ManifestRef> manifest;
};
// OK: linked, still the newest, and the name is durable.
struct PointerPublished {
  JobAttempt attempt;
  uint64_t sequence = 0;
  absl::Status status;            // Aborted: another attempt has taken over.
  bool may_have_happened = true;  // With an error: the link was tried.
};
// The subtask has committed everything up to `through`.
struct CommitAcked {
  JobAttempt attempt;
  SubtaskId subtask;
  CheckpointId through;
};
struct StopRequested {};
// The attempt failed, in whole or in part, or was cancelled; nothing more is to be decided for it. Subtasks that run on are told to
// forget the checkpoint that was under way: now, or, if it was being published, when the next attempt knows that it was not.
struct AttemptEnded {
  JobAttempt attempt;
};
struct TimePassed {};

struct CheckpointEvent {
  absl::Duration now;  // Monotonic, never less than in the event before.
  std::variant<AttemptStarted, AllSubtasksRunning, SubtaskAcknowledged, SubtaskDeclined,
               SubtaskEnded, ManifestWritten, PointerPublished, CommitAcked, StopRequested,
               AttemptEnded, TimePassed>
      what;
};

// ---- Actions ----

// Snapshot the enumerators and queue a barrier behind what was sent to every source subtask.
struct TriggerSources {
  CheckpointId checkpoint;
  CheckpointPurpose purpose = CheckpointPurpose::kPeriodic;
};
struct WriteManifest {
  CheckpointId checkpoint;
  CheckpointPurpose purpose = CheckpointPurpose::kPeriodic;
  std::map<SubtaskId, proto::SubtaskSnapshot> snapshots;  // Of every subtask.
};
struct PublishPointer {
  PointerRecord record;
  uint64_t write =
      0;  // Differs between all publications that an attempt tries; part of the candidate's name.
};
// Commit everything up to `through`, and answer. Repeated until acknowledged.
struct CommitCheckpoint {
  CheckpointId through;
  std::vector<SubtaskId> subtasks;
};
// Forget the barrier: unblock, delete what was written for it, rest no longer behind a stop.
struct AbortCheckpoint {
  CheckpointId checkpoint;
  absl::Status why;
};
// Delete what no retained manifest reaches, of older leaders or of checkpoints up to `settled_through`.
struct CollectGarbage {
  PointerRecord published;  // Durable; what it retains stays.
  CheckpointId settled_through;
};
struct FailAttempt {
  absl::Status why;
  bool fenced = false;  // Do not restart: another leader or attempt has the job.
};
// Everything is committed and the acknowledgements are durable. Once, and nothing follows.
struct JobMayEnd {
  CheckpointPurpose purpose = CheckpointPurpose::kEndOfInput;  // Or kStop.
  CheckpointId checkpoint;
};

using CheckpointAction =
    std::variant<TriggerSources, WriteManifest, PublishPointer, CommitCheckpoint, AbortCheckpoint,
                 CollectGarbage, FailAttempt, JobMayEnd>;

// ---- State ----

struct PendingCheckpoint {
  enum class Stage : uint8_t { kCollecting, kWriting, kWritten, kPublishing };
  CheckpointId id;
  CheckpointPurpose purpose = CheckpointPurpose::kPeriodic;
  absl::Duration started;
  Stage stage = Stage::kCollecting;
  std::map<SubtaskId, proto::SubtaskSnapshot> snapshots;
  ManifestRef manifest;  // From kWritten on.
};

struct CoordinatorState {
  CheckpointOptions options;

  enum class Phase : uint8_t {
    kDown,       // No attempt.
    kDeploying,  // Not every subtask runs.
    kRunning,
    kMayEnd,  // Nothing is left to do.
  };
  Phase phase = Phase::kDown;
  JobAttempt attempt;
  std::vector<bool> ended;                 // By SubtaskId.
  std::vector<CheckpointId> commit_acked;  // By SubtaskId: committed up to here.

  CheckpointId next_checkpoint{1};
  std::optional<PendingCheckpoint> pending;
  PointerRecord published;                  // The newest that is known to be durable.
  std::optional<PointerRecord> publishing;  // Under way.
  std::optional<CheckpointId> in_doubt;     // Was being published when the attempt ended.
  uint64_t publications = 0;                // Tried by this attempt.
  CheckpointId settled_through;             // Every checkpoint up to here is completed or aborted.
  std::optional<CheckpointPurpose>
      last_purpose;  // Of the newest completed checkpoint of this attempt.

  bool stop_requested = false;
  int consecutive_failures = 0;  // Since the last publication.
  absl::Duration running_since;
  absl::Duration last_triggered = -absl::InfiniteDuration();
  absl::Duration last_settled = -absl::InfiniteDuration();  // Completed or aborted.
  absl::Duration last_failed = -absl::InfiniteDuration();  // Aborted, or a publication that failed.
  CheckpointId commit_sent;                                // The last CommitCheckpoint.
  absl::Duration commit_sent_at = -absl::InfiniteDuration();

  uint64_t completed_count = 0;  // For metrics.
  uint64_t aborted_count = 0;

  bool all_ended() const;
  // Every subtask has committed up to here.
  CheckpointId all_committed() const;
  std::string ToString() const;
  friend std::ostream& operator<<(std::ostream& out, const CoordinatorState& state) {
    return out << state.ToString();
  }
};

struct CheckpointDecision {
  CoordinatorState state;
  std::vector<CheckpointAction> actions;  // To be started in this order.
};

CheckpointDecision Decide(CoordinatorState state, CheckpointEvent event);

// When Decide wants a TimePassed if nothing else happens; infinite if never.
absl::Duration NextWakeUp(const CoordinatorState& state);

}  // namespace weir

#endif  // WEIR_CORE_CHECKPOINT_CHECKPOINT_COORDINATOR_H_
