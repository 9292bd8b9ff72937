#include "transport/grpc/health_rpc.h"

#include <string>

#include "transport/grpc/byte_buffers.h"
#include "transport/grpc/health.h"

namespace weir::remote {
namespace {

// HealthCheckRequest with no service, or an empty one, asks for the whole server.
bool IsOfWholeServer(const std::string& request) {
  return request.empty() || request == std::string("\x0a\x00", 2);
}

}  // namespace

void HealthRpc::Start() {
  const bool live = live_->Add(shared_from_this());
  rpc_->stream.Read(&rpc_->read, read_op_.Start(shared_from_this()));
  if (!live) Cancel();
}

void HealthRpc::Cancel() { rpc_->context.TryCancel(); }

void HealthRpc::OnRead(bool ok) {
  void* const tag = end_op_.Start(shared_from_this());
  if (!ok) {
    return rpc_->stream.Finish(
        ::grpc::Status(::grpc::StatusCode::INVALID_ARGUMENT, "Check takes one request"), tag);
  }
  if (!IsOfWholeServer(CopyOut(rpc_->read))) {
    return rpc_->stream.Finish(
        ::grpc::Status(::grpc::StatusCode::NOT_FOUND,
                       "a Weir process tells its health as a whole: ask for the service \"\""),
        tag);
  }
  rpc_->stream.WriteAndFinish(MakeMessage("", kHealthServing), ::grpc::WriteOptions(),
                              ::grpc::Status::OK, tag);
}

// What gRPC used goes with this object, as Cancel() may still be looking at it: on this thread, which ends before the server.
void HealthRpc::OnEnded(bool) { live_->Remove(this); }

}  // namespace weir::remote
