// The part of the JobManager that deals with TaskManagers, their slots and their worker processes.
#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "core/base/check.h"
#include "core/base/status_macros.h"
#include "core/cluster/job_manager.h"

namespace weir {
namespace {

constexpr int kSlotsMax = 32768;  // As the greatest parallelism.
// A connection may break once; so often in a row, nobody is there, and a heartbeat would only say so later (Flink's
// heartbeat.rpc-failure-threshold).
constexpr int kUnreachableMax = 3;

WorkerTable::Worker WorkerOf(const proto::WorkerIdentity& identity, const Address& address) {
  return {.supervisor = identity.supervisor(),
          .job = identity.job_id(),
          .token = identity.token(),
          .address = address};
}

}  // namespace

void JobManager::RegisterMethods() {
  RegisterClientMethods();
  dispatcher_.Register<proto::RegisterTaskManagerRequest, proto::RegisterTaskManagerResponse>(
      "RegisterTaskManager", [this](proto::RegisterTaskManagerRequest request,
                                    RpcReply<proto::RegisterTaskManagerResponse> reply) {
        reply(RegisterTaskManager(request));
        AssignSlots();
      });
  dispatcher_.Register<proto::UnregisterTaskManagerRequest, proto::UnregisterTaskManagerResponse>(
      "UnregisterTaskManager", [this](proto::UnregisterTaskManagerRequest request,
                                      RpcReply<proto::UnregisterTaskManagerResponse> reply) {
        auto found = registered_.find(request.address());
        if (found != registered_.end() && found->second.incarnation == request.incarnation()) {
          RemoveTaskManager(request.address(), "has left");
          AssignSlots();
        }
        reply(proto::UnregisterTaskManagerResponse());
      });
  dispatcher_.Register<proto::WorkerEndedRequest, proto::WorkerEndedResponse>(
      "WorkerEnded",
      [this](proto::WorkerEndedRequest request, RpcReply<proto::WorkerEndedResponse> reply) {
        OnWorkerEnded(request);
        reply(proto::WorkerEndedResponse());
      });
  dispatcher_.Register<proto::HeartbeatRequest, proto::HeartbeatResponse>(
      "Heartbeat", [this](proto::HeartbeatRequest request,
                          RpcReply<proto::HeartbeatResponse> reply) { reply(Heartbeat(request)); });
  dispatcher_.Register<proto::RequestSplitRequest, proto::RequestSplitResponse>(
      "RequestSplit",
      [this](proto::RequestSplitRequest request, RpcReply<proto::RequestSplitResponse> reply) {
        JobMaster* master = MasterOf(request.fence().job_id());
        if (master == nullptr) return reply(absl::AbortedError("no such job here"));
        if (absl::Status status = master->OnRequestSplit(request); !status.ok())
          return reply(status);
        reply(proto::RequestSplitResponse());
      });
  dispatcher_.Register<proto::SubtaskStateChangedRequest, proto::SubtaskStateChangedResponse>(
      "SubtaskStateChanged", [this](proto::SubtaskStateChangedRequest request,
                                    RpcReply<proto::SubtaskStateChangedResponse> reply) {
        JobMaster* master = MasterOf(request.fence().job_id());
        if (master == nullptr) return reply(absl::AbortedError("no such job here"));
        if (absl::Status status = master->OnSubtaskStateChanged(request); !status.ok())
          return reply(status);
        reply(proto::SubtaskStateChangedResponse());
      });
  dispatcher_.Register<proto::AcknowledgeCheckpointRequest, proto::AcknowledgeCheckpointResponse>(
      "AcknowledgeCheckpoint", [this](proto::AcknowledgeCheckpointRequest request,
                                      RpcReply<proto::AcknowledgeCheckpointResponse> reply) {
        JobMaster* master = MasterOf(request.fence().job_id());
        if (master == nullptr) return reply(absl::AbortedError("no such job here"));
        if (absl::Status status = master->OnAcknowledgeCheckpoint(request); !status.ok())
          return reply(status);
        reply(proto::AcknowledgeCheckpointResponse());
      });
  dispatcher_.Register<proto::AcknowledgeCommitRequest, proto::AcknowledgeCommitResponse>(
      "AcknowledgeCommit", [this](proto::AcknowledgeCommitRequest request,
                                  RpcReply<proto::AcknowledgeCommitResponse> reply) {
        JobMaster* master = MasterOf(request.fence().job_id());
        if (master == nullptr) return reply(absl::AbortedError("no such job here"));
        if (absl::Status status = master->OnAcknowledgeCommit(request); !status.ok())
          return reply(status);
        reply(proto::AcknowledgeCommitResponse());
      });
}

// ---- Who is there ----

namespace {

constexpr size_t kReasonBytesMax = 1000;  // Of what a peer says.

// Continues "TaskManager X ...".
std::string RegisteredAnew(const proto::RegisterTaskManagerRequest& request) {
  if (request.reason().empty()) return "registered anew";
  return absl::StrCat("registered anew: ", request.reason().substr(0, kReasonBytesMax));
}

}  // namespace

absl::StatusOr<proto::RegisterTaskManagerResponse> JobManager::RegisterTaskManager(
    const proto::RegisterTaskManagerRequest& request) {
  if (request.address().empty() || request.slots() < 1 || request.slots() > kSlotsMax) {
    return absl::InvalidArgumentError(absl::StrCat(
        "a TaskManager registers with its address and 1 to ", kSlotsMax, " slots, not with \"",
        absl::CHexEscape(request.address()), "\" and ", request.slots()));
  }
  if (request.has_worker()) {
    WEIR_RETURN_IF_ERROR(RegisterWorker(request));
  } else {
    // A new incarnation, or one that lost us: what ran there is gone.
    RemoveTaskManager(request.address(), RegisteredAnew(request));
    slots_.Add(request.address(), request.slots(), request.starts_workers());
    for (const proto::WorkerIdentity& identity : request.workers()) {
      const WorkerTable::Worker worker = WorkerOf(identity, "");
      if (jobs_.contains(worker.job)) {
        workers_.OnStarted(worker);
        AwaitWorker(worker);
      } else {
        EndWorker(worker);
      }
    }
  }
  const absl::Duration now = env_.clock().Monotonic();
  registered_[request.address()] = {
      .incarnation = request.incarnation(), .since = now, .last_heartbeat = now};
  proto::RegisterTaskManagerResponse response;
  response.set_leader_epoch(epoch_.value());
  response.set_cluster_id(cluster_id_);
  // The heartbeats of a worker bring the metrics of its job, too.
  const ClusterTimeouts& timeouts = options_.job.timeouts;
  response.set_heartbeat_interval_ms(absl::ToInt64Milliseconds(
      request.starts_workers() ? timeouts.heartbeat_interval
                               : std::min(timeouts.heartbeat_interval, timeouts.metrics_interval)));
  response.set_heartbeat_timeout_ms(absl::ToInt64Milliseconds(timeouts.heartbeat_timeout));
  return response;
}

absl::Status JobManager::RegisterWorker(const proto::RegisterTaskManagerRequest& request) {
  const WorkerTable::Worker worker = WorkerOf(request.worker(), request.address());
  auto found = jobs_.find(worker.job);
  if (found == jobs_.end()) {
    return absl::NotFoundError(absl::StrCat("job ", worker.job, " is over"));
  }
  if (!slots_.Contains(worker.supervisor) || found->second.master == nullptr) {
    return absl::UnavailableError(absl::StrCat("TaskManager ", worker.supervisor, " and job ",
                                               worker.job, " are not here yet"));
  }
  // It lost us: what ran there is gone.
  LoseProcess(request.address(), RegisteredAnew(request));
  if (!workers_.OnRegistered(worker, found->second.master->slots_wanted() > 0)) {
    return absl::NotFoundError(absl::StrCat("job ", worker.job, " does not need worker ",
                                            worker.token, " of TaskManager ", worker.supervisor));
  }
  return absl::OkStatus();
}

absl::StatusOr<proto::HeartbeatResponse> JobManager::Heartbeat(
    const proto::HeartbeatRequest& request) {
  if (request.fence().leader_epoch() != epoch_.value()) {
    return absl::AbortedError(absl::StrCat("the leader epoch is ", epoch_.value()));
  }
  auto found = registered_.find(request.address());
  if (found == registered_.end() || found->second.incarnation != request.incarnation()) {
    return absl::NotFoundError(
        absl::StrCat("TaskManager ", request.address(), " is not registered"));
  }
  found->second.last_heartbeat = env_.clock().Monotonic();
  proto::HeartbeatResponse response;
  if (request.metrics_size() > 0) {
    if (JobMaster* master = MasterOf(request.fence().job_id())) {
      WEIR_RETURN_IF_ERROR(master->OnMetrics(request));
    } else {
      response.set_job_is_over(true);
    }
  }
  return response;
}

void JobManager::CheckHeartbeats() {
  if (!leads_) return;
  const absl::Duration timeout = options_.job.timeouts.heartbeat_timeout;
  const absl::Duration now = env_.clock().Monotonic();
  std::vector<Address> dead;
  for (const auto& [address, process] : registered_) {
    if (now - process.last_heartbeat > timeout) dead.push_back(address);
  }
  for (const Address& address : dead) {
    RemoveTaskManager(address,
                      absl::StrCat("sent no heartbeat for ", absl::FormatDuration(timeout)));
  }
  if (!dead.empty()) AssignSlots();
  control_->PostAfter(options_.job.timeouts.heartbeat_interval, [this] { CheckHeartbeats(); });
}

void JobManager::RemoveTaskManager(const Address& address, const std::string& why) {
  LoseProcess(address, why);
  if (slots_.Contains(address)) {
    slots_.Remove(address);
    for (auto& [id, job] : jobs_) {
      if (job.may_claim.contains(address)) ClaimSlots(job);
    }
    for (const WorkerTable::Worker& worker : workers_.ForgetSupervisor(address)) {
      LoseProcess(worker.address, absl::StrCat("belongs to ", address, ", which ", why));
    }
  } else if (const WorkerTable::Worker* worker = workers_.At(address)) {
    const WorkerTable::Worker lost = *worker;
    workers_.Forget(lost.supervisor, lost.job, lost.token);
    EndWorker(lost);
  }
}

void JobManager::LoseProcess(const Address& address, const std::string& why) {
  if (registered_.erase(address) == 0) return;
  for (auto& [id, job] : jobs_) {
    if (job.master != nullptr) job.master->OnTaskManagerLost(address, why);
  }
}

// ---- Slots and workers ----

void JobManager::ClaimSlots(Job& job) {
  // A TaskManager may notice with its next heartbeat only that there is another JobManager.
  const ClusterTimeouts& timeouts = options_.job.timeouts;
  const absl::Duration claim = timeouts.heartbeat_interval + timeouts.slot_claim;
  job.claims_until = env_.clock().Monotonic() + claim;
  control_->PostAfter(claim, [this] {
    if (leads_) AssignSlots();
  });
}

bool JobManager::Claims(const Job& job) const {
  return env_.clock().Monotonic() < job.claims_until;
}

std::vector<std::string> JobManager::JobsByClaim() const {
  std::vector<std::pair<std::tuple<bool, absl::Time>, std::string>> order;
  for (const auto& [id, job] : jobs_) order.push_back({{!job.ran, job.submitted}, id});
  std::sort(order.begin(), order.end());
  std::vector<std::string> ids;
  for (auto& [claim, id] : order) ids.push_back(std::move(id));
  return ids;
}

void JobManager::AssignSlots() {
  std::string kept_for;
  for (const std::string& id : JobsByClaim()) {
    const auto job = jobs_.find(id);
    if (job == jobs_.end() || AssignSlotsTo(id, job->second, kept_for)) continue;
    if (kept_for.empty() && Claims(job->second)) kept_for = id;
  }
}

bool JobManager::AssignSlotsTo(const std::string& job_id, Job& job, const std::string& kept_for) {
  if (job.cancelled || (job.master != nullptr && job.master->ends())) return true;
  if (job.master == nullptr) return false;
  const int wanted = job.master->slots_wanted();
  const bool lacks_none = !job.hosts.empty() && slots_.Lost(job_id, job.hosts) == 0;
  if (wanted == 0) {  // It runs, or will want those again that it had.
    const bool waits = job.master->state() == JobState::kRestarting && !job.master->keeps_slots();
    // What it still has is not enough for it, and may be for others.
    if (waits && !lacks_none && !Claims(job)) slots_.Free(job_id);
    return job.hosts.empty() || lacks_none;
  }
  if (!kept_for.empty() && !lacks_none) {
    job.master->set_waiting_for(
        absl::StrCat("slots are kept for job ", kept_for,
                     ", which ran, until its TaskManagers are back or are given up"));
    return false;
  }
  // What runs on stays where it is; otherwise the slots of an attempt before may go to anybody.
  const bool keeps_slots = job.master->keeps_slots() || !kept_for.empty();
  if (!keeps_slots) slots_.Free(job_id);
  const std::optional<std::vector<Address>> hosts =
      keeps_slots ? slots_.Replace(job_id, job.hosts) : slots_.Allocate(job_id, wanted);
  if (!hosts.has_value()) {
    job.master->set_waiting_for(slots_.DescribeLack(wanted));
    return false;
  }
  job.hosts = *hosts;
  WorkerTable::Resolution found = workers_.Resolve(job_id, *hosts, slots_.supervisors());
  for (const WorkerTable::Worker& worker : found.to_end) EndWorker(worker);
  for (const WorkerTable::Worker& worker : found.to_start) StartWorker(worker);
  if (found.missing == 0) {
    job.master->OnSlots(std::move(found.addresses));
  } else {
    job.master->set_waiting_for(
        absl::StrCat(found.missing, " worker processes of it have yet to start"));
  }
  return true;
}

// A TaskManager that is lost has from here on as long to come back as it had from its loss on. That is so once for each on which the
// job ran: where one comes and goes, others must get their turn.
void JobManager::OnSlotsWanted(const std::string& job_id) {
  Job& job = jobs_.at(job_id);
  const size_t lost = std::erase_if(
      job.may_claim, [&](const Address& host) { return slots_.Taken(job_id, host) == 0; });
  const bool is_adopted = job.ran && job.hosts.empty();
  if (lost > 0 || is_adopted) ClaimSlots(job);
  AssignSlots();
}

void JobManager::OnJobRuns(const std::string& job_id) {
  Job& job = jobs_.at(job_id);
  job.may_claim = std::set<Address>(job.hosts.begin(), job.hosts.end());
  if (!std::exchange(job.ran, true) && store_ != nullptr && !job.cancelled)
    WriteRecord(job_id, proto::JobRecord(), [] {});
}

// Asks until it is answered or something else is decided. `unreachable`: how often in a row nobody was there.
void JobManager::StartWorker(const WorkerTable::Worker& worker, int unreachable) {
  proto::StartWorkerRequest request;
  request.mutable_fence()->set_leader_epoch(epoch_.value());
  request.mutable_fence()->set_job_id(worker.job);
  request.set_token(worker.token);
  request.set_slots(slots_.Taken(worker.job, worker.supervisor));
  rpc_.Call<proto::StartWorkerResponse>(
      worker.supervisor, "StartWorker", request, options_.job.timeouts.ask_timeout,
      [this, worker, unreachable,
       called = env_.clock().Monotonic()](absl::StatusOr<proto::StartWorkerResponse> response) {
        if (!IsAwaited(worker)) return;
        if (response.ok()) return AwaitWorker(worker);
        const int in_a_row = absl::IsUnavailable(response.status()) ? unreachable + 1 : 0;
        if (in_a_row == kUnreachableMax) return OnUnreachable(worker.supervisor, called);
        if (JobMaster* master = MasterOf(worker.job)) {
          master->set_waiting_for(absl::StrCat(
              "TaskManager ", worker.supervisor,
              " does not start a worker for it: ", std::string(response.status().message())));
        }
        control_->PostAfter(options_.job.timeouts.retry_delay, [this, worker, in_a_row] {
          if (IsAwaited(worker)) StartWorker(worker, in_a_row);
        });
      });
}

// One that is there after all registers again.
void JobManager::OnUnreachable(const Address& address, absl::Duration called) {
  if (!leads_) return;  // Its workers are the next leader's.
  const auto found = registered_.find(address);
  // Another one is at the address by now.
  if (found != registered_.end() && found->second.since > called) return;
  RemoveTaskManager(address, "cannot be reached");
  AssignSlots();
}

bool JobManager::IsAwaited(const WorkerTable::Worker& worker) const {
  const WorkerTable::Worker* known = workers_.Find(worker.job, worker.supervisor);
  return leads_ && known != nullptr && known->token == worker.token && known->address.empty();
}

// A process that was started and does not register is no use, whatever keeps it.
void JobManager::AwaitWorker(const WorkerTable::Worker& worker) {
  control_->PostAfter(options_.job.timeouts.heartbeat_timeout, [this, worker] {
    if (!IsAwaited(worker)) return;
    workers_.Forget(worker.supervisor, worker.job, worker.token);
    EndWorker(worker);
    AssignSlots();
  });
}

// A worker that does not hear it finds out when it registers anew.
void JobManager::EndWorker(const WorkerTable::Worker& worker) {
  registered_.erase(worker.address);
  proto::StopWorkerRequest request;
  request.mutable_fence()->set_leader_epoch(epoch_.value());
  request.mutable_fence()->set_job_id(worker.job);
  request.set_token(worker.token);
  rpc_.Call<proto::StopWorkerResponse>(worker.supervisor, "StopWorker", request,
                                       options_.job.timeouts.ask_timeout,
                                       [](absl::StatusOr<proto::StopWorkerResponse>) {});
}

void JobManager::OnWorkerEnded(const proto::WorkerEndedRequest& request) {
  const proto::WorkerIdentity& identity = request.worker();
  const std::optional<WorkerTable::Worker> worker =
      workers_.Forget(identity.supervisor(), identity.job_id(), identity.token());
  if (!worker.has_value()) return;
  const std::string why = absl::StrCat("ended: its process ", request.how());
  if (!worker->address.empty()) {
    LoseProcess(worker->address, why);
    return AssignSlots();
  }
  if (JobMaster* master = MasterOf(worker->job)) {
    master->set_waiting_for(absl::StrCat("a worker process on TaskManager ", worker->supervisor,
                                         " ended before it registered: it ", request.how()));
  }
  // Not at once: the next one may end in the same way.
  control_->PostAfter(options_.job.timeouts.retry_delay, [this] { AssignSlots(); });
}

}  // namespace weir
