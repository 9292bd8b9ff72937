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
  struct Running {
    std::shared_ptr<Subtask> subtask;
    uint32_t attempt = 0;
    SubtaskMetricsList metrics;
    uint64_t next_source_event = 0;
    bool releasing = false;
  };
  // What runs of one job under one leader; a process runs one at a time. A subtask that is deployed anew is released first.
  struct Deployment {
    proto::Fence fence;  // Its attempt is the newest that was deployed.
    std::map<SubtaskId, Running> subtasks;
  };
  struct Release {
    std::set<SubtaskId> missing;
    RpcReply<proto::ReleaseTasksResponse> reply;
  };

  void RegisterMethods();
  // JobManagerLink::Owner.
  proto::RegisterTaskManagerRequest Registration() override;
  void FillHeartbeat(proto::HeartbeatRequest& heartbeat) override;
  void OnJobOver(const proto::Fence& fence) override;
  void OnJobManagerLost() override;
  void OnNotWanted(absl::Status why) override;
  void DeployTasks(const proto::DeployTasksRequest& request,
                   RpcReply<proto::DeployTasksResponse> reply);
  // What of the submission a graph is built of.
  static JobSubmission SubmissionOf(const proto::DeployTasksRequest& request);
  absl::StatusOr<std::map<SubtaskId, Running>> Build(const proto::DeployTasksRequest& request);
  // In task_manager_artifacts.cc: gets the artifact of a job and loads it, and then goes on with the deployment that is asked for by
  // then.
  void DeployWithArtifact(const BlobKey& key, const proto::DeployTasksRequest& request,
                          RpcReply<proto::DeployTasksResponse> reply);
  void PrepareArtifact();
  void OnArtifactFetched(absl::StatusOr<std::string> bytes);
  void LoadArtifact(const std::string& path);
  void OnArtifactPrepared(const absl::Status& prepared);
  void ReleaseWaiting(const proto::ReleaseTasksRequest& request);
  void GiveUpWaiting(const absl::Status& why);
  void SourceEvent(const proto::SourceEventRequest& request,
                   RpcReply<proto::SourceEventResponse> reply);
  // Releases them, and answers when they are.
  void ReleaseTasks(std::set<SubtaskId> subtasks, RpcReply<proto::ReleaseTasksResponse> reply);
  void ReleaseAllTasks(RpcReply<proto::ReleaseTasksResponse> reply);
  void OnReleased(SubtaskId id);
  bool RunsJobOf(const proto::Fence& fence) const;
  // Those of `subtasks` that run here in the attempt of `fence` or an older one.
  std::set<SubtaskId> RunningThrough(
      const proto::Fence& fence, const google::protobuf::RepeatedField<uint32_t>& subtasks) const;
  // A network may hold back the deployment that a release is for, and let the release pass.
  void NoteRelease(const proto::ReleaseTasksRequest& request);
  bool WasReleased(const proto::DeployTasksRequest& request) const;
  // Null if it does not run here.
  Running* Find(SubtaskId id);
  // The named subtasks; Aborted if one of them does not run here under the leader and in the attempt of `fence`.
  absl::StatusOr<std::vector<Running*>> FindFenced(
      const proto::Fence& fence, const google::protobuf::RepeatedField<uint32_t>& subtasks);
  Hello OwnHello() const;
  // On the worker: nothing of the subtask is shared with the control executor.
  void ReportState(SubtaskId id, proto::SubtaskState state, const absl::Status& failure,
                   const SubtaskMetricsList* metrics, const RestoredStates& restored = {});
  // Tells the JobManager until it has heard, or the subtask is released.
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
  std::vector<Release> releases_;  // Under way.
  // Of the job under the leader whose word to release came last: by subtask, through which attempt.
  struct Released {
    uint64_t leader_epoch = 0;
    std::string job_id;
    std::map<uint32_t, uint32_t> through;
  };
  Released released_;
  std::set<BlobKey> artifacts_;  // Loaded.
  // A deployment that waits for the artifact of its job.
  struct Waiting {
    BlobKey key;
    proto::DeployTasksRequest request;
    RpcReply<proto::DeployTasksResponse> reply;
  };
  std::vector<Waiting> waiting_;      // In the order in which they came; all for one artifact.
  std::optional<BlobKey> preparing_;  // Being fetched or loaded: one at a time.
  std::unique_ptr<BlobFetch> fetch_;
};

}  // namespace weir

#endif  // WEIR_CORE_CLUSTER_TASK_MANAGER_H_
