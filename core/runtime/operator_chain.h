// OperatorChain: the stages of one subtask, run one call at a time. Batches go from stage to stage by pointer. The deepest stage
// that has something to do always goes first, so no stage ever holds more than one batch of input, and a stage that returned kMore
// is called again as soon as what it put out has been taken further.
//
// What the last stage puts out goes to a ChainOutput. Belongs to the subtask's executor.
#ifndef WEIR_CORE_RUNTIME_OPERATOR_CHAIN_H_
#define WEIR_CORE_RUNTIME_OPERATOR_CHAIN_H_

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/base/ids.h"
#include "core/operators/metric_group.h"
#include "core/operators/operator.h"
#include "core/operators/operator_snapshot.h"
#include "core/operators/source.h"
#include "core/types/key_hasher.h"
#include "core/types/row_codec.h"
#include "core/types/stream_element.h"
#include "state/state_backend.h"

namespace weir {

// Where the rows of the last stage go. Never refuses: the subtask asks OutputRouter::blocked() before it runs the chain.
class ChainOutput {
 public:
  virtual ~ChainOutput() = default;
  // An error if user code that routes rows fails.
  virtual absl::Status EmitRows(BatchBase& batch) = 0;
  virtual void EmitWatermark(Watermark watermark) = 0;
  virtual void EmitBarrier(CheckpointBarrier barrier) = 0;
};

// What a stage is made of. `input_codec` is null for a source, `output_codec` for a sink.
struct ChainStageSpec {
  std::unique_ptr<Operator> op;
  std::unique_ptr<OperatorContext> context;
  std::shared_ptr<const KeyHasher>
      key_hasher;  // Run on the input rows unless they carry hashes; may be null.
  std::shared_ptr<const RowCodec> input_codec;
  std::shared_ptr<const RowCodec> output_codec;
  bool is_source = false;
  // Of a fused run: the names of the nodes it stands for, for errors. Else empty.
  std::vector<std::string> fused_names;
};

class OperatorChain {
 public:
  // `batch_rows_max`: rows that a stage puts out before it is drained.
  OperatorChain(std::vector<ChainStageSpec> stages, size_t batch_rows_max, ChainOutput* output);
  ~OperatorChain();

  absl::Status Open();
  // Closes every stage that was opened, last first. Idempotent.
  void Close();

  // Of a source: as the methods of SourceOperatorBase, with failures described.
  absl::Status AddSplit(SourceSplit split);
  absl::Status NoMoreSplits();

  // Queue one element for the first stage; requires idle(). After each, Run() until it returns kDone.
  void PushBatch(int input, std::unique_ptr<BatchBase> batch);
  void PushWatermark(Watermark watermark);
  // Every stage in turn prepares and hands over its snapshot, then the barrier goes to the output.
  void PushBarrier(CheckpointBarrier barrier);
  void PushFinish();
  void PushCommit(CheckpointId through);
  // The same for a source: one call of Poll.
  void PushPoll();

  // Makes one operator call and takes its output one stage further. kDone: nothing is queued in the chain; kMore: call again;
  // kBlocked: call again after Wake(). Errors and exceptions of the operators come back as a status with the place.
  absl::StatusOr<Progress> Run();

  bool idle() const;
  // A batch that PushBatch took and that is free again, or null; spares an allocation.
  std::unique_ptr<BatchBase> TakeFreeBatch();

  SourceOperatorBase* source();  // Null if the first stage is no source.
  // What Poll said last: kDone when the source has ended.
  Progress last_poll() const { return last_poll_; }
  MetricGroup& metrics(size_t stage);
  const Operator& op(size_t stage) const;
  // Null if the stage has declared no tables. After Open.
  StateBackend* backend(size_t stage);
  // Before the first element, after Open.
  absl::Status RestoreOperator(size_t stage, const OperatorSnapshot& restored);
  // What the stage handed over at the last barrier.
  OperatorSnapshot TakeSnapshot(size_t stage);
  size_t size() const { return stages_.size(); }

 private:
  enum class CallKind : uint8_t { kBatch, kWatermark, kBarrier, kFinish, kCommit, kPoll };
  struct Call {
    CallKind kind;
    int input = 0;
    std::unique_ptr<BatchBase> batch;
    Watermark watermark;
    CheckpointBarrier barrier;
    CheckpointId through;  // Of a commit.
    bool counted = false;  // numRecordsIn has been counted.
  };
  struct Stage;

  absl::StatusOr<Progress> Invoke(Stage& stage, Call& call);
  absl::Status ForwardOutput(size_t index);
  void CompleteCall(size_t index);
  absl::Status HashKeys(Stage& stage, Call& call);
  // `row` of the call's batch is the one to blame.
  absl::Status DescribeFailure(const Stage& stage, const Call& call, size_t row,
                               absl::Status cause) const;

  std::vector<std::unique_ptr<Stage>> stages_;
  ChainOutput* const output_;
  std::unique_ptr<BatchBase> free_input_;
  Progress last_poll_ = Progress::kMore;
  size_t opened_ = 0;
};

}  // namespace weir

#endif  // WEIR_CORE_RUNTIME_OPERATOR_CHAIN_H_
