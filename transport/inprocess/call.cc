#include "transport/inprocess/call.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/base/check.h"

namespace weir::inprocess {
namespace {

// The callee's duty to answer once. If it is dropped, the caller hears so at once.
class ReplyDuty {
 public:
  explicit ReplyDuty(std::shared_ptr<PendingCall> call) : call_(std::move(call)) {}
  ReplyDuty(ReplyDuty&&) = default;
  ReplyDuty& operator=(ReplyDuty&&) = delete;
  ~ReplyDuty() {
    if (call_ == nullptr) return;
    call_->Answer(absl::UnavailableError(
        absl::StrCat("call ", call_->what(), ": the server ended or dropped the call unanswered")));
  }

  void Answer(absl::StatusOr<std::string> outcome) {
    WEIR_CHECK(call_ != nullptr) << "a CallReply was called twice; each call has one answer";
    std::exchange(call_, nullptr)->Answer(std::move(outcome));
  }

 private:
  std::shared_ptr<PendingCall> call_;
};

struct Request {
  std::string method;
  std::string body;
  ReplyDuty duty;
};

void Handle(const ServerEntry& server, Request& request) {
  ReplyDuty duty = std::move(request.duty);
  if (server.handler == nullptr) return;  // The duty tells the caller.
  server.handler->OnCall(request.method, std::move(request.body),
                         [duty = std::move(duty)](absl::StatusOr<std::string> response) mutable {
                           duty.Answer(std::move(response));
                         });
}

}  // namespace

void SendCall(const std::shared_ptr<ServerEntry>& server, std::shared_ptr<PendingCall> call,
              std::string_view method, std::string request) {
  if (server == nullptr) {
    call->Answer(absl::UnavailableError(
        absl::StrCat("call ", call->what(), ": nobody serves at this address")));
    return;
  }
  // Shared, so that a request that cannot be posted ends outside the gate: its duty posts to the
  // caller.
  auto sent = std::make_shared<Request>(
      Request{std::string(method), std::move(request), ReplyDuty(std::move(call))});
  server->gate.Post([server, sent] { Handle(*server, *sent); });
}

}  // namespace weir::inprocess
