// RestartStrategy: whether and when a job that failed begins again (Flink's restart strategies, under their names). DecideRestart()
// is pure; who calls it keeps the state, and draws the jitter.
//
//   none               never
//   fixed-delay        `attempts` times, each after `delay`
//   exponential-delay  after initial_backoff, which every further failure multiplies, up to max_backoff; a job that has run for
//                      reset_backoff_threshold without a failure counts from the beginning
//   failure-rate       while no interval of `interval` has more than max_failures failures, each time after `delay`
#ifndef WEIR_CORE_CLUSTER_RESTART_STRATEGY_H_
#define WEIR_CORE_CLUSTER_RESTART_STRATEGY_H_

#include <cstdint>
#include <deque>
#include <limits>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace weir {

enum class RestartStrategyType : uint8_t { kNone, kFixedDelay, kExponentialDelay, kFailureRate };
// "none", "fixed-delay", "exponential-delay", "failure-rate"
std::string_view RestartStrategyName(RestartStrategyType type);

struct RestartStrategy {
  RestartStrategyType type = RestartStrategyType::kNone;
  // Only the part that belongs to `type` counts.
  struct FixedDelay {
    int attempts = 1;
    absl::Duration delay = absl::Seconds(1);
    friend bool operator==(const FixedDelay&, const FixedDelay&) = default;
  } fixed_delay;
  struct ExponentialDelay {
    absl::Duration initial_backoff = absl::Seconds(1);
    absl::Duration max_backoff = absl::Minutes(1);
    double backoff_multiplier = 1.5;  // At least 1.
    absl::Duration reset_backoff_threshold = absl::Hours(1);
    double jitter_factor = 0.1;  // 0 to 1: a backoff is up to this share of it longer or shorter.
    int attempts_before_reset_backoff = std::numeric_limits<int>::max();
    friend bool operator==(const ExponentialDelay&, const ExponentialDelay&) = default;
  } exponential_delay;
  struct FailureRate {
    int max_failures_per_interval = 1;  // 1 to 1,000,000.
    absl::Duration failure_rate_interval = absl::Minutes(1);
    absl::Duration delay = absl::Seconds(1);
    friend bool operator==(const FailureRate&, const FailureRate&) = default;
  } failure_rate;

  static RestartStrategy FixedDelayOf(int attempts, absl::Duration delay);
  // With its parameters, as the end of a sentence: "fixed-delay, 3 attempts".
  std::string ToString() const;
  friend bool operator==(const RestartStrategy&, const RestartStrategy&) = default;
  friend std::ostream& operator<<(std::ostream& out, const RestartStrategy& strategy) {
    return out << strategy.ToString();
  }
};

// InvalidArgument if a parameter of its type is out of bounds.
absl::Status ValidateRestartStrategy(const RestartStrategy& strategy);

// What has happened so far.
struct RestartState {
  int restarts = 0;           // Allowed, since the beginning or the last reset.
  absl::Duration backoff;     // exponential-delay: the one that was used last, without jitter.
  absl::Duration resumes_at;  // When the last restart was due.
  std::deque<absl::Duration>
      failures;  // failure-rate: the newest, at most max_failures_per_interval.
};

struct RestartDecision {
  RestartState state;
  std::optional<absl::Duration> delay;  // Absent: the job fails for good.
};

// A failure at `now` (monotonic, never before an earlier one). `jitter`: 64 uniform bits; used by exponential-delay.
RestartDecision DecideRestart(const RestartStrategy& strategy, RestartState state,
                              absl::Duration now, uint64_t jitter);

}  // namespace weir

#endif  // WEIR_CORE_CLUSTER_RESTART_STRATEGY_H_
