#include "sim/workloads/restart_strategy_draw.h"

#include "absl/time/time.h"

namespace weir::sim {

RestartStrategy DrawRestartStrategy(const ConfigDraws& draws) {
  const absl::Duration delay = absl::Milliseconds(draws.Between("seed_run.restart_ms", 10, 500));
  RestartStrategy strategy = RestartStrategy::FixedDelayOf(1'000'000, delay);
  strategy.type = draws.OneOf("seed_run.restart_strategy", {RestartStrategyType::kFixedDelay,
                                                            RestartStrategyType::kExponentialDelay,
                                                            RestartStrategyType::kFailureRate});
  strategy.exponential_delay.initial_backoff = delay;
  strategy.exponential_delay.max_backoff =
      delay * draws.Between("seed_run.restart_max_backoff", 1, 10);
  strategy.exponential_delay.backoff_multiplier =
      1 + 0.25 * static_cast<double>(draws.Uniform("seed_run.restart_multiplier", 9));
  strategy.exponential_delay.reset_backoff_threshold =
      absl::Milliseconds(draws.Between("seed_run.restart_reset_ms", 100, 20'000));
  strategy.exponential_delay.jitter_factor =
      0.1 * static_cast<double>(draws.Uniform("seed_run.restart_jitter", 11));
  // More than fit, one after the other, into the interval.
  strategy.failure_rate = {
      .max_failures_per_interval = 1000, .failure_rate_interval = absl::Seconds(5), .delay = delay};
  return strategy;
}

}  // namespace weir::sim
