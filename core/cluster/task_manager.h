// TaskManager: offers slots to the JobManager and runs subtasks in them on a few worker executors. An actor on its control executor:
// subtasks talk to it by posting, everybody else over the Network.
//
// Registers, and registers again whenever the JobManager stops answering for heartbeat_timeout; then everything it runs is
// released first, because nobody leads it any more. With Options::worker it offers its slots to one job only
// (core/cluster/task_manager_supervisor.h starts such processes).
#ifndef WEIR_CORE_CLUSTER_TASK_MANAGER_H_
#define WEIR_CORE_CLUSTER_TASK_MANAGER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "core/base/ids.h"
#include "core/cluster/artifact_loader.h"
#include "core/cluster/blob_fetch.h"
#include "core/cluster/cluster_options.h"
#include "core/cluster/job_graph_provider.h"
#include "core/cluster/job_manager_link.h"
#include "core/cluster/rpc_client.h"
#include "core/cluster/rpc_dispatcher.h"
#include "core/cluster/task_manager_options.h"
#include "core/env/env.h"
#include "core/proto/control.pb.h"
#include "core/runtime/subtask.h"

namespace weir {

class TaskManager final : public ServerHandler,
                          public SubtaskListener,
                          private JobManagerLink::Owner {
 public:
  struct Options {
    Address address;
    Address job_manager;
    TaskManagerOptions task_manager;
    ClusterTimeouts timeouts;
    // Of a process that was started for one job; unset: for any.
    std::optional<proto::WorkerIdentity> worker;
    // Called on the control executor when the JobManager wants this process no more: it should end. May be null.
    std::function<void(absl::Status)> on_not_wanted;
    // Outlives the TaskManager. Null: jobs of artifacts do not run here.
    ArtifactLoader* artifact_loader = nullptr;
    // Where artifacts are until they are loaded: absolute, of this process alone, made by who made the process.
    std::string artifact_folder;
  };
  TaskManager(Env& env, Options options, JobGraphProvider provider);
  // Ends the life of its executors. Must not run on one of them.
  ~TaskManager() override;

  // Serves and registers. FailedPrecondition et al. of Network::Serve are fatal for the process.
  void Start();

  // ServerHandler, on the control executor.
  void OnCall(std::string_view method, std::string request, CallReply reply) override;
  absl::StatusOr<Accepted> OnOpenStream(std::string hello) override;

  // SubtaskListener, on worker executors: they post.
  void OnSubtaskRunning(SubtaskId id, RestoredStates restored) override;
  void OnSubtaskWantsSplit(SubtaskId id) override;
  void OnSubtaskEnded(SubtaskId id, SubtaskMetricsList metrics) override;
  void OnSubtaskAcknowledged(SubtaskId id, CheckpointId checkpoint,
                             proto::SubtaskSnapshot snapshot) override;
  void OnSubtaskDeclined(SubtaskId id, CheckpointId checkpoint, absl::Status why) override;
  void OnSubtaskCommitted(SubtaskId id, CheckpointId through, SubtaskMetricsList metrics) override;
  void OnSubtaskFailed(SubtaskId id, absl::Status why, SubtaskMetricsList metrics,
                       RestoredStates restored) override;
  void OnSubtaskMetrics(SubtaskId id, SubtaskMetricsList metrics) override;
  void OnSubtaskReleased(SubtaskId id) override;

 private:
  struct Worker {
    std::unique_ptr<Executor> executor;
    std::unique_ptr<Executor> io;
  };
  // One job in one attempt; a process runs one at a time.
  struct Deployment {
    proto::Fence fence;
    std::shared_ptr<const JobGraph> graph;
    std::shared_ptr<const ExecutionGraph> plan;
    std::map<SubtaskId, std::shared_ptr<Subtask>> subtasks;
    std::map<SubtaskId, SubtaskMetricsList> metrics;
    std::map<SubtaskId, uint64_t> next_source_event;
    size_t released = 0;
    bool releasing = false;
    std::vector<RpcReply<proto::ReleaseTasksResponse>> on_released;
  };

  void RegisterMethods();
  // JobManagerLink::Owner.
  proto::RegisterTaskManagerRequest Registration() override;
  void FillHeartbeat(proto::HeartbeatRequest& heartbeat) override;
  void OnJobManagerLost() override;
  void OnNotWanted(absl::Status why) override;
  void DeployTasks(const proto::DeployTasksRequest& request,
                   RpcReply<proto::DeployTasksResponse> reply);
  // What of the submission a graph is built of.
  static JobSubmission SubmissionOf(const proto::DeployTasksRequest& request);
  absl::StatusOr<std::unique_ptr<Deployment>> Build(const proto::DeployTasksRequest& request);
  // In task_manager_artifacts.cc: gets the artifact of a job and loads it, and then goes on with the deployment that is asked for by
  // then.
  void DeployWithArtifact(const BlobKey& key, const proto::DeployTasksRequest& request,
                          RpcReply<proto::DeployTasksResponse> reply);
  void PrepareArtifact();
  void OnArtifactFetched(absl::StatusOr<std::string> bytes);
  void LoadArtifact(const std::string& path);
  void OnArtifactPrepared(const absl::Status& prepared);
  void GiveUpWaiting(const absl::Status& why);
  void SourceEvent(const proto::SourceEventRequest& request,
                   RpcReply<proto::SourceEventResponse> reply);
  void ReleaseTasks(RpcReply<proto::ReleaseTasksResponse> reply);
  void FinishReleaseIfDone();
  // OK if `fence` is of the current leader and deployment; Aborted if it is older or unknown.
  absl::Status CheckFence(const proto::Fence& fence) const;
  Hello OwnHello() const;
  // On the worker: nothing of the subtask is shared with the control executor.
  void ReportState(SubtaskId id, proto::SubtaskState state, const absl::Status& failure,
                   const SubtaskMetricsList* metrics, const RestoredStates& restored = {});
  // Tells the JobManager until it has heard, or the deployment is over.
  template <class Response, class Request>
  void Report(std::string_view method, Request request);

  Env& env_;
  const Options options_;
  const JobGraphProvider provider_;
  std::unique_ptr<Executor> control_;
  std::vector<Worker> workers_;
  std::unique_ptr<RpcClient> rpc_;
  RpcDispatcher dispatcher_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<JobManagerLink> link_;
  Address address_;  // At which it is served: options_.address may leave the port open.
  std::unique_ptr<Deployment> deployment_;
  std::set<BlobKey> artifacts_;  // Loaded.
  // A deployment that waits for its artifact.
  struct Waiting {
    BlobKey key;
    proto::DeployTasksRequest request;
    RpcReply<proto::DeployTasksResponse> reply;
  };
  std::optional<Waiting> waiting_;
  std::optional<BlobKey> preparing_;  // Being fetched or loaded: one at a time.
  std::unique_ptr<BlobFetch> fetch_;
};

}  // namespace weir

#endif  // WEIR_CORE_CLUSTER_TASK_MANAGER_H_
