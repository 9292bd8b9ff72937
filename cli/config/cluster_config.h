// What a cluster takes from the configuration. Pure.
#ifndef WEIR_CLI_CONFIG_CLUSTER_CONFIG_H_
#define WEIR_CLI_CONFIG_CLUSTER_CONFIG_H_

#include "cli/config/config.h"
#include "core/cluster/cluster_options.h"
#include "core/cluster/task_manager_options.h"
#include "core/env/network.h"

namespace weir::cli {

ClusterTimeouts ToTimeouts(const Config& config);

// With `slots`.
TaskManagerOptions ToTaskManagerOptions(const Config& config, int slots);

// "HOST:PORT" of the JobManager.
Address JobManagerAddress(const Config& config);

// "host:port", an IPv6 address in brackets.
Address ToAddress(const std::string& host, int64_t port);

}  // namespace weir::cli

#endif  // WEIR_CLI_CONFIG_CLUSTER_CONFIG_H_
