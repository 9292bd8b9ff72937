// Connection: what a command needs to talk to the JobManager that the configuration names: an Env over the network between
// processes, and a client on it.
#ifndef WEIR_CLI_CONNECTION_H_
#define WEIR_CLI_CONNECTION_H_

#include <memory>

#include "absl/status/statusor.h"
#include "cli/cluster_client.h"
#include "cli/config/config.h"
#include "cli/env/production_env.h"

namespace weir::cli {

class Connection {
 public:
  // Does not connect yet. Errors are of files that the configuration names.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const Config& config);

  ClusterClient& client() { return client_; }

 private:
  Connection(const Config& config, std::shared_ptr<Network> network);

  ProductionEnv env_;
  ClusterClient client_;
};

}  // namespace weir::cli

#endif  // WEIR_CLI_CONNECTION_H_
