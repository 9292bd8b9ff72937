// JobMaster: one job from submission to its end. A state machine inside the JobManager, on its executor:
//
//   CREATED   build and check the graph; wait for slots
//   RUNNING   take the checkpoint folder over; list the splits or restore them, and prepare sinks (on the I/O executor); deploy on
//             every TaskManager, then start; hand out splits and checkpoint barriers; when every subtask has ended and the last
//             checkpoint is committed, ask the sinks for their report -> FINISHED
//   RESTARTING   after a failure: release the regions that it concerns (core/cluster/region_table.h), wait as the restart strategy says,
//             then run them in a new attempt from the checkpoint that the pointer names; other regions run on meanwhile
//   FAILING / CANCELLING   release everything -> FAILED / CANCELED
//
// What is visible of a job is what its checkpoints have committed; without periodic ones that is nothing before its end.
#ifndef WEIR_CORE_CLUSTER_JOB_MASTER_H_
#define WEIR_CORE_CLUSTER_JOB_MASTER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "core/base/ids.h"
#include "core/checkpoint/recovery.h"
#include "core/cluster/checkpoint_driver.h"
#include "core/cluster/cluster_options.h"
#include "core/cluster/job_graph_provider.h"
#include "core/cluster/job_result.h"
#include "core/cluster/region_table.h"
#include "core/cluster/rpc_client.h"
#include "core/cluster/split_assigner.h"
#include "core/env/env.h"
#include "core/graph/execution_graph.h"
#include "core/operators/sink.h"
#include "core/proto/control.pb.h"
#include "core/runtime/subtask.h"

namespace weir {

struct JobMasterOptions {
  std::string cluster_id;
  // The job ran under an earlier leader: what its checkpoint folder names counts before JobSubmission::restore.
  bool adopted = false;
  int default_parallelism = 1;  // 0: the slots there are when a job is submitted.
  bool chaining = true;
  bool fusion = true;
  ClusterTimeouts timeouts;
};

class JobMaster final : public CheckpointDriver::Job {
 public:
  using OnDone = absl::AnyInvocable<void(JobResult)>;
  // What it asks of the JobManager.
  struct Requests {
    // slots_wanted() are needed; the answer is OnSlots, at once or later.
    absl::AnyInvocable<void()> want_slots;
    // A call to a TaskManager, made at `called` by the monotonic clock, did not reach it. It may be better to do without it than to
    // try again.
    absl::AnyInvocable<void(const Address&, absl::Duration called)> report_unreachable;
    // All of its subtasks run, or have ended: for the first time, or again after a restart.
    absl::AnyInvocable<void()> report_running;
  };
  JobMaster(Env& env, Executor& control, Executor& io, proto::Fence fence, JobSubmission submission,
            JobGraphProvider provider, JobMasterOptions options, Requests requests, OnDone on_done);
  ~JobMaster();

  void Start();
  void Cancel(absl::Status why);
  // Takes a last checkpoint and ends as kSuspended, to go on from there. Without durable checkpoints: as Cancel.
  void Stop();

  // Slots of the whole job if it waits for some; else 0.
  int slots_wanted() const { return wants_slots_ ? plan_->slots : 0; }
  // A part of it runs on: the slots that it has are to stay where they are.
  bool keeps_slots() const { return !regions_.running().empty(); }
  void OnSlots(std::vector<Address> slot_addresses);
  // For JobProgress::waiting_for.
  void set_waiting_for(std::string what) { waiting_for_ = std::move(what); }
  // `why` continues "TaskManager X ...".
  void OnTaskManagerLost(const Address& address, const std::string& why);

  absl::Status OnRequestSplit(const proto::RequestSplitRequest& request);
  absl::Status OnSubtaskStateChanged(const proto::SubtaskStateChangedRequest& request);
  absl::Status OnAcknowledgeCheckpoint(const proto::AcknowledgeCheckpointRequest& request);
  absl::Status OnAcknowledgeCommit(const proto::AcknowledgeCommitRequest& request);
  absl::Status OnMetrics(const proto::HeartbeatRequest& heartbeat);

