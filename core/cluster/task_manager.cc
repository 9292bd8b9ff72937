#include "core/cluster/task_manager.h"

#include <algorithm>
#include <iterator>
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
  if (deployment_ == nullptr) return;
  *heartbeat.mutable_fence() = deployment_->fence;
  for (const auto& [id, running] : deployment_->subtasks) {
    if (running.releasing) continue;
    if (!running.metrics.empty()) {
      proto::SubtaskMetrics& metrics = *heartbeat.add_metrics();
      metrics = ToMessage(id, running.metrics);
      metrics.set_attempt(running.attempt);
    }
    // What it answers goes out with the next heartbeat.
    running.subtask->PublishMetrics();
  }
}

void TaskManager::OnJobManagerLost() {
  GiveUpWaiting(absl::UnavailableError("the JobManager does not answer"));
  ReleaseAllTasks([](absl::StatusOr<proto::ReleaseTasksResponse>) {});
}

void TaskManager::OnJobOver(const proto::Fence& fence) {
  if (!RunsJobOf(fence)) return;  // Another has come since.
  ReleaseAllTasks([](absl::StatusOr<proto::ReleaseTasksResponse>) {});
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
        const auto found = FindFenced(request.fence(), request.subtasks());
        if (!found.ok()) return reply(found.status());
        for (Running* running : *found) running->subtask->Start();
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
        const auto found = FindFenced(request.fence(), request.subtasks());
        if (!found.ok()) return reply(found.status());
        for (Running* running : *found) running->subtask->Commit(CheckpointId(request.through()));
        reply(proto::CommitTasksResponse());
      });
  dispatcher_.Register<proto::AbortCheckpointRequest, proto::AbortCheckpointResponse>(
      "AbortCheckpoint", [this](proto::AbortCheckpointRequest request,
                                RpcReply<proto::AbortCheckpointResponse> reply) {
        const auto found = FindFenced(request.fence(), request.subtasks());
        if (!found.ok()) return reply(found.status());
        for (Running* running : *found) {
          running->subtask->AbortCheckpoint(CheckpointId(request.checkpoint()));
        }
        reply(proto::AbortCheckpointResponse());
      });
  dispatcher_.Register<proto::ReleaseTasksRequest, proto::ReleaseTasksResponse>(
      "ReleaseTasks",
      [this](proto::ReleaseTasksRequest request, RpcReply<proto::ReleaseTasksResponse> reply) {
        if (absl::Status fenced = link_->CheckLeader(request.fence()); !fenced.ok())
          return reply(fenced);
        NoteRelease(request);
        ReleaseWaiting(request);
        // What is not among them was released already, or never deployed here.
        ReleaseTasks(RunningThrough(request.fence(), request.subtasks()), std::move(reply));
      });
}

void TaskManager::OnCall(std::string_view method, std::string request, CallReply reply) {
  dispatcher_.Dispatch(method, std::move(request), std::move(reply));
}

bool TaskManager::RunsJobOf(const proto::Fence& fence) const {
  return deployment_ != nullptr && deployment_->fence.leader_epoch() == fence.leader_epoch() &&
         deployment_->fence.job_id() == fence.job_id();
}

void TaskManager::NoteRelease(const proto::ReleaseTasksRequest& request) {
  const proto::Fence& fence = request.fence();
  if (released_.leader_epoch != fence.leader_epoch() || released_.job_id != fence.job_id()) {
    released_ = {.leader_epoch = fence.leader_epoch(), .job_id = fence.job_id(), .through = {}};
  }
  for (const uint32_t id : request.subtasks()) {
    uint32_t& through = released_.through[id];
    through = std::max(through, fence.attempt());
  }
}

bool TaskManager::WasReleased(const proto::DeployTasksRequest& request) const {
  const proto::Fence& fence = request.fence();
  if (released_.leader_epoch != fence.leader_epoch() || released_.job_id != fence.job_id()) {
    return false;
  }
  return std::any_of(request.subtasks().begin(), request.subtasks().end(), [&](uint32_t id) {
    const auto found = released_.through.find(id);
    return found != released_.through.end() && found->second >= fence.attempt();
  });
}

TaskManager::Running* TaskManager::Find(SubtaskId id) {
  if (deployment_ == nullptr) return nullptr;
  const auto found = deployment_->subtasks.find(id);
  return found == deployment_->subtasks.end() ? nullptr : &found->second;
}

std::set<SubtaskId> TaskManager::RunningThrough(
    const proto::Fence& fence, const google::protobuf::RepeatedField<uint32_t>& subtasks) const {
  std::set<SubtaskId> running;
  if (!RunsJobOf(fence)) return running;
  for (const uint32_t id : subtasks) {
    const auto found = deployment_->subtasks.find(SubtaskId(id));
    if (found != deployment_->subtasks.end() && found->second.attempt <= fence.attempt())
      running.insert(SubtaskId(id));
  }
  return running;
}

