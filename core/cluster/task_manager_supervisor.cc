#include "core/cluster/task_manager_supervisor.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace weir {

TaskManagerSupervisor::TaskManagerSupervisor(Env& env, Options options, WorkerLauncher* launcher)
    : env_(env),
      options_(std::move(options)),
      launcher_(launcher),
      control_(
          env.NewExecutor(absl::StrCat(options_.address, "/supervisor"), ExecutorKind::kControl)),
      rpc_(env.network(), control_.get()),
      link_(env, *control_, options_.job_manager, options_.timeouts,
            env.random().Draw({RandomStream::kConfig, "task_manager.incarnation"}), this),
      address_(options_.address) {
  RegisterMethods();
}

TaskManagerSupervisor::~TaskManagerSupervisor() { control_->Shutdown(); }

void TaskManagerSupervisor::Start() {
  control_->Post([this] {
    auto server = env_.network().Serve(options_.address, control_.get(), this);
    if (!server.ok()) {
      if (options_.on_serving) options_.on_serving(server.status());
      return;
    }
    server_ = *std::move(server);
    address_ = server_->address();
    if (options_.on_serving) options_.on_serving(address_);
    link_.Start();
  });
}

void TaskManagerSupervisor::Leave(absl::AnyInvocable<void()> then) {
  control_->Post([this, then = std::move(then)]() mutable { link_.Leave(std::move(then)); });
}

proto::RegisterTaskManagerRequest TaskManagerSupervisor::Registration() {
  proto::RegisterTaskManagerRequest request;
  request.set_address(address_);
  request.set_slots(options_.slots);
  request.set_starts_workers(true);
  for (const auto& [job, worker] : workers_) *request.add_workers() = worker;
  return request;
}

void TaskManagerSupervisor::RegisterMethods() {
  dispatcher_.Register<proto::StartWorkerRequest, proto::StartWorkerResponse>(
      "StartWorker",
      [this](proto::StartWorkerRequest request, RpcReply<proto::StartWorkerResponse> reply) {
        if (absl::Status started = StartWorker(request); !started.ok()) return reply(started);
        reply(proto::StartWorkerResponse());
      });
  dispatcher_.Register<proto::StopWorkerRequest, proto::StopWorkerResponse>(
      "StopWorker",
      [this](proto::StopWorkerRequest request, RpcReply<proto::StopWorkerResponse> reply) {
        if (absl::Status fenced = link_.CheckLeader(request.fence()); !fenced.ok())
          return reply(fenced);
        StopWorker(request.fence().job_id(), request.token());
        reply(proto::StopWorkerResponse());
      });
}

void TaskManagerSupervisor::OnCall(std::string_view method, std::string request, CallReply reply) {
  dispatcher_.Dispatch(method, std::move(request), std::move(reply));
}

absl::StatusOr<ServerHandler::Accepted> TaskManagerSupervisor::OnOpenStream(std::string) {
  return absl::UnimplementedError("this TaskManager runs jobs in worker processes: no data here");
}

absl::Status TaskManagerSupervisor::StartWorker(const proto::StartWorkerRequest& request) {
  if (absl::Status fenced = link_.CheckLeader(request.fence()); !fenced.ok()) return fenced;
  const std::string& job_id = request.fence().job_id();
  if (job_id.empty() || request.token().empty() || request.slots() < 1) {
    return absl::InvalidArgumentError("a worker is started for a job, under a token, with slots");
  }
  if (auto found = workers_.find(job_id); found != workers_.end()) {
    if (found->second.token() == request.token()) return absl::OkStatus();  // Repeated.
    if (request.token() < found->second.token()) {
      return absl::AbortedError(absl::StrCat("worker ", request.token(), " of job ", job_id,
                                             " is fenced; ", found->second.token(), " runs"));
    }
    // The JobManager has given it up, and may be right.
    StopWorker(job_id, found->second.token());
  }
  WorkerSpec spec;
  spec.identity.set_job_id(job_id);
  spec.identity.set_supervisor(address_);
  spec.identity.set_token(request.token());
  spec.slots = request.slots();
  workers_[job_id] = spec.identity;
  launcher_->Launch(spec, [this, token = request.token()](std::string how) {
    OnWorkerEnded(token, std::move(how));
  });
  return absl::OkStatus();
}

void TaskManagerSupervisor::StopWorker(const std::string& job_id, const std::string& token) {
  auto found = workers_.find(job_id);
  if (found == workers_.end() || found->second.token() != token) return;
  // `token` may be a part of it.
  const proto::WorkerIdentity worker = std::move(found->second);
  workers_.erase(found);
  launcher_->End(worker.token());
}

void TaskManagerSupervisor::OnWorkerEnded(const std::string& token, std::string how) {
  for (auto it = workers_.begin(); it != workers_.end(); ++it) {
    if (it->second.token() != token) continue;
    proto::WorkerEndedRequest request;
    *request.mutable_worker() = it->second;
    request.set_how(std::move(how));
    workers_.erase(it);
    return ReportEnded(std::move(request));
  }
}

// Only a short cut: the JobManager also misses the worker's heartbeats.
void TaskManagerSupervisor::ReportEnded(proto::WorkerEndedRequest request) {
  request.mutable_fence()->set_leader_epoch(link_.leader_epoch());
  request.mutable_fence()->set_job_id(request.worker().job_id());
  rpc_.Call<proto::WorkerEndedResponse>(
      options_.job_manager, "WorkerEnded", request, options_.timeouts.ask_timeout,
      [this, request](absl::StatusOr<proto::WorkerEndedResponse> response) mutable {
        if (!absl::IsUnavailable(response.status()) &&
            !absl::IsDeadlineExceeded(response.status())) {
          return;
        }
        control_->PostAfter(
            options_.timeouts.retry_delay,
            [this, request = std::move(request)]() mutable { ReportEnded(std::move(request)); });
      });
}

}  // namespace weir
