// What a gRPC network takes from the configuration.
#ifndef WEIR_CLI_CONFIG_NETWORK_CONFIG_H_
#define WEIR_CLI_CONFIG_NETWORK_CONFIG_H_

#include "absl/status/statusor.h"
#include "cli/config/config.h"
#include "transport/grpc/grpc_options.h"

namespace weir::cli {

// Reads the files that security.ssl.* name. InvalidArgument naming the option and the file if one cannot be read, is no PEM, or is
// missing although TLS is on.
absl::StatusOr<GrpcNetworkOptions> ToNetworkOptions(const Config& config);

}  // namespace weir::cli

#endif  // WEIR_CLI_CONFIG_NETWORK_CONFIG_H_
