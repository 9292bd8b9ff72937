#include "cli/connection.h"

#include <utility>

#include "cli/config/cluster_config.h"
#include "cli/config/network_config.h"
#include "core/base/status_macros.h"
#include "transport/grpc/grpc_network.h"

namespace weir::cli {

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const Config& config) {
  WEIR_ASSIGN_OR_RETURN(GrpcNetworkOptions options, ToNetworkOptions(config));
  return std::unique_ptr<Connection>(
      new Connection(config, std::make_shared<GrpcNetwork>(std::move(options))));
}

Connection::Connection(const Config& config, std::shared_ptr<Network> network)
    : env_({.worker_count = 1, .seed = std::nullopt, .network = std::move(network)}),
      client_(env_, JobManagerAddress(config), ToTimeouts(config)) {}

}  // namespace weir::cli
