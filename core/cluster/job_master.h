// JobMaster: one job from submission to its end. A state machine inside the JobManager, on its executor:
//
//   CREATED   build and check the graph; prepare sinks and list splits (on the I/O executor); wait for slots
//   RUNNING   deploy on every TaskManager, then start; hand out splits; when every subtask has ended, commit them all; when all
//             have committed, ask the sinks for their report -> FINISHED
//   FAILING / CANCELLING   release every TaskManager -> FAILED / CANCELED
//
// Nothing of a job is visible before all of it has ended: sinks commit together, last.
#ifndef WEIR_CORE_CLUSTER_JOB_MASTER_H_
#define WEIR_CORE_CLUSTER_JOB_MASTER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "core/base/ids.h"
#include "core/cluster/cluster_options.h"
#include "core/cluster/job_graph_provider.h"
#include "core/cluster/job_result.h"
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
  int default_parallelism = 1;
  bool chaining = true;
  bool fusion = true;
  ClusterTimeouts timeouts;
};

class JobMaster {
 public:
  using OnDone = absl::AnyInvocable<void(JobResult)>;
  // `on_slots_wanted` when slots() are needed; the JobManager answers with OnSlots, at once or later.
  JobMaster(Env& env, Executor& control, Executor& io, proto::Fence fence, JobSubmission submission,
            JobGraphProvider provider, JobMasterOptions options, absl::AnyInvocable<void()> on_slots_wanted, OnDone on_done);
  ~JobMaster();

  void Start();
  void Cancel(absl::Status why);

  // Slots this job still waits for; 0 if it does not wait.
  int slots_wanted() const { return state_ == JobState::kCreated && prepared_ ? plan_->slots : 0; }
  void OnSlots(std::vector<Address> slot_addresses);
  // For JobProgress::waiting_for.
  void set_waiting_for(std::string what) { waiting_for_ = std::move(what); }
  void OnTaskManagerLost(const Address& address);

  absl::Status OnRequestSplit(const proto::RequestSplitRequest& request);
  absl::Status OnSubtaskStateChanged(const proto::SubtaskStateChangedRequest& request);
  absl::Status OnMetrics(const proto::HeartbeatRequest& heartbeat);

  JobProgress Progress() const;
  JobState state() const { return state_; }
  const std::vector<Address>& slot_addresses() const { return slot_addresses_; }
  const proto::Fence& fence() const { return fence_; }

 private:
  struct SourceState;
  struct Prepared;
  absl::Status BuildGraph();
  int DefaultParallelism() const;
  VertexId VertexOf(NodeId node) const;
  static absl::Status PrepareOnIo(Env& env, Prepared& prepared);
  void OnPrepared(absl::Status status);
  void Deploy();
  void StartTasks();
  template <class Response, class Request>
  void CallAll(std::string_view method, const Request& request, absl::Duration deadline,
               absl::AnyInvocable<void()> on_all_ok);
  void PumpSourceEvents(SourceState& source, int reader);
  void OnAllEnded();
  void OnAllCommitted();
  void Fail(absl::Status why);
  void ReleaseAll(JobState end_state);
  void Finish(JobState end_state);
  absl::Status CheckFence(const proto::Fence& fence) const;
  SourceState* SourceOf(SubtaskId id);
  std::string DescribePlace(NodeId node, const SetAsideRecords& records) const;
  std::vector<NodeReport> NodeReports() const;
  std::set<Address> task_managers() const { return {slot_addresses_.begin(), slot_addresses_.end()}; }

  Env& env_;
  Executor& control_;
  Executor& io_;
  const proto::Fence fence_;
  const JobSubmission submission_;
  const JobGraphProvider provider_;
  const JobMasterOptions options_;
  absl::AnyInvocable<void()> on_slots_wanted_;
  OnDone on_done_;
  RpcClient rpc_;

  JobState state_ = JobState::kCreated;
  absl::Status why_;  // Of the failure or cancellation.
  std::string waiting_for_;
  bool prepared_ = false;
  bool releasing_ = false;
  absl::Duration started_;
  std::unique_ptr<JobGraph> graph_;
  std::unique_ptr<ExecutionGraph> plan_;
  std::shared_ptr<Prepared> resources_;  // Enumerators and sink coordinators; the I/O executor has its turn with them.
  std::map<int32_t, SourceState> sources_;  // By NodeId.
  std::vector<Address> slot_addresses_;
  std::vector<proto::SubtaskState> subtask_states_;
  std::vector<SubtaskMetricsList> metrics_;
  std::vector<SinkReport> sink_reports_;
  std::vector<std::string> warnings_;
};

}  // namespace weir

#endif  // WEIR_CORE_CLUSTER_JOB_MASTER_H_
