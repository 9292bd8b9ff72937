// Subtask: one parallel instance of a vertex. Reads its input gate (or polls its source), runs its chain, sends what comes out, in
// cooperative turns on its worker executor. Subtasks of one worker share its executor; none ever blocks it.
//
//   CREATED -Start-> RESTORING -> RUNNING -> ENDED        FAILED from any of these; Release leads to RELEASED from all
//
// A checkpoint reaches a source by TriggerCheckpoint and everybody else by barriers. Each stage prepares (sinks pre-commit), hands
// over what it remembers, and the barrier goes on; then the tables' contents are written while rows flow again, and the subtask
// acknowledges when all of it is durable. A subtask that has ended goes on to answer barriers and commits.
//
// Start, AddSplits, TriggerCheckpoint, AbortCheckpoint, Commit, Release and PublishMetrics may be called from any
// executor: they post, and take effect in the order of the calls. Everything else runs on the worker. Back-pressure is a turn that
// ends because frames wait for credit.
#ifndef WEIR_CORE_RUNTIME_SUBTASK_H_
#define WEIR_CORE_RUNTIME_SUBTASK_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/base/ids.h"
#include "core/env/env.h"
#include "core/graph/execution_graph.h"
#include "core/operators/metric_group.h"
#include "core/proto/control.pb.h"
#include "core/proto/manifest.pb.h"
#include "core/runtime/barrier_aligner.h"
#include "core/runtime/input_gate.h"
#include "core/runtime/operator_chain.h"
#include "core/runtime/output_router.h"
#include "core/runtime/snapshot_upload.h"
#include "core/runtime/state_restore.h"
#include "core/runtime/state_storage.h"
#include "core/runtime/watermark_merger.h"
#include "core/types/frame.h"
#include "core/types/hello.h"

namespace weir {

struct SubtaskOptions {
  size_t batch_rows_max = kBatchRowsMax;
  size_t frame_bytes_max = kFrameBytesMaxDefault;
  size_t record_bytes_max = kRecordBytesMaxDefault;
  int64_t frames_in_flight_per_channel = 16;
  size_t fanout_bytes_max = 256u << 20;
};

struct SubtaskSpec {
  Hello hello;  // Of this process; opens every stream.
  JobId job;
  AttemptNumber attempt;
  SubtaskId id;
  std::shared_ptr<const JobGraph> graph;
  std::shared_ptr<const ExecutionGraph> plan;
  std::vector<Address> slot_addresses;    // By slot.
  std::shared_ptr<StateStorage> storage;  // Null: checkpoints are not durable.
  // By uid: what operators start from. Requires `storage` where there is keyed state.
  std::map<std::string, proto::SubtaskStateSnapshot> restore;
  SubtaskOptions options;
};

// The metrics of the nodes that a subtask runs, by NodeId.
using SubtaskMetricsList = std::vector<std::pair<NodeId, MetricGroup>>;

// By stage.
using RestoredStates = std::vector<proto::RestoredState>;

// Called on the worker executor; must not call back into the subtask from there other than through its posting methods.
class SubtaskListener {
 public:
  virtual ~SubtaskListener() = default;
  // `restored`: what its operators with tables started from.
  virtual void OnSubtaskRunning(SubtaskId id, RestoredStates restored) = 0;
  virtual void OnSubtaskWantsSplit(SubtaskId id) = 0;
  virtual void OnSubtaskEnded(SubtaskId id, SubtaskMetricsList metrics) = 0;
  // Its part of the checkpoint is durable.
  virtual void OnSubtaskAcknowledged(SubtaskId id, CheckpointId checkpoint,
                                     proto::SubtaskSnapshot snapshot) = 0;
  // It cannot take part in this checkpoint; the job goes on.
  virtual void OnSubtaskDeclined(SubtaskId id, CheckpointId checkpoint, absl::Status why) = 0;
  // Everything pre-committed up to `through` is visible.
  virtual void OnSubtaskCommitted(SubtaskId id, CheckpointId through,
                                  SubtaskMetricsList metrics) = 0;
  virtual void OnSubtaskFailed(SubtaskId id, absl::Status why, SubtaskMetricsList metrics,
                               RestoredStates restored) = 0;
  virtual void OnSubtaskMetrics(SubtaskId id, SubtaskMetricsList metrics) = 0;
  virtual void OnSubtaskReleased(SubtaskId id) = 0;
};

class Subtask : public std::enable_shared_from_this<Subtask> {
 public:
  // The executors, `env` and `listener` must outlive the subtask's release.
  static std::shared_ptr<Subtask> Create(Env& env, Executor& worker, Executor& io, SubtaskSpec spec,
                                         SubtaskListener* listener);
  ~Subtask();