  JobProgress Progress() const;
  std::vector<NodeReport> NodeReports() const;  // Empty if the job could not be planned.
  JobState state() const { return state_; }
  // It has ended, or what it comes to is decided: it wants no slots any more.
  bool ends() const { return end_state_.has_value() || IsEndState(state_); }
  // Why it failed, restarts or was cancelled; OK if none of that happened.
  const absl::Status& why() const { return why_; }
  const std::vector<SinkReport>& sink_reports() const { return sink_reports_; }
  const std::vector<std::string>& warnings() const { return warnings_; }
  absl::Duration runtime() const { return env_.clock().Monotonic() - started_; }
  const std::vector<Address>& slot_addresses() const { return slot_addresses_; }
  const proto::Fence& fence() const { return fence_; }

 private:
  struct SourceState;
  struct Prepared;
  absl::Status BuildGraph();
  int DefaultParallelism() const;
  VertexId VertexOf(NodeId node) const;
  void OnBegun(absl::StatusOr<CheckpointDriver::Begun> begun);
  absl::Status PrepareRestore(const CheckpointDriver::Begun& begun);
  void PrepareSources(std::shared_ptr<CheckpointDriver::Begun> begun);
  static std::optional<std::vector<SourceSplit>> UnfinishedSplits(
      const CheckpointDriver::Begun& begun, const std::string& uid);
  bool IsOfAnotherRun(const proto::CheckpointManifest& manifest) const;
  void PrepareSinks(const CheckpointDriver::Begun& begun);
  absl::Status BuildSources();
  void Deploy();
  void StartTasks();
  void WantSlots();
  template <class Response, class Request>
  void CallAll(std::string_view method, const std::map<Address, Request>& requests,
               absl::Duration deadline, absl::AnyInvocable<void()> on_all_ok);
  // One for each TaskManager and attempt of `subtasks`: with the fence, and with those that run there.
  template <class Request>
  std::vector<std::pair<Address, Request>> RequestsFor(
      const std::vector<SubtaskId>& subtasks) const;
  proto::Fence FenceOf(SubtaskId id) const;
  const Address& AddressOf(SubtaskId id) const {
    return slot_addresses_[static_cast<size_t>(plan_->subtask(id).slot)];
  }
  // The subtasks of `vertex`, by index, that are being deployed.
  std::set<int> StartingSubtasksOf(VertexId vertex) const;
  bool AllStart(VertexId vertex) const {
    return static_cast<int>(StartingSubtasksOf(vertex).size()) == plan_->vertex(vertex).parallelism;
  }
  void SendSourceEvents(SourceState& source, std::vector<std::pair<int, SourceEvent>> events);
  void PumpSourceEvents(SourceState& source, int reader);
  // CheckpointDriver::Job.
  void TriggerSources(const weir::TriggerSources& action) override;
  void CommitCheckpoint(const weir::CommitCheckpoint& action) override;
  void AbortCheckpoint(const weir::AbortCheckpoint& action) override;
  absl::StatusOr<proto::CheckpointManifest> BuildManifest(
      const weir::WriteManifest& action) override;
  void FailAttempt(const weir::FailAttempt& action) override;
  void JobMayEnd(const weir::JobMayEnd& action) override;
  enum class Remedy : uint8_t { kRestart, kNone };
  // Restarts what a failure in `failed` concerns if that may help and is allowed, else fails the job.
  void Fail(absl::Status why, const RegionTable::Regions& failed, Remedy remedy = Remedy::kRestart);
  // The attempt that is being deployed.
  void FailStart(absl::Status why, Remedy remedy = Remedy::kRestart) {
    Fail(std::move(why), regions_.starting(), remedy);
  }
  // What the restart strategy says about the failure that why_ is.
  bool MayRestart();
  void TakeDown(const RegionTable::Regions& failed);
  void OnReleased();
  void ReleaseAll(JobState end_state);
  void Finish(JobState end_state);
  // Aborted unless it is of this leader and job, and of the attempt that the subtask was deployed in last.
  absl::Status CheckFence(const proto::Fence& fence, uint32_t subtask) const;
  JobAttempt attempt() const {
    return {LeaderEpoch(fence_.leader_epoch()), AttemptNumber(fence_.attempt())};
  }
  SourceState* SourceOf(SubtaskId id);
  std::string DescribePlace(NodeId node, const SetAsideRecords& records) const;
  Env& env_;
  Executor& control_;
  Executor& io_;
  proto::Fence fence_;  // Its attempt grows.
  const JobSubmission submission_;
  const JobGraphProvider provider_;
  const JobMasterOptions options_;
  Requests requests_;
  OnDone on_done_;
  std::unique_ptr<RpcClient> rpc_;  // Of this attempt: replies to an older one are dropped.
  RegionTable regions_;
  // Of each region since it was deployed, for what goes to one of its subtasks. By RegionId.
  std::vector<std::unique_ptr<RpcClient>> region_rpcs_;

