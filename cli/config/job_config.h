// What a job takes from the configuration. Pure.
#ifndef WEIR_CLI_CONFIG_JOB_CONFIG_H_
#define WEIR_CLI_CONFIG_JOB_CONFIG_H_

#include "absl/status/statusor.h"
#include "cli/config/config.h"
#include "core/checkpoint/checkpoint_coordinator.h"
#include "core/cluster/restart_strategy.h"

namespace weir::cli {

// Durable ones.
CheckpointOptions ToCheckpointOptions(const Config& config);

// InvalidArgument if its parameters do not go together.
absl::StatusOr<RestartStrategy> ToRestartStrategy(const Config& config);

}  // namespace weir::cli

#endif  // WEIR_CLI_CONFIG_JOB_CONFIG_H_
