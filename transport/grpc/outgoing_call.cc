#include "transport/grpc/outgoing_call.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "grpc/support/time.h"
#include "transport/grpc/byte_buffers.h"
#include "transport/grpc/rpc_failure.h"
#include "transport/grpc/wire.h"

namespace weir::remote {
namespace {

// The caller's executor tells the deadline; gRPC's own comes later and frees what is left.
constexpr absl::Duration kGrace = absl::Seconds(1);

gpr_timespec DeadlineAfter(absl::Duration duration) {
  const int64_t millis = absl::ToInt64Milliseconds(duration);
  return gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_millis(millis, GPR_TIMESPAN));
}

}  // namespace

void OutgoingCall::Start(std::string_view method, std::string request, absl::Duration deadline) {
  context_.live->Add(shared_from_this());
  const ::grpc::ByteBuffer message = MakeMessage(EncodeRequestHead(method), std::move(request));
  std::lock_guard<std::mutex> lock(mutex_);
  rpc_ = std::make_unique<Rpc>();
  rpc_->channel = context_.channels->Get(to_, Traffic::kCalls);
  rpc_->context.set_deadline(DeadlineAfter(deadline + kGrace));
  ::grpc::GenericStub stub(rpc_->channel);
  rpc_->reader = stub.PrepareUnaryCall(&rpc_->context, kCallPath, message, context_.queue);
  rpc_->reader->StartCall();
  rpc_->reader->Finish(&rpc_->response, &rpc_->status, done_op_.Start(shared_from_this()));
}

void OutgoingCall::Cancel() {
  std::lock_guard<std::mutex> lock(mutex_);
  if (rpc_ != nullptr) rpc_->context.TryCancel();
}

void OutgoingCall::OnDone(bool) {
  std::unique_ptr<Rpc> rpc;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    rpc = std::move(rpc_);
  }
  const std::string what = absl::StrCat("call ", pending_->what());
  if (rpc->status.ok()) {
    absl::StatusOr<Response> response = ParseResponse(CopyOut(rpc->response));
    if (response.ok()) {
      pending_->Answer(std::move(response->outcome));
    } else {
      pending_->Answer(absl::Status(response.status().code(),
                                    absl::StrCat(what, ": ", response.status().message())));
    }
  } else {
    context_.channels->OnFailure(to_, Traffic::kCalls, rpc->channel.get());
    pending_->Answer(RpcFailure(what, rpc->status, context_.tls));
  }
  rpc.reset();
  context_.live->Remove(this);
}

}  // namespace weir::remote
