#include "transport/grpc/health.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "grpc/support/time.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/grpcpp.h"
#include "transport/grpc/byte_buffers.h"
#include "transport/grpc/channel_settings.h"
#include "transport/grpc/rpc_failure.h"

namespace weir {
absl::Status CheckHealth(const Address& address, const GrpcNetworkOptions& options,
                         absl::Duration timeout) {
  ::grpc::GenericStub stub(::grpc::CreateCustomChannel(remote::TargetOf(address),
                                                       remote::ClientCredentials(options.security),
                                                       remote::ClientArguments(options)));
  ::grpc::ClientContext context;
  context.set_deadline(
      gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                   gpr_time_from_millis(absl::ToInt64Milliseconds(timeout), GPR_TIMESPAN)));
  ::grpc::CompletionQueue queue;
  ::grpc::ByteBuffer response;
  ::grpc::Status status;
  ::grpc::Slice of_the_whole_server;  // HealthCheckRequest{}
  const auto rpc = stub.PrepareUnaryCall(&context, remote::kHealthPath,
                                         ::grpc::ByteBuffer(&of_the_whole_server, 1), &queue);
  rpc->StartCall();
  rpc->Finish(&response, &status, nullptr);
  void* tag;
  bool ok;
  queue.Next(&tag, &ok);
  if (!status.ok()) {
    return remote::RpcFailure(absl::StrCat("health of ", address), status, options.security.tls());
  }
  if (remote::CopyOut(response) != remote::kHealthServing)
    return absl::UnavailableError(absl::StrCat(address, " answers, but does not serve"));
  return absl::OkStatus();
}

}  // namespace weir
