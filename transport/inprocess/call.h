// One call inside the process: PendingCall on the caller's side, a CallReply on the callee's.
//
// on_reply belongs to the deadline timer's closure. Whatever ends the call first (answer, deadline,
// destroyed handle, the caller's Shutdown) cancels or drops that timer and with it on_reply, also
// where on_reply holds its own handle.
#ifndef WEIR_TRANSPORT_INPROCESS_CALL_H_
#define WEIR_TRANSPORT_INPROCESS_CALL_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/env/network.h"
#include "transport/inprocess/post_gate.h"
#include "transport/inprocess/server_entry.h"

namespace weir::inprocess {

using OnReply = absl::AnyInvocable<void(absl::StatusOr<std::string>)>;

class PendingCall : public std::enable_shared_from_this<PendingCall> {
 public:
  PendingCall(std::string what, Executor* executor)
      : what_(std::move(what)), executor_(executor), gate_(executor) {}

  // Arms the deadline. Called once, on the executor, before anything else.
  void Start(absl::Duration deadline, OnReply on_reply);
  // Brings the outcome to the executor; the first that arrives counts. Any thread.
  void Answer(absl::StatusOr<std::string> outcome);
  // No on_reply after this. On the executor, or anywhere after its Shutdown.
  void Drop();

  // "DeployTask to tm-1", for messages.
  const std::string& what() const { return what_; }

 private:
  void Deliver(absl::StatusOr<std::string> outcome);

  const std::string what_;
  Executor* const executor_;  // Valid on the executor and until Drop().
  PostGate gate_;
  TimerId timer_;                    // Touched on the executor only, as on_reply_.
  std::weak_ptr<OnReply> on_reply_;  // Expired once the call has ended.
};

class InProcessCallHandle final : public CallHandle {
 public:
  explicit InProcessCallHandle(std::shared_ptr<PendingCall> call) : call_(std::move(call)) {}
  ~InProcessCallHandle() override { call_->Drop(); }

 private:
  const std::shared_ptr<PendingCall> call_;
};

// Sends the request to `server`, or answers Unavailable if that is null.
void SendCall(const std::shared_ptr<ServerEntry>& server, std::shared_ptr<PendingCall> call,
              std::string_view method, std::string request);

}  // namespace weir::inprocess

#endif  // WEIR_TRANSPORT_INPROCESS_CALL_H_
