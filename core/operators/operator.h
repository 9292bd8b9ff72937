// Operator: one step of a job inside a subtask. The runtime calls, always on the subtask's executor and one at a time:
//
//   Open -> RestoreOperatorState? -> (ProcessBatch | ProcessWatermark | PrepareSnapshot SnapshotOperatorState | Commit)*
//        -> Finish -> (PrepareSnapshot SnapshotOperatorState | Commit)+ -> Close
//
// Open comes first and once; Close comes last and once, also after an error, then without Finish or Commit. A call that returns
// kMore or kBlocked is repeated with the same arguments until it returns kDone; until then no other element is taken. The
// operator keeps its own cursor meanwhile. Calls may throw (user code does); the runtime turns exceptions and error statuses
// into a failure of the job that names uid, subtask, row and event time.
//
// The output is a function of the sequence of (input, row or control) alone: how rows are cut into batches, and when the output
// is full, must not show. VerifyOperator (core/testing) checks this for every operator.
#ifndef WEIR_CORE_OPERATORS_OPERATOR_H_
#define WEIR_CORE_OPERATORS_OPERATOR_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/base/ids.h"
#include "core/operators/operator_context.h"
#include "core/operators/operator_snapshot.h"
#include "core/operators/output.h"
#include "core/operators/progress.h"
#include "core/types/batch.h"
#include "core/types/stream_element.h"

namespace weir {

struct StageCounts {
  int64_t records_in = 0;
  int64_t records_out = 0;
  friend bool operator==(const StageCounts&, const StageCounts&) = default;
};

class Operator {
 public:
  virtual ~Operator() = default;

  virtual absl::Status Open(OperatorContext& context) = 0;

  // Takes the rows of `batch`, which came in on logical input `input` (0 unless the operator has two). The operator may move
  // rows out of the batch, but leaves its size as it is until it returns kDone.
  virtual absl::StatusOr<Progress> ProcessBatch(int input, BatchBase& batch, Output& out) = 0;

  // Event time of the operator's inputs has reached `watermark`. The runtime passes the watermark on after kDone if
  // forwards_watermarks().
  virtual absl::StatusOr<Progress> ProcessWatermark(Watermark watermark, Output& out) = 0;

  // False for operators that make their own watermarks (through Output::EmitWatermark, EventTime::Max() included).
  virtual bool forwards_watermarks() const { return true; }

  // All inputs have ended (a watermark of EventTime::Max() came before). Every operator of the job is finished before the last
  // checkpoint is taken, which covers what was put out here.
  virtual absl::StatusOr<Progress> Finish(Output& out) = 0;

  // Every checkpoint up to and including `through` counts: make visible what was pre-committed for them and for nothing later.
  // Idempotent; may come between any two elements, also for checkpoints of an earlier life, and may skip some.
  virtual absl::StatusOr<Progress> Commit(CheckpointId /*through*/) { return Progress::kDone; }

  // A checkpoint barrier has come, and everything before it is processed. Makes what only this operator can make durable so:
  // a sink pre-commits here. Nothing else is taken before kDone. Also after Finish, for the last checkpoint of a job, which there
  // always is.
  virtual absl::StatusOr<Progress> PrepareSnapshot(CheckpointId /*checkpoint*/) {
    return Progress::kDone;
  }
  // After PrepareSnapshot: what the operator remembers besides its tables. Fills `snapshot`, which is empty.
  virtual absl::Status SnapshotOperatorState(OperatorSnapshot& /*snapshot*/) {
    return absl::OkStatus();
  }
  // After Open and before anything else, if the job goes on from a checkpoint that knows this operator's uid.
  virtual absl::Status RestoreOperatorState(const OperatorSnapshot& /*restored*/) {
    return absl::OkStatus();
  }

  virtual void Close() {}

  // The row of the current batch that a failing call was working on, for the error message.
  virtual size_t current_row() const { return 0; }

  // A fused run stands for several nodes of the JobGraph, one per stage: rows that entered and left each of them so far, and
  // the stage a failing call was working on. Empty and 0 for every other operator.
  virtual std::span<const StageCounts> stage_counts() const { return {}; }
  virtual size_t current_stage() const { return 0; }
};

// For operators without state of their own time: passes watermarks through and has nothing to finish.
class StatelessOperator : public Operator {
 public:
  absl::Status Open(OperatorContext&) override { return absl::OkStatus(); }
  absl::StatusOr<Progress> ProcessWatermark(Watermark, Output&) override { return Progress::kDone; }
  absl::StatusOr<Progress> Finish(Output&) override { return Progress::kDone; }
};

}  // namespace weir

#endif  // WEIR_CORE_OPERATORS_OPERATOR_H_
