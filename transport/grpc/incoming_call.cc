#include "transport/grpc/incoming_call.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/base/check.h"
#include "core/base/string_view.h"
#include "transport/grpc/byte_buffers.h"
#include "transport/grpc/wire.h"

namespace weir::remote {
namespace {

// The callee's duty to answer once. If it is dropped, the caller hears so at once.
class ReplyDuty {
 public:
  explicit ReplyDuty(std::shared_ptr<IncomingCall> call) : call_(std::move(call)) {}
  ReplyDuty(ReplyDuty&&) = default;
  ReplyDuty& operator=(ReplyDuty&&) = delete;
  ~ReplyDuty() {
    if (call_ == nullptr) return;
    call_->Answer(absl::UnavailableError("the server ended or dropped the call unanswered"));
  }

  void Answer(absl::StatusOr<std::string> outcome) {
    WEIR_CHECK(call_ != nullptr) << "a CallReply was called twice; each call has one answer";
    std::exchange(call_, nullptr)->Answer(std::move(outcome));
  }

 private:
  std::shared_ptr<IncomingCall> call_;
};

struct Delivery {
  Request request;
  ReplyDuty duty;
};

void Deliver(const ServerEntry& entry, Delivery& delivery) {
  ReplyDuty duty = std::move(delivery.duty);
  if (entry.handler == nullptr) return;  // The duty tells the caller.
  entry.handler->OnCall(delivery.request.method, std::move(delivery.request.body),
                        [duty = std::move(duty)](absl::StatusOr<std::string> response) mutable {
                          duty.Answer(std::move(response));
                        });
}

}  // namespace

void IncomingCall::Start() {
  const bool live = context_.live->Add(shared_from_this());
  {
    std::lock_guard<std::mutex> lock(mutex_);
    reading_ = true;
    rpc_->stream.Read(&rpc_->read, read_op_.Start(shared_from_this()));
  }
  if (!live) Cancel();
}

void IncomingCall::OnRead(bool ok) {
  std::unique_lock<std::mutex> lock(mutex_);
  reading_ = false;
  if (over_) return FreeIfOver(std::move(lock));
  std::string message;
  if (ok) message = CopyOut(rpc_->read);
  lock.unlock();
  if (!ok) return EndUnanswered();
  Dispatch(std::move(message));
}

void IncomingCall::Dispatch(std::string message) {
  absl::StatusOr<Request> request = ParseRequest(std::move(message));
  if (!request.ok()) return Answer(std::move(request).status());
  // Shared, so that a request that cannot be posted ends outside the gate: its duty takes it from
  // there.
  auto delivery =
      std::make_shared<Delivery>(Delivery{*std::move(request), ReplyDuty(shared_from_this())});
  context_.entry->gate.Post([entry = context_.entry, delivery] { Deliver(*entry, *delivery); });
}

void IncomingCall::Answer(absl::StatusOr<std::string> outcome) {
  if (outcome.ok() && outcome->size() > context_.message_bytes_max) {
    outcome = absl::ResourceExhaustedError(absl::StrCat(
        "the response of ", outcome->size(), " bytes is over the callee's message_bytes_max of ",
        context_.message_bytes_max));
  }
  {
    // Also once the network is gone.
    std::lock_guard<std::mutex> lock(mutex_);
    if (answered_) return;
  }
  const std::string head = EncodeResponseHead(outcome.status().code());
  std::string body =
      outcome.ok() ? *std::move(outcome) : std::string(ToStd(outcome.status().message()));
  const ::grpc::ByteBuffer response = MakeMessage(head, std::move(body));
  std::lock_guard<std::mutex> lock(mutex_);
  if (std::exchange(answered_, true)) return;
  rpc_->stream.WriteAndFinish(response, ::grpc::WriteOptions(), ::grpc::Status::OK,
                              answer_op_.Start(shared_from_this()));
}

void IncomingCall::Cancel() { EndUnanswered(); }

void IncomingCall::EndUnanswered() {
  std::lock_guard<std::mutex> lock(mutex_);
  if (rpc_ != nullptr) rpc_->context.TryCancel();
  if (std::exchange(answered_, true)) return;
  rpc_->stream.Finish(::grpc::Status(::grpc::StatusCode::UNAVAILABLE, "the server is going down"),
                      answer_op_.Start(shared_from_this()));
}

void IncomingCall::OnAnswered(bool) {
  std::unique_lock<std::mutex> lock(mutex_);
  over_ = true;
  FreeIfOver(std::move(lock));
}

void IncomingCall::FreeIfOver(std::unique_lock<std::mutex> lock) {
  if (reading_ || !over_) return;
  std::unique_ptr<ServerRpc> rpc = std::move(rpc_);
  lock.unlock();
  rpc.reset();
  context_.live->Remove(this);
}

}  // namespace weir::remote