  // `fn` for `control_`, from anywhere: does nothing if this object is gone by then.
  template <class Fn>
  auto Weak(Fn fn) {
    return [weak = std::weak_ptr<JobMaster*>(self_), fn = std::move(fn)](auto... args) mutable {
      if (weak.lock() != nullptr) fn(std::move(args)...);
    };
  }

  std::shared_ptr<JobMaster*> self_ = std::make_shared<JobMaster*>(this);
  JobState state_ = JobState::kCreated;
  absl::Status why_;  // Of the failure or cancellation.
  std::string waiting_for_;
  bool wants_slots_ = false;
  size_t releases_under_way_ = 0;
  uint64_t failures_ = 0;  // Numbers them, so that a delay knows whether it is still the newest.
  std::optional<JobState> end_state_;  // Decided; what is missing is that everything is released.
  int restarts_ = 0;
  RestartState restart_state_;
  CheckpointId restored_from_;  // Of the first attempt.
  absl::Duration started_;
  std::unique_ptr<JobGraph> graph_;
  std::unique_ptr<ExecutionGraph> plan_;
  std::shared_ptr<Prepared>
      resources_;  // Enumerators and sink coordinators; the I/O executor has its turn with them.
  std::map<int32_t, SourceState> sources_;  // By NodeId.
  std::vector<Address> slot_addresses_;
  std::vector<proto::SubtaskState> subtask_states_;
  std::vector<SubtaskMetricsList> metrics_;
  std::unique_ptr<CheckpointDriver> checkpoints_;
  std::string restore_folder_;
  std::optional<RestorePlan> restore_plan_;  // Of this attempt, if it goes on from a checkpoint.
  std::vector<proto::SubtaskRestore> restore_;
  // Taken in the turn that queued the barriers, for the manifest.
  std::map<CheckpointId, std::map<int32_t, proto::EnumeratorSnapshot>> enumerator_snapshots_;
  std::vector<SinkReport> sink_reports_;
  std::vector<std::string> warnings_;
};

template <class Request>
std::vector<std::pair<Address, Request>> JobMaster::RequestsFor(
    const std::vector<SubtaskId>& subtasks) const {
  std::map<std::pair<Address, AttemptNumber>, Request> requests;
  for (const SubtaskId id : subtasks) {
    Request& request = requests[{AddressOf(id), regions_.attempt(id)}];
    if (!request.has_fence()) *request.mutable_fence() = FenceOf(id);
    request.add_subtasks(id.value());
  }
  std::vector<std::pair<Address, Request>> result;
  for (auto& [where, request] : requests) result.emplace_back(where.first, std::move(request));
  return result;
}

}  // namespace weir

#endif  // WEIR_CORE_CLUSTER_JOB_MASTER_H_
