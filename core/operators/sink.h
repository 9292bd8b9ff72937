// Sink: where rows leave the job. A Sink<T> makes one SinkWriter per subtask; SinkOperator wraps it for the runtime.
//
//   Open -> Restore? -> (Write | PrepareCommit Snapshot | Commit)* -> Finish -> (PrepareCommit Snapshot | Commit)+ -> Close
//
// Two phases (Flink's TwoPhaseCommittingSink): PrepareCommit at a checkpoint's barrier makes durable what was written, as
// committables that travel in the checkpoint; once the checkpoint counts, Commit makes them visible. A job that dies between
// the two finds the committables in the checkpoint and commits them again. Close alone, after an error or a cancel, leaves what
// was not committed invisible, and what was pre-committed in place, since a checkpoint may name it.
#ifndef WEIR_CORE_OPERATORS_SINK_H_
#define WEIR_CORE_OPERATORS_SINK_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/base/ids.h"
#include "core/env/env.h"
#include "core/operators/operator_context.h"
#include "core/operators/operator_snapshot.h"
#include "core/operators/progress.h"
#include "core/types/batch.h"

namespace weir {

// Belongs to the subtask's executor; does its blocking work on context.io_executor() and returns kBlocked meanwhile.
template <class T>
class SinkWriter {
 public:
  virtual ~SinkWriter() = default;
  virtual absl::Status Open(OperatorContext& context) = 0;
  // Takes rows of `batch` from `*cursor` on and moves the cursor; kDone when it has reached the end, kBlocked when the writer
  // has as much in flight as it may.
  virtual absl::StatusOr<Progress> Write(Batch<T>& batch, size_t* cursor) = 0;
  // No row follows. PrepareCommit comes once more, for the last checkpoint.
  virtual absl::StatusOr<Progress> Finish() = 0;

  // Makes durable but not visible what was written and not yet prepared: it becomes part of `checkpoint`. kBlocked until it is.
  // Ids grow; a checkpoint that was prepared may be aborted, and then a later Commit covers it.
  virtual absl::StatusOr<Progress> PrepareCommit(CheckpointId checkpoint) = 0;
  // After PrepareCommit: everything that is prepared and not known to be committed, as committables, and counters as list state.
  // `snapshot` is empty.
  virtual void Snapshot(OperatorSnapshot& snapshot) const = 0;
  // Once, before the first Write: committables that this subtask has to commit at the next Commit, whatever checkpoint it names,
  // and the list state. They may be committed already, and may come from other subtasks.
  virtual absl::Status Restore(const OperatorSnapshot& restored) = 0;
  // Makes visible what was prepared for checkpoints up to `through`. Idempotent.
  virtual absl::StatusOr<Progress> Commit(CheckpointId through) = 0;
  virtual void Close() = 0;
};

// What the end of a job tells people about a sink, e.g. the folder and its first rows.
struct SinkReport {
  std::string where;                    // "/home/me/weir-out/package_activity"
  std::vector<std::string> first_rows;  // As text, at most 10; a CSV's header is the first.
};

// What a sink's results belong to.
struct SinkRun {
  // Names the run through all its interruptions, and no other one: what is there under this name is its own.
  std::string run_id;
  // The attempt that is about to be deployed. Whatever an older one left that is in no committable was aborted.
  LeaderEpoch epoch;
  AttemptNumber attempt;
  // It goes on from a checkpoint, and these are the committables in it of all subtasks of this sink.
  bool restored = false;
  std::vector<std::string> committables;
  // If set: only these writers, by index, are deployed. The others run on in the attempt that they are of; what they write, have
  // prepared or committed is theirs, whatever the checkpoint says.
  std::optional<std::set<int>> only_writers;

  bool whole() const { return !only_writers.has_value(); }
  // The writer with this index is deployed.
  bool begins(int64_t writer) const {
    return whole() || only_writers->contains(static_cast<int>(writer));
  }
};

// Prepares and reports at the JobManager; runs ON an executor of kind kIo.
class SinkCoordinator {
 public:
  virtual ~SinkCoordinator() = default;
  // Before writers are deployed: creates the folder, refuses what must not be overwritten (FailedPrecondition + remedy), removes
  // what older attempts of these writers aborted. Others of its writers may be at work.
  virtual absl::Status Prepare(Env& env, const SinkRun& run) = 0;
  // After the job finished, when everything is committed: removes what aborted attempts left behind, as far as it can.
  virtual absl::StatusOr<SinkReport> Report(Env& env) = 0;
};

template <class T>
class Sink {
 public:
  virtual ~Sink() = default;
  virtual std::unique_ptr<SinkWriter<T>> NewWriter() const = 0;
  virtual std::unique_ptr<SinkCoordinator> NewCoordinator() const = 0;
  // Kind and settings for people and the digest.
  virtual std::string Describe() const = 0;
};

}  // namespace weir

#endif  // WEIR_CORE_OPERATORS_SINK_H_
