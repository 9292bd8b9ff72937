#include "core/cluster/task_manager.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/base/check.h"
#include "core/base/status_macros.h"
#include "core/cluster/folder_storage.h"
#include "core/cluster/metrics_message.h"
#include "core/types/hello.h"

namespace weir {

TaskManager::TaskManager(Env& env, Options options, JobGraphProvider provider)
    : env_(env),
      options_(std::move(options)),
      provider_(std::move(provider)),
      control_(env.NewExecutor(absl::StrCat(options_.address, "/control"), ExecutorKind::kControl)),
      rpc_(std::make_unique<RpcClient>(env.network(), control_.get())),
      link_(std::make_unique<JobManagerLink>(
          env, *control_, options_.job_manager, options_.timeouts,
          env.random().Draw({RandomStream::kConfig, "task_manager.incarnation"}),
          static_cast<JobManagerLink::Owner*>(this))),
      address_(options_.address) {
  for (int i = 0; i < env.worker_count(); ++i) {
    workers_.push_back(
        {.executor =
             env.NewExecutor(absl::StrCat(options_.address, "/worker-", i), ExecutorKind::kWorker),
         .io = env.NewExecutor(absl::StrCat(options_.address, "/io-", i), ExecutorKind::kIo)});
  }
  RegisterMethods();
}

TaskManager::~TaskManager() {
  control_->Shutdown();
  for (Worker& worker : workers_) {
    worker.executor->Shutdown();
    worker.io->Shutdown();
  }
  // From here on nothing runs: members may go in any order, subtasks before the executors they point to.
  server_.reset();
  deployment_.reset();
  link_.reset();
  rpc_.reset();
}

void TaskManager::Start() {
  control_->Post([this] {
    auto server = env_.network().Serve(options_.address, control_.get(), this);
    WEIR_CHECK_OK(server.status());
    server_ = *std::move(server);
    address_ = server_->address();
    link_->Start();
  });
}

// ---- Registration and heartbeats ----

proto::RegisterTaskManagerRequest TaskManager::Registration() {
  proto::RegisterTaskManagerRequest request;
  request.set_address(address_);
  request.set_slots(options_.task_manager.slots > 0 ? options_.task_manager.slots
                                                    : static_cast<int>(workers_.size()));
  if (options_.worker.has_value()) *request.mutable_worker() = *options_.worker;
  return request;
}

void TaskManager::FillHeartbeat(proto::HeartbeatRequest& heartbeat) {
  if (deployment_ == nullptr || deployment_->releasing) return;
  *heartbeat.mutable_fence() = deployment_->fence;
  for (const auto& [id, metrics] : deployment_->metrics)
    *heartbeat.add_metrics() = ToMessage(id, metrics);
  // What they answer goes out with the next heartbeat.
  for (const auto& [id, subtask] : deployment_->subtasks) subtask->PublishMetrics();
}

void TaskManager::OnJobManagerLost() {
  GiveUpWaiting(absl::UnavailableError("the JobManager does not answer"));
  ReleaseTasks([](absl::StatusOr<proto::ReleaseTasksResponse>) {});
}

void TaskManager::OnNotWanted(absl::Status why) {
  OnJobManagerLost();
  if (options_.on_not_wanted) options_.on_not_wanted(std::move(why));
}

// ---- Calls ----

void TaskManager::RegisterMethods() {
  dispatcher_.Register<proto::DeployTasksRequest, proto::DeployTasksResponse>(
      "DeployTasks",
      [this](proto::DeployTasksRequest request, RpcReply<proto::DeployTasksResponse> reply) {
        DeployTasks(request, std::move(reply));
      });
  dispatcher_.Register<proto::StartTasksRequest, proto::StartTasksResponse>(
      "StartTasks",
      [this](proto::StartTasksRequest request, RpcReply<proto::StartTasksResponse> reply) {
        if (absl::Status fenced = CheckFence(request.fence()); !fenced.ok()) return reply(fenced);
        for (auto& [id, subtask] : deployment_->subtasks) subtask->Start();
        reply(proto::StartTasksResponse());
      });
  dispatcher_.Register<proto::SourceEventRequest, proto::SourceEventResponse>(
      "SourceEvent",
      [this](proto::SourceEventRequest request, RpcReply<proto::SourceEventResponse> reply) {
        SourceEvent(request, std::move(reply));
      });
  dispatcher_.Register<proto::CommitTasksRequest, proto::CommitTasksResponse>(
      "CommitTasks",
      [this](proto::CommitTasksRequest request, RpcReply<proto::CommitTasksResponse> reply) {
        if (absl::Status fenced = CheckFence(request.fence()); !fenced.ok()) return reply(fenced);
        for (const uint32_t id : request.subtasks()) {
          auto found = deployment_->subtasks.find(SubtaskId(id));
          if (found != deployment_->subtasks.end())
            found->second->Commit(CheckpointId(request.through()));
        }
        reply(proto::CommitTasksResponse());
      });
  dispatcher_.Register<proto::AbortCheckpointRequest, proto::AbortCheckpointResponse>(
      "AbortCheckpoint", [this](proto::AbortCheckpointRequest request,
                                RpcReply<proto::AbortCheckpointResponse> reply) {
        if (absl::Status fenced = CheckFence(request.fence()); !fenced.ok()) return reply(fenced);
        for (auto& [id, subtask] : deployment_->subtasks) {
          subtask->AbortCheckpoint(CheckpointId(request.checkpoint()));
        }
        reply(proto::AbortCheckpointResponse());
      });
  dispatcher_.Register<proto::ReleaseTasksRequest, proto::ReleaseTasksResponse>(
      "ReleaseTasks",
      [this](proto::ReleaseTasksRequest request, RpcReply<proto::ReleaseTasksResponse> reply) {
        if (absl::Status fenced = link_->CheckLeader(request.fence()); !fenced.ok())
          return reply(fenced);
        if (waiting_.has_value() &&
            waiting_->request.fence().job_id() == request.fence().job_id()) {
          GiveUpWaiting(absl::CancelledError("the job is released"));
        }
        // Released already, or never deployed here.
        if (!CheckFence(request.fence()).ok()) return reply(proto::ReleaseTasksResponse());
        ReleaseTasks(std::move(reply));
      });
}

void TaskManager::OnCall(std::string_view method, std::string request, CallReply reply) {
  dispatcher_.Dispatch(method, std::move(request), std::move(reply));
}

absl::Status TaskManager::CheckFence(const proto::Fence& fence) const {
  if (deployment_ != nullptr && deployment_->fence.leader_epoch() == fence.leader_epoch() &&
      deployment_->fence.job_id() == fence.job_id() &&
      deployment_->fence.attempt() == fence.attempt()) {
    return absl::OkStatus();
  }
  return absl::AbortedError(absl::StrCat("job ", fence.job_id(), ", attempt ", fence.attempt(),
                                         " of leader epoch ", fence.leader_epoch(),
                                         " does not run on ", address_));
}

absl::StatusOr<ServerHandler::Accepted> TaskManager::OnOpenStream(std::string bytes) {
  std::string_view rest = bytes;
  WEIR_ASSIGN_OR_RETURN(const Hello process, ParseHello(rest));
  WEIR_RETURN_IF_ERROR(NegotiateProtocol(OwnHello(), process).status());
  WEIR_ASSIGN_OR_RETURN(const ChannelHello hello, ParseChannelHello(rest));
  if (deployment_ == nullptr || deployment_->fence.job_id() != hello.job.value()) {
    return absl::NotFoundError(
        absl::StrCat("job ", hello.job.value(), " does not run on ", address_));
  }
  // Attempts are counted anew under each leader.
  if (process.leader_epoch.value() != deployment_->fence.leader_epoch() ||
      hello.attempt.value() != deployment_->fence.attempt()) {
    return absl::AbortedError(absl::StrCat(
        hello.channel.ToString(), " of ", hello.attempt.ToString(), " under ",
        process.leader_epoch.ToString(), " is fenced; attempt-", deployment_->fence.attempt(),
        " under epoch ", deployment_->fence.leader_epoch(), " runs"));
  }
  for (auto& [id, subtask] : deployment_->subtasks) {
    absl::StatusOr<Accepted> accepted = subtask->Accept(hello.channel, hello.schema_digest);
    if (accepted.ok() || !absl::IsNotFound(accepted.status())) return accepted;
  }
  return absl::NotFoundError(
      absl::StrCat("no subtask on ", address_, " reads ", hello.channel.ToString()));
}

Hello TaskManager::OwnHello() const {
  return {.cluster_id = link_->cluster_id(),
          .process_incarnation = link_->incarnation(),
          .leader_epoch = LeaderEpoch(link_->leader_epoch())};
}

// ---- Deployment ----

void TaskManager::DeployTasks(const proto::DeployTasksRequest& request,
                              RpcReply<proto::DeployTasksResponse> reply) {
  if (absl::Status fenced = link_->CheckLeader(request.fence()); !fenced.ok()) return reply(fenced);
  if (deployment_ != nullptr) {
    if (CheckFence(request.fence()).ok()) return reply(proto::DeployTasksResponse());  // Repeated.
    if (deployment_->fence.job_id() == request.fence().job_id() &&
        deployment_->fence.leader_epoch() == request.fence().leader_epoch() &&
        request.fence().attempt() < deployment_->fence.attempt()) {
      return reply(CheckFence(request.fence()));
    }
    // The JobManager has given up what runs here, and its word to release it has not come.
    return ReleaseTasks([this, request, reply = std::move(reply)](
                            absl::StatusOr<proto::ReleaseTasksResponse>) mutable {
      DeployTasks(request, std::move(reply));
    });
  }
  if (!request.artifact().empty()) {
    const absl::StatusOr<BlobKey> key = BlobKey::Parse(request.artifact());
    if (!key.ok()) return reply(key.status());
    if (!artifacts_.contains(*key)) return DeployWithArtifact(*key, request, std::move(reply));
  }
  link_->set_cluster_id(request.cluster_id());
  absl::StatusOr<std::unique_ptr<Deployment>> built = Build(request);
  if (!built.ok()) return reply(built.status());
  deployment_ = *std::move(built);
  reply(proto::DeployTasksResponse());
}

JobSubmission TaskManager::SubmissionOf(const proto::DeployTasksRequest& request) {
  JobSubmission submission;
  submission.job_name = request.job_name();
  submission.artifact = request.artifact();
  for (const proto::Argument& argument : request.arguments()) {
    submission.arguments.push_back({argument.name(), argument.value()});
  }
  return submission;
}

absl::StatusOr<std::unique_ptr<TaskManager::Deployment>> TaskManager::Build(
    const proto::DeployTasksRequest& request) {
  auto deployment = std::make_unique<Deployment>();
  deployment->fence = request.fence();
  WEIR_ASSIGN_OR_RETURN(JobGraph graph, provider_(SubmissionOf(request)));
  const uint64_t digest = JobGraphDigest(graph);
  if (digest != request.job_graph_digest()) {
    return absl::FailedPreconditionError(
        absl::StrFormat("job '%s' has digest %016x on %s but %016x at the JobManager: both must "
                        "run the same build, and the job's builder "
                        "must depend on its arguments alone",
                        request.job_name(), digest, address_, request.job_graph_digest()));
  }
  WEIR_ASSIGN_OR_RETURN(ExecutionGraph plan,
                        Plan(graph, {.default_parallelism = request.default_parallelism(),
                                     .chaining = request.chaining(),
                                     .fusion = request.fusion()}));
  if (request.slot_addresses_size() != plan.slots) {
    return absl::InvalidArgumentError(absl::StrCat("the plan takes ", plan.slots, " slots, but ",
                                                   request.slot_addresses_size(),
                                                   " were assigned"));
  }
  deployment->graph = std::make_shared<const JobGraph>(std::move(graph));
  deployment->plan = std::make_shared<const ExecutionGraph>(std::move(plan));

  SubtaskSpec spec;
  spec.hello = OwnHello();
  spec.job = JobId(request.fence().job_id());
  spec.attempt = AttemptNumber(request.fence().attempt());
  spec.graph = deployment->graph;
  spec.plan = deployment->plan;
  spec.slot_addresses.assign(request.slot_addresses().begin(), request.slot_addresses().end());
  spec.options = {
      .batch_rows_max = options_.task_manager.batch_rows_max,
      .frame_bytes_max = options_.task_manager.frame_bytes_max,
      .record_bytes_max = options_.task_manager.record_bytes_max,
      .frames_in_flight_per_channel = options_.task_manager.frames_in_flight_per_channel,
      .fanout_bytes_max = options_.task_manager.fanout_bytes_max};
  if (!request.checkpoint_folder().empty()) {
    spec.storage =
        NewFolderStorage(env_.file_system(), request.checkpoint_folder(), request.restore_folder(),
                         {LeaderEpoch(request.fence().leader_epoch()), spec.attempt});
  }
  std::map<SubtaskId, proto::SubtaskRestore> restores;
  for (const proto::SubtaskRestore& restore : request.restore())
    restores[SubtaskId(restore.subtask())] = restore;
  // Local slots take workers in turn, so subtasks of one slot share a worker and neighbours do not.
  std::map<int, size_t> worker_of_slot;
  for (uint32_t i = 0; i < deployment->plan->subtasks.size(); ++i) {
    const int slot = deployment->plan->subtasks[i].slot;
    if (spec.slot_addresses[static_cast<size_t>(slot)] != address_) continue;
    const size_t position = worker_of_slot.emplace(slot, worker_of_slot.size()).first->second;
    Worker& worker = workers_[position % workers_.size()];
    spec.id = SubtaskId(i);
    spec.restore.clear();
    for (const proto::OperatorRestore& op : restores[spec.id].operators())
      spec.restore[op.uid()] = op.state();
    deployment->subtasks[spec.id] = Subtask::Create(env_, *worker.executor, *worker.io, spec, this);
  }
  return deployment;
}

void TaskManager::SourceEvent(const proto::SourceEventRequest& request,
                              RpcReply<proto::SourceEventResponse> reply) {
  if (absl::Status fenced = CheckFence(request.fence()); !fenced.ok()) return reply(fenced);
  const SubtaskId id(request.subtask());
  auto found = deployment_->subtasks.find(id);
  if (found == deployment_->subtasks.end()) {
    return reply(absl::NotFoundError(absl::StrCat(id.ToString(), " does not run on ", address_)));
  }
  uint64_t& next = deployment_->next_source_event[id];
  if (request.sequence() < next)
    return reply(proto::SourceEventResponse());  // A repeated call: done already.
  if (request.sequence() > next) {
    return reply(absl::DataLossError(
        absl::StrCat("source event ", request.sequence(), " came before ", next)));
  }
  ++next;
  std::vector<SourceSplit> splits;
  for (const proto::SourceSplitMessage& split : request.add_splits()) {
    splits.push_back({.id = SplitId(split.id()), .payload = split.payload()});
  }
  if (!splits.empty()) found->second->AddSplits(std::move(splits));
  if (request.no_more_splits()) found->second->NoMoreSplits();
  if (request.trigger_checkpoint() != 0) {
    found->second->TriggerCheckpoint(
        {CheckpointId(request.trigger_checkpoint()),
         request.at_least_once() ? BarrierKind::kAtLeastOnce : BarrierKind::kAligned});
  }
  reply(proto::SourceEventResponse());
}

void TaskManager::ReleaseTasks(RpcReply<proto::ReleaseTasksResponse> reply) {
  if (deployment_ == nullptr) return reply(proto::ReleaseTasksResponse());
  deployment_->on_released.push_back(std::move(reply));
  if (deployment_->releasing) return;
  deployment_->releasing = true;
  for (auto& [id, subtask] : deployment_->subtasks) subtask->Release();
  FinishReleaseIfDone();
}

void TaskManager::FinishReleaseIfDone() {
  if (deployment_ == nullptr || deployment_->released < deployment_->subtasks.size()) return;
  std::unique_ptr<Deployment> done = std::move(deployment_);
  for (auto& reply : done->on_released) reply(proto::ReleaseTasksResponse());
}

// ---- From subtasks ----

void TaskManager::OnSubtaskRunning(SubtaskId id, RestoredStates restored) {
  ReportState(id, proto::SUBTASK_RUNNING, absl::OkStatus(), nullptr, restored);
}

void TaskManager::OnSubtaskEnded(SubtaskId id, SubtaskMetricsList metrics) {
  ReportState(id, proto::SUBTASK_ENDED, absl::OkStatus(), &metrics);
}

void TaskManager::OnSubtaskAcknowledged(SubtaskId id, CheckpointId checkpoint,
                                        proto::SubtaskSnapshot snapshot) {
  proto::AcknowledgeCheckpointRequest request;
  request.set_subtask(id.value());
  request.set_checkpoint(checkpoint.value());
  *request.mutable_snapshot() = std::move(snapshot);
  control_->Post([this, request = std::move(request)]() mutable {
    Report<proto::AcknowledgeCheckpointResponse>("AcknowledgeCheckpoint", std::move(request));
  });
}

void TaskManager::OnSubtaskDeclined(SubtaskId id, CheckpointId checkpoint, absl::Status why) {
  proto::AcknowledgeCheckpointRequest request;
  request.set_subtask(id.value());
  request.set_checkpoint(checkpoint.value());
  *request.mutable_declined() = ToMessage(why);
  control_->Post([this, request = std::move(request)]() mutable {
    Report<proto::AcknowledgeCheckpointResponse>("AcknowledgeCheckpoint", std::move(request));
  });
}

void TaskManager::OnSubtaskCommitted(SubtaskId id, CheckpointId through,
                                     SubtaskMetricsList metrics) {
  proto::AcknowledgeCommitRequest request;
  request.set_subtask(id.value());
  request.set_through(through.value());
  *request.mutable_metrics() = ToMessage(id, metrics);
  control_->Post([this, request = std::move(request)]() mutable {
    Report<proto::AcknowledgeCommitResponse>("AcknowledgeCommit", std::move(request));
  });
}

void TaskManager::OnSubtaskFailed(SubtaskId id, absl::Status why, SubtaskMetricsList metrics,
                                  RestoredStates restored) {
  ReportState(id, proto::SUBTASK_FAILED, why, &metrics, restored);
}

void TaskManager::OnSubtaskMetrics(SubtaskId id, SubtaskMetricsList metrics) {
  control_->Post([this, id, metrics = std::move(metrics)]() mutable {
    if (deployment_ != nullptr && !deployment_->releasing)
      deployment_->metrics[id] = std::move(metrics);
  });
}

void TaskManager::OnSubtaskReleased(SubtaskId id) {
  control_->Post([this, id] {
    WEIR_CHECK(deployment_ != nullptr && deployment_->releasing) << id << " was released unasked";
    ++deployment_->released;
    FinishReleaseIfDone();
  });
}

void TaskManager::OnSubtaskWantsSplit(SubtaskId id) {
  control_->Post([this, id] {
    proto::RequestSplitRequest request;
    request.set_subtask(id.value());
    Report<proto::RequestSplitResponse>("RequestSplit", std::move(request));
  });
}

void TaskManager::ReportState(SubtaskId id, proto::SubtaskState state, const absl::Status& failure,
                              const SubtaskMetricsList* metrics, const RestoredStates& restored) {
  proto::SubtaskStateChangedRequest request;
  request.set_subtask(id.value());
  request.set_state(state);
  if (!failure.ok()) *request.mutable_failure() = ToMessage(failure);
  if (metrics != nullptr) *request.mutable_metrics() = ToMessage(id, *metrics);
  request.mutable_restored()->Assign(restored.begin(), restored.end());
  control_->Post([this, request = std::move(request)]() mutable {
    Report<proto::SubtaskStateChangedResponse>("SubtaskStateChanged", std::move(request));
  });
}

template <class Response, class Request>
void TaskManager::Report(std::string_view method, Request request) {
  if (deployment_ == nullptr || deployment_->releasing) return;
  if (!request.has_fence()) *request.mutable_fence() = deployment_->fence;
  if (!CheckFence(request.fence()).ok()) return;
  rpc_->Call<Response>(
      options_.job_manager, method, request, options_.timeouts.ask_timeout,
      [this, method = std::string(method), request](absl::StatusOr<Response> response) mutable {
        if (response.ok() || absl::IsAborted(response.status())) return;
        if (!absl::IsUnavailable(response.status()) &&
            !absl::IsDeadlineExceeded(response.status())) {
          // It would be refused again. The JobManager takes a new registration for the loss of what ran here.
          return link_->BeginAnew();
        }
        control_->PostAfter(
            options_.timeouts.retry_delay,
            [this, method = std::move(method), request = std::move(request)]() mutable {
              Report<Response>(method, std::move(request));
            });
      });
}

}  // namespace weir
