#include "cli/config/config_options.h"

namespace weir::cli {

std::span<const ConfigOption* const> AllConfigOptions() {
  static constexpr const ConfigOption* kAll[] = {
      &kBlobCleanupInterval,
      &kBlobSizeMax,
      &kCheckpointDir,
      &kCheckpointInterval,
      &kCheckpointMinPause,
      &kCheckpointMode,
      &kCheckpointsRetained,
      &kCheckpointTimeout,
      &kCheckpointTolerableFailures,
      &kHeartbeatInterval,
      &kHeartbeatTimeout,
      &kJobManagerRpcAddress,
      &kJobManagerRpcPort,
      &kJobStoreCapacity,
      &kParallelismDefault,
      &kExponentialDelayAttempts,
      &kExponentialDelayMultiplier,
      &kExponentialDelayInitialBackoff,
      &kExponentialDelayJitter,
      &kExponentialDelayMaxBackoff,
      &kExponentialDelayResetThreshold,
      &kFailureRateDelay,
      &kFailureRateInterval,
      &kFailureRateMaxFailures,
      &kFixedDelayAttempts,
      &kFixedDelayDelay,
      &kRestartStrategyType,
      &kRpcAskTimeout,
      &kRpcConnectTimeout,
      &kRpcDeployTimeout,
      &kRpcKeepaliveInterval,
      &kRpcKeepaliveTimeout,
      &kRpcRetryDelay,
      &kSslCa,
      &kSslCertificate,
      &kSslEnabled,
      &kSslKey,
      &kSslMutual,
      &kStateDir,
      &kTaskCancellationTimeout,
      &kTaskManagerHost,
      &kRecordSizeMax,
      &kTaskManagerSlots,
      &kTaskManagerRpcPort,
  };
  return kAll;
}

const ConfigOption* FindConfigOption(std::string_view key) {
  for (const ConfigOption* option : AllConfigOptions()) {
    if (option->key == key) return option;
  }
  return nullptr;
}

std::vector<std::string> AllConfigKeys() {
  std::vector<std::string> keys;
  for (const ConfigOption* option : AllConfigOptions()) keys.emplace_back(option->key);
  return keys;
}

}  // namespace weir::cli
