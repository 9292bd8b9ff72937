// CheckHealth: asks a process that serves a GrpcNetwork whether it serves, over gRPC's health
// checking protocol, which Kubernetes and load balancers speak as well
// (https://github.com/grpc/grpc/blob/master/doc/health-checking.md).
#ifndef WEIR_TRANSPORT_GRPC_HEALTH_H_
#define WEIR_TRANSPORT_GRPC_HEALTH_H_

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "core/env/network.h"
#include "transport/grpc/grpc_options.h"

namespace weir {
namespace remote {

inline constexpr char kHealthPath[] = "/grpc.health.v1.Health/Check";
inline constexpr char kHealthServing[] = "\x08\x01";  // HealthCheckResponse{status: SERVING}

}  // namespace remote

// Waits for the answer on the calling thread. Unavailable unless it is SERVING, DeadlineExceeded,
// Unauthenticated.
absl::Status CheckHealth(const Address& address, const GrpcNetworkOptions& options,
                         absl::Duration timeout);

}  // namespace weir

#endif  // WEIR_TRANSPORT_GRPC_HEALTH_H_