  void Start();
  // Of `no_more_splits` the source hears before it reads from `splits`; sources only.
  void AddSplits(std::vector<SourceSplit> splits, bool no_more_splits);
  // A barrier behind the splits that were added so far; sources only.
  void TriggerCheckpoint(CheckpointBarrier barrier);
  void AbortCheckpoint(CheckpointId checkpoint);
  void Commit(CheckpointId through);
  void Release();
  void PublishMetrics();

  // For ServerHandler::OnOpenStream, on the TaskManager's executor: the receiving end of `channel`. NotFound if this subtask does not
  // read it, FailedPrecondition if its rows have another schema.
  absl::StatusOr<ServerHandler::Accepted> Accept(ChannelId channel, uint64_t schema_digest);

  SubtaskId id() const { return spec_.id; }
  std::string name() const;  // "window (2/3)"

 private:
  enum class State : uint8_t { kCreated, kRestoring, kRunning, kEnded, kFailed, kReleased };
  // What goes through the chain alone, and what is to be done when it is through.
  enum class ControlCall : uint8_t { kNone, kBarrier, kFinish, kCommit };
  class Context;

  Subtask(Env& env, Executor& worker, Executor& io, SubtaskSpec spec, SubtaskListener* listener);
  void Build();
  std::vector<ChainStageSpec> BuildStages();
  OutputEdge BuildOutputEdge(const Edge& edge);
  void BuildGate();

  void OnStart();
  void OnRestored(absl::Status restored);
  absl::Status CheckRestoredTables(size_t stage, const proto::SubtaskStateSnapshot& restore);
  void Schedule();
  void RunTurn();
  void ChargeRows();
  // kMore: something was done. kBlocked: nothing can be done until somebody calls Schedule or Wake.
  absl::StatusOr<Progress> Step();
  absl::StatusOr<Progress> StepSource();
  absl::StatusOr<Progress> StepGate();
  void BeginControl(ControlCall call);
  void OnControlThrough();
  void OnBarrierThrough();
  void StepUpload();
  std::vector<SnapshotUpload::Part> StateParts(const proto::SubtaskSnapshot& snapshot);
  void OnEnded();
  proto::SubtaskSnapshot CollectSnapshot();
  void OnWake();
  void Fail(absl::Status why);
  SubtaskMetricsList CollectMetrics();
  const PlannedSubtask& planned() const { return spec_.plan->subtask(spec_.id); }
  const Vertex& vertex() const { return spec_.plan->vertex(planned().vertex); }
  bool active() const { return state_ == State::kRunning || state_ == State::kEnded; }
  template <class Fn>
  void PostSelf(Fn fn);
  void PostWhenRunning(std::function<void(Subtask&)> fn);
  void PostSourceEvent(std::function<absl::Status(Subtask&)> event);

  Env& env_;
  Executor& worker_;
  Executor& io_;
  const SubtaskSpec spec_;
  SubtaskListener* const listener_;

  State state_ = State::kCreated;
  std::unique_ptr<OutputRouter> router_;
  std::unique_ptr<OperatorChain> chain_;
  std::unique_ptr<InputGate> gate_;
  std::unique_ptr<WatermarkMerger> merger_;
  std::unique_ptr<BarrierAligner> aligner_;
  std::vector<std::pair<OutputChannel*, std::pair<Address, std::string>>>
      connections_;           // Until Start: channel, address, hello.
  absl::Duration row_cost_;   // What a row charges the worker; drawn at Start.
  int64_t rows_charged_ = 0;  // Rows that turns have charged for.
  bool scheduled_ = false;
  bool waits_for_wake_ = false;
  bool source_blocked_ = false;
  bool source_ended_ = false;
  bool split_requested_ = false;
  ControlCall control_ = ControlCall::kNone;
  std::deque<std::function<absl::Status(Subtask&)>> source_events_;  // Of a source: still to come.
  std::optional<CheckpointBarrier> due_barrier_;      // Aligned, not yet in the chain.
  CheckpointBarrier barrier_;                         // The last one in the chain.
  std::unique_ptr<StateRestore> state_restore_;       // While RESTORING.
  RestoredStates restored_;                           // Since then.
  std::vector<std::function<void(Subtask&)>> early_;  // What came before RUNNING, in order.
  std::unique_ptr<SnapshotUpload> upload_;            // Of that one, while it runs.
  CheckpointId aborted_;  // Everything up to this one need not be acknowledged.
  CheckpointId commit_requested_;
  CheckpointId committed_;
  CheckpointId commit_in_chain_;
};

}  // namespace weir

#endif  // WEIR_CORE_RUNTIME_SUBTASK_H_