absl::StatusOr<std::vector<TaskManager::Running*>> TaskManager::FindFenced(
    const proto::Fence& fence, const google::protobuf::RepeatedField<uint32_t>& subtasks) {
  std::vector<Running*> found;
  const bool runs_job = RunsJobOf(fence);
  for (const uint32_t id : subtasks) {
    Running* running = runs_job ? Find(SubtaskId(id)) : nullptr;
    if (running == nullptr || running->attempt != fence.attempt()) {
      return absl::AbortedError(absl::StrCat(
          SubtaskId(id).ToString(), " of job ", fence.job_id(), " does not run in attempt ",
          fence.attempt(), " of leader epoch ", fence.leader_epoch(), " on ", address_));
    }
    found.push_back(running);
  }
  return found;
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
  for (auto& [id, running] : deployment_->subtasks) {
    absl::StatusOr<Accepted> accepted = running.subtask->Accept(hello.channel, hello.schema_digest);
    if (absl::IsNotFound(accepted.status())) continue;
    // Attempts are counted anew under each leader. Both ends of a channel are of one region, so of one attempt.
    if (process.leader_epoch.value() != deployment_->fence.leader_epoch() ||
        hello.attempt.value() != running.attempt) {
      return absl::AbortedError(absl::StrCat(
          hello.channel.ToString(), " of ", hello.attempt.ToString(), " under ",
          process.leader_epoch.ToString(), " is fenced; attempt-", running.attempt, " of ",
          id.ToString(), " under epoch ", deployment_->fence.leader_epoch(), " runs"));
    }
    return accepted;
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
  if (WasReleased(request)) {
    return reply(absl::AbortedError(absl::StrCat("attempt ", request.fence().attempt(), " of job ",
                                                 request.fence().job_id(),
                                                 " is fenced: it was released on ", address_)));
  }
  if (deployment_ != nullptr) {
    // The JobManager has given them up, and its word to release them has not come.
    std::set<SubtaskId> former;
    if (RunsJobOf(request.fence())) {
      const uint32_t newest = deployment_->fence.attempt();
      if (request.fence().attempt() == newest)
        return reply(proto::DeployTasksResponse());  // Repeated.
      if (request.fence().attempt() < newest) {
        return reply(absl::AbortedError(absl::StrCat(
            "attempt ", request.fence().attempt(), " of job ", request.fence().job_id(),
            " is fenced: attempt ", newest, " runs on ", address_)));
      }
      former = RunningThrough(request.fence(), request.subtasks());
    } else {
      for (const auto& [id, running] : deployment_->subtasks) former.insert(id);
    }
    if (!former.empty()) {
      return ReleaseTasks(std::move(former),
                          [this, request, reply = std::move(reply)](
                              absl::StatusOr<proto::ReleaseTasksResponse>) mutable {
                            DeployTasks(request, std::move(reply));
                          });
    }
  }
  if (!request.artifact().empty()) {
    const absl::StatusOr<BlobKey> key = BlobKey::Parse(request.artifact());
    if (!key.ok()) return reply(key.status());
    if (!artifacts_.contains(*key)) return DeployWithArtifact(*key, request, std::move(reply));
  }
  link_->set_cluster_id(request.cluster_id());
  absl::StatusOr<std::map<SubtaskId, Running>> built = Build(request);
  if (!built.ok()) return reply(built.status());
  if (deployment_ == nullptr) deployment_ = std::make_unique<Deployment>();
  deployment_->fence = request.fence();
  deployment_->subtasks.merge(*built);
  WEIR_CHECK(built->empty()) << "a subtask runs already";
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

absl::StatusOr<std::map<SubtaskId, TaskManager::Running>> TaskManager::Build(
    const proto::DeployTasksRequest& request) {
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
  SubtaskSpec spec;
  spec.hello = OwnHello();
  spec.job = JobId(request.fence().job_id());
  spec.attempt = AttemptNumber(request.fence().attempt());
  spec.graph = std::make_shared<const JobGraph>(std::move(graph));
  spec.plan = std::make_shared<const ExecutionGraph>(std::move(plan));
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
  std::set<uint32_t> wanted(request.subtasks().begin(), request.subtasks().end());
  std::map<SubtaskId, Running> built;
  // Local slots take workers in turn, so subtasks of one slot share a worker and neighbours do not.
  std::map<int, size_t> worker_of_slot;
  for (uint32_t i = 0; i < spec.plan->subtasks.size(); ++i) {
    const int slot = spec.plan->subtasks[i].slot;
    if (spec.slot_addresses[static_cast<size_t>(slot)] != address_) continue;
    const size_t position = worker_of_slot.emplace(slot, worker_of_slot.size()).first->second;
    if (!wanted.contains(i)) continue;
    Worker& worker = workers_[position % workers_.size()];
    spec.id = SubtaskId(i);
    spec.restore.clear();
    for (const proto::OperatorRestore& op : restores[spec.id].operators())
      spec.restore[op.uid()] = op.state();
    built[spec.id] = {.subtask = Subtask::Create(env_, *worker.executor, *worker.io, spec, this),
                      .attempt = request.fence().attempt()};
  }
  return built;
}

void TaskManager::SourceEvent(const proto::SourceEventRequest& request,
                              RpcReply<proto::SourceEventResponse> reply) {
  const SubtaskId id(request.subtask());
  google::protobuf::RepeatedField<uint32_t> ids;
  ids.Add(request.subtask());
  const auto found = FindFenced(request.fence(), ids);
  if (!found.ok()) return reply(found.status());
  Running& reader = *found->front();
  uint64_t& next = reader.next_source_event;
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
  if (!splits.empty() || request.no_more_splits())
    reader.subtask->AddSplits(std::move(splits), request.no_more_splits());
  if (request.trigger_checkpoint() != 0) {
    reader.subtask->TriggerCheckpoint(
        {CheckpointId(request.trigger_checkpoint()),
         request.at_least_once() ? BarrierKind::kAtLeastOnce : BarrierKind::kAligned});
  }
  reply(proto::SourceEventResponse());
}

void TaskManager::ReleaseAllTasks(RpcReply<proto::ReleaseTasksResponse> reply) {
  std::set<SubtaskId> all;
  if (deployment_ != nullptr) {
    for (const auto& [id, running] : deployment_->subtasks) all.insert(id);
  }
  ReleaseTasks(std::move(all), std::move(reply));
}

void TaskManager::ReleaseTasks(std::set<SubtaskId> subtasks,
                               RpcReply<proto::ReleaseTasksResponse> reply) {
  if (subtasks.empty()) return reply(proto::ReleaseTasksResponse());
  for (const SubtaskId id : subtasks) {
    Running& running = deployment_->subtasks.at(id);
    if (!std::exchange(running.releasing, true)) running.subtask->Release();
  }
  releases_.push_back({.missing = std::move(subtasks), .reply = std::move(reply)});
}

void TaskManager::OnReleased(SubtaskId id) {
  const Running* running = Find(id);
  WEIR_CHECK(running != nullptr && running->releasing) << id << " was released unasked";
  deployment_->subtasks.erase(id);
  if (deployment_->subtasks.empty()) deployment_.reset();
  std::vector<Release> done;
  for (Release& release : releases_) release.missing.erase(id);
  const auto first_done = std::stable_partition(
      releases_.begin(), releases_.end(), [](const Release& r) { return !r.missing.empty(); });
  std::move(first_done, releases_.end(), std::back_inserter(done));
  releases_.erase(first_done, releases_.end());
  // What is answered may deploy or release at once.
  for (Release& release : done) release.reply(proto::ReleaseTasksResponse());
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
    Running* running = Find(id);
    if (running != nullptr && !running->releasing) running->metrics = std::move(metrics);
  });
}

