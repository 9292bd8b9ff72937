#include "sim/sim_call.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/check.h"
#include "core/base/hash.h"
#include "core/base/string_view.h"
#include "sim/digest.h"
#include "sim/observer.h"

namespace weir::sim {

// The callee's end. Dropped unanswered it answers for itself, so that no caller waits for a process
// that has forgotten the call.
class SimCall::Reply {
 public:
  explicit Reply(std::shared_ptr<SimCall> call) : call_(std::move(call)) {}
  Reply(Reply&&) noexcept = default;
  Reply& operator=(Reply&&) = delete;
  ~Reply() {
    if (call_ != nullptr) call_->Respond(absl::UnavailableError("the callee dropped the call"));
  }

  void operator()(absl::StatusOr<std::string> response) {
    WEIR_CHECK(call_ != nullptr) << "a call was answered twice";
    std::exchange(call_, nullptr)->Respond(std::move(response));
  }

 private:
  std::shared_ptr<SimCall> call_;
};

void SimCall::Start(std::string_view method, std::string request, int64_t deadline_ns) {
  method_ = std::string(method);
  request_ = std::move(request);
  deadline_ = loop_->RunAfter(deadline_ns, [self = shared_from_this()] {
    self->Complete(absl::DeadlineExceededError(
        absl::StrCat("no answer to ", self->method_, " from ", self->to_)));
  });
  connection_->Send(Direction::kForward, LaneUse::kFifo,
                    {.what = "request",
                     .id = id_,
                     .payload_hash = MixWords(StableHash64(method_), StableHash64(request_)),
                     .payload_size = request_.size()},
                    [self = shared_from_this()] { self->OnRequest(); });
}

void SimCall::OnRequest() {
  if (connection_->Holds(Direction::kForward)) [[unlikely]] {
    connection_->Hold(Direction::kForward, [self = shared_from_this()] { self->OnRequest(); });
    return;
  }
  if (request_lost_) return;
  connection_->RecordArrival("request", id_);
  const ServerTable::Entry* const server = servers_->Find(to_);
  if (server == nullptr) {
    Respond(absl::UnavailableError(absl::StrCat("nobody serves at ", to_)));
    return;
  }
  if (connection_->RefusesDial()) {
    Respond(absl::UnavailableError(absl::StrCat(to_, " refused the connection")));
    return;
  }
  server_id_ = server->id;
  serving_ = server->machine;
  loop_->Post(server->executor, [this, reply = CallReply(Reply(shared_from_this()))]() mutable {
    RunOnServer(std::move(reply));
  });
}

void SimCall::RunOnServer(CallReply reply) {
  const ServerTable::Entry* const server = servers_->Find(to_, server_id_);
  if (server == nullptr) return;  // The dropped reply answers.
  if (Observer* observer = connection_->observer(); observer != nullptr && !loop_->muted()) {
    observed_request_ = request_;
    observer->OnRequest(server_id_, id_, method_, request_);
  }
  server->handler->OnCall(method_, std::move(request_), std::move(reply));
}

void SimCall::Respond(absl::StatusOr<std::string> response) {
  if (loop_->muted()) return;
  if (Observer* observer = connection_->observer(); observer != nullptr && server_id_ != 0) {
    observer->OnAnswer(server_id_, id_, to_, method_, observed_request_, response);
  }
  if (lost_) return;
  response_ = std::move(response);
  const std::string_view bytes =
      response_.ok() ? std::string_view(*response_) : ToStd(response_.status().message());
  connection_->Send(Direction::kBackward, LaneUse::kFifo,
                    {.what = "response",
                     .id = id_,
                     .payload_hash = MixWords(static_cast<uint64_t>(response_.status().code()),
                                              StableHash64(bytes)),
                     .payload_size = bytes.size()},
                    [self = shared_from_this()] { self->OnResponse(); });
}

void SimCall::OnResponse() {
  if (connection_->Holds(Direction::kBackward)) [[unlikely]] {
    connection_->Hold(Direction::kBackward, [self = shared_from_this()] { self->OnResponse(); });
    return;
  }
  if (lost_) return;
  connection_->RecordArrival("response", id_);
  Complete(std::move(response_));
}

bool SimCall::Lose(LossLearnedBy learned_by) {
  if (completed_) return false;
  if (!std::exchange(lost_, true)) {
    request_lost_ = connection_->DrawArriving(Direction::kForward, 1) == 0;
  }
  if (learned_by.dialer)
    Complete(absl::UnavailableError(absl::StrCat("connection to ", to_, " lost")));
  return true;
}

void SimCall::DropDialer() {
  Drop();
  if (!std::exchange(lost_, true)) {
    request_lost_ = connection_->DrawArriving(Direction::kForward, 1) == 0;
  }
}

void SimCall::PeerDied(bool resets) {
  if (completed_) return;
  lost_ = true;
  if (!resets) return;  // The caller's deadline tells it.
  connection_->AfterReset(Direction::kBackward, [self = shared_from_this()] {
    self->Complete(absl::UnavailableError(absl::StrCat("connection to ", self->to_, " reset")));
  });
}

void SimCall::Complete(absl::StatusOr<std::string> outcome) {
  if (std::exchange(completed_, true)) return;
  loop_->CancelRun(deadline_);
  outcome_ = std::move(outcome);
  loop_->Post(executor_, [self = shared_from_this()] { self->RunReply(); });
}

void SimCall::RunReply() {
  if (!on_reply_) return;  // Dropped since.
  // The callback may drop the call, and what it holds goes with it.
  OnReply on_reply = std::move(on_reply_);
  on_reply_ = nullptr;
  on_reply(std::move(outcome_));
}

void SimCall::Drop() {
  completed_ = true;
  loop_->CancelRun(deadline_);
  const OnReply dropped = std::move(on_reply_);
  on_reply_ = nullptr;
}

}  // namespace weir::sim
