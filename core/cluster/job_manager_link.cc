#include "core/cluster/job_manager_link.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace weir {

JobManagerLink::JobManagerLink(Env& env, Executor& executor, Address job_manager,
                               ClusterTimeouts timeouts, uint64_t incarnation, Owner* owner)
    : env_(env),
      executor_(executor),
      job_manager_(std::move(job_manager)),
      timeouts_(timeouts),
      incarnation_(incarnation),
      owner_(owner),
      rpc_(env.network(), &executor),
      heartbeat_interval_(timeouts.heartbeat_interval),
      heartbeat_timeout_(timeouts.heartbeat_timeout) {}

void JobManagerLink::Start() { SendRegister(); }

void JobManagerLink::BeginAnew(std::string reason) {
  reason_ = std::move(reason);
  ++registration_;
  owner_->OnJobManagerLost();
  SendRegister();
}

void JobManagerLink::Leave(absl::AnyInvocable<void()> then) {
  ++registration_;
  proto::UnregisterTaskManagerRequest request;
  request.set_address(address_);
  request.set_incarnation(incarnation_);
  rpc_.Call<proto::UnregisterTaskManagerResponse>(
      job_manager_, "UnregisterTaskManager", request, timeouts_.retry_delay,
      [then = std::move(then)](absl::StatusOr<proto::UnregisterTaskManagerResponse>) mutable {
        then();
      });
}

absl::Status JobManagerLink::CheckLeader(const proto::Fence& fence) {
  if (fence.leader_epoch() < leader_epoch_) {
    return absl::AbortedError(absl::StrCat("leader epoch ", fence.leader_epoch(),
                                           " is fenced; the leader is ", leader_epoch_));
  }
  leader_epoch_ = fence.leader_epoch();
  return absl::OkStatus();
}

void JobManagerLink::SendRegister() {
  const uint64_t registration = ++registration_;
  proto::RegisterTaskManagerRequest request = owner_->Registration();
  request.set_incarnation(incarnation_);
  request.set_reason(reason_);
  address_ = request.address();
  rpc_.Call<proto::RegisterTaskManagerResponse>(
      job_manager_, "RegisterTaskManager", request, timeouts_.ask_timeout,
      [this, registration](absl::StatusOr<proto::RegisterTaskManagerResponse> response) {
        if (registration != registration_) return;
        if (absl::IsNotFound(response.status()) || absl::IsFailedPrecondition(response.status())) {
          ++registration_;
          return owner_->OnNotWanted(response.status());
        }
        // Of a JobManager that was replaced since: the next answer comes from the new one.
        if (!response.ok() || response->leader_epoch() < leader_epoch_) return RegisterLater();
        OnAnswer(*response);
      });
}

void JobManagerLink::RegisterLater() {
  executor_.PostAfter(timeouts_.retry_delay,
                      [this, weak = std::weak_ptr(self_), registration = registration_] {
                        if (weak.expired() || registration != registration_) return;
                        SendRegister();
                      });
}

void JobManagerLink::OnAnswer(const proto::RegisterTaskManagerResponse& response) {
  reason_.clear();
  leader_epoch_ = response.leader_epoch();
  cluster_id_ = response.cluster_id();
  heartbeat_interval_ = absl::Milliseconds(response.heartbeat_interval_ms());
  heartbeat_timeout_ = absl::Milliseconds(response.heartbeat_timeout_ms());
  last_heartbeat_answer_ = env_.clock().Monotonic();
  SendHeartbeat();
}

void JobManagerLink::SendHeartbeat() {
  if (env_.clock().Monotonic() - last_heartbeat_answer_ > heartbeat_timeout_) {
    return BeginAnew(
        absl::StrCat("no heartbeat was answered for ", absl::FormatDuration(heartbeat_timeout_)));
  }
  proto::HeartbeatRequest request;
  request.set_address(address_);
  request.set_incarnation(incarnation_);
  request.mutable_fence()->set_leader_epoch(leader_epoch_);
  owner_->FillHeartbeat(request);
  const uint64_t registration = registration_;
  rpc_.Call<proto::HeartbeatResponse>(
      job_manager_, "Heartbeat", request, timeouts_.ask_timeout,
      [this, registration,
       fence = request.fence()](absl::StatusOr<proto::HeartbeatResponse> response) {
        if (registration != registration_) return;
        if (response.ok()) {
          last_heartbeat_answer_ = env_.clock().Monotonic();
          if (response->job_is_over()) owner_->OnJobOver(fence);
        }
        // The JobManager does not know us (it restarted, or gave us up): begin again.
        if (absl::IsNotFound(response.status()) || absl::IsAborted(response.status())) {
          BeginAnew("");
        }
      });
  executor_.PostAfter(heartbeat_interval_, [this, weak = std::weak_ptr(self_), registration] {
    if (!weak.expired() && registration == registration_) SendHeartbeat();
  });
}

}  // namespace weir
