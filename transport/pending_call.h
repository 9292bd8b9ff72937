// PendingCall: the caller's side of one call, whatever carries it.
//
// on_reply belongs to the deadline timer's closure. Whatever ends the call first (answer, deadline,
// destroyed handle, the caller's Shutdown) cancels or drops that timer and with it on_reply, also
// where on_reply holds its own handle.
#ifndef WEIR_TRANSPORT_PENDING_CALL_H_
#define WEIR_TRANSPORT_PENDING_CALL_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/env/network.h"
#include "transport/post_gate.h"

namespace weir {

using OnReply = absl::AnyInvocable<void(absl::StatusOr<std::string>)>;

class PendingCall : public std::enable_shared_from_this<PendingCall> {
 public:
  // `what` is for messages: "DeployTask to tm-1".
  PendingCall(std::string what, Executor* executor)
      : what_(std::move(what)), executor_(executor), gate_(executor) {}

  // Arms the deadline. Called once, on the executor, before anything else.
  void Start(absl::Duration deadline, OnReply on_reply);
  // Brings the outcome to the executor; the first that arrives counts. Any thread.
  void Answer(absl::StatusOr<std::string> outcome);
  // No on_reply after this. On the executor, or anywhere after its Shutdown.
  void Drop();

  const std::string& what() const { return what_; }

 private:
  void Deliver(absl::StatusOr<std::string> outcome);

  const std::string what_;
  Executor* const executor_;  // Valid on the executor and until Drop().
  PostGate gate_;
  TimerId timer_;                    // Touched on the executor only, as on_reply_.
  std::weak_ptr<OnReply> on_reply_;  // Expired once the call has ended.
};

class PendingCallHandle final : public CallHandle {
 public:
  explicit PendingCallHandle(std::shared_ptr<PendingCall> call) : call_(std::move(call)) {}
  ~PendingCallHandle() override { call_->Drop(); }

 private:
  const std::shared_ptr<PendingCall> call_;
};

}  // namespace weir

#endif  // WEIR_TRANSPORT_PENDING_CALL_H_