void TaskManager::OnSubtaskReleased(SubtaskId id) {
  control_->Post([this, id] { OnReleased(id); });
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
  // What a subtask posts comes before its release, so it is of the one that runs; what is told again may not be.
  const Running* running = Find(SubtaskId(request.subtask()));
  if (running == nullptr || running->releasing) return;
  if (!request.has_fence()) {
    *request.mutable_fence() = deployment_->fence;
    request.mutable_fence()->set_attempt(running->attempt);
  }
  if (!RunsJobOf(request.fence()) || request.fence().attempt() != running->attempt) return;
  rpc_->Call<Response>(
      options_.job_manager, method, request, options_.timeouts.ask_timeout,
      [this, method = std::string(method), request](absl::StatusOr<Response> response) mutable {
        if (response.ok() || absl::IsAborted(response.status())) return;
        if (!absl::IsUnavailable(response.status()) &&
            !absl::IsDeadlineExceeded(response.status())) {
          const Running* now = Find(SubtaskId(request.subtask()));
          const bool runs_on = now != nullptr && !now->releasing && RunsJobOf(request.fence()) &&
                               now->attempt == request.fence().attempt();
          // It would be refused again. The JobManager takes a new registration for the loss of what ran here.
          if (runs_on)
            link_->BeginAnew(absl::StrCat(method, " failed: ", response.status().ToString()));
          return;
        }
        control_->PostAfter(
            options_.timeouts.retry_delay,
            [this, method = std::move(method), request = std::move(request)]() mutable {
              Report<Response>(method, std::move(request));
            });
      });
}

}  // namespace weir
