#include "cli/config/job_config.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "cli/config/config_options.h"

namespace weir::cli {
namespace {

RestartStrategyType TypeOf(const std::string& name) {
  for (const RestartStrategyType type :
       {RestartStrategyType::kFixedDelay, RestartStrategyType::kExponentialDelay,
        RestartStrategyType::kFailureRate}) {
    if (name == RestartStrategyName(type)) return type;
  }
  return RestartStrategyType::kNone;
}

}  // namespace

CheckpointOptions ToCheckpointOptions(const Config& config) {
  CheckpointOptions options;
  options.durable = true;
  options.mode = config.String(kCheckpointMode) == "at-least-once" ? CheckpointMode::kAtLeastOnce
                                                                   : CheckpointMode::kExactlyOnce;
  const absl::Duration interval = config.Duration(kCheckpointInterval);
  options.interval = interval == absl::ZeroDuration() ? absl::InfiniteDuration() : interval;
  options.min_pause = config.Duration(kCheckpointMinPause);
  options.timeout = config.Duration(kCheckpointTimeout);
  options.tolerable_failures = static_cast<int>(config.Integer(kCheckpointTolerableFailures));
  options.retained = static_cast<int>(config.Integer(kCheckpointsRetained));
  return options;
}

absl::StatusOr<RestartStrategy> ToRestartStrategy(const Config& config) {
  RestartStrategy strategy;
  strategy.type = TypeOf(config.String(kRestartStrategyType));
  strategy.fixed_delay = {.attempts = static_cast<int>(config.Integer(kFixedDelayAttempts)),
                          .delay = config.Duration(kFixedDelayDelay)};
  strategy.exponential_delay = {
      .initial_backoff = config.Duration(kExponentialDelayInitialBackoff),
      .max_backoff = config.Duration(kExponentialDelayMaxBackoff),
      .backoff_multiplier = config.Real(kExponentialDelayMultiplier),
      .reset_backoff_threshold = config.Duration(kExponentialDelayResetThreshold),
      .jitter_factor = config.Real(kExponentialDelayJitter),
      .attempts_before_reset_backoff = static_cast<int>(config.Integer(kExponentialDelayAttempts))};
  strategy.failure_rate = {
      .max_failures_per_interval = static_cast<int>(config.Integer(kFailureRateMaxFailures)),
      .failure_rate_interval = config.Duration(kFailureRateInterval),
      .delay = config.Duration(kFailureRateDelay)};
  if (const absl::Status valid = ValidateRestartStrategy(strategy); !valid.ok()) {
    const std::string name(RestartStrategyName(strategy.type));
    return absl::InvalidArgumentError(
        absl::StrCat("restart-strategy.", name, ".*: ", valid.message()));
  }
  return strategy;
}

}  // namespace weir::cli
