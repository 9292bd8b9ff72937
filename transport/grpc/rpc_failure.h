// RpcFailure: what the end of an RPC that gRPC reports means to the callers of a Network. Pure.
#ifndef WEIR_TRANSPORT_GRPC_RPC_FAILURE_H_
#define WEIR_TRANSPORT_GRPC_RPC_FAILURE_H_

#include <string_view>

#include "absl/status/status.h"
#include "grpcpp/support/status.h"

namespace weir::remote {

// `what` names the call or stream. ResourceExhausted for a message that is too large for the other
// side, Unauthenticated if it says so, DeadlineExceeded; everything else is Unavailable, with what
// to do where that can be told. `tls` is what this side speaks; `has_spoken`: the other side has
// answered before, so the two agree about that.
absl::Status RpcFailure(std::string_view what, const ::grpc::Status& status, bool tls,
                        bool has_spoken = false);

}  // namespace weir::remote

#endif  // WEIR_TRANSPORT_GRPC_RPC_FAILURE_H_
