#include "core/cluster/restart_strategy.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/base/string_view.h"

namespace weir {
namespace {

constexpr int kFailuresMax = 1'000'000;
constexpr double kReachNanosecondsMax = 0x1p61;  // 73 years: twice that is an int64_t.

absl::Status Refuse(absl::string_view what, absl::string_view must) {
  return absl::InvalidArgumentError(
      absl::StrCat("the restart strategy's ", what, " must be ", must));
}

absl::Status CheckSpan(absl::string_view what, absl::Duration span) {
  if (span >= absl::ZeroDuration() && span < absl::InfiniteDuration()) return absl::OkStatus();
  return Refuse(what, absl::StrCat("zero or more and finite, not ", absl::FormatDuration(span)));
}

RestartDecision Refused(RestartState state) { return {std::move(state), std::nullopt}; }

RestartDecision Allowed(RestartState state, absl::Duration now, absl::Duration delay) {
  ++state.restarts;
  state.resumes_at = now + delay;
  return {std::move(state), delay};
}

RestartDecision Decide(const RestartStrategy::FixedDelay& fixed, RestartState state,
                       absl::Duration now) {
  if (state.restarts >= fixed.attempts) return Refused(std::move(state));
  return Allowed(std::move(state), now, fixed.delay);
}

// `span` longer or shorter by up to `factor` of it.
absl::Duration WithJitter(absl::Duration span, double factor, uint64_t jitter) {
  const auto reach = static_cast<int64_t>(
      std::min(absl::ToDoubleNanoseconds(span) * factor, kReachNanosecondsMax));
  const unsigned __int128 choices = static_cast<unsigned __int128>(reach) * 2 + 1;
  const auto drawn = static_cast<int64_t>((choices * jitter) >> 64);
  return span + absl::Nanoseconds(drawn - reach);
}

RestartDecision Decide(const RestartStrategy::ExponentialDelay& exponential, RestartState state,
                       absl::Duration now, uint64_t jitter) {
  const bool first = state.backoff == absl::ZeroDuration();
  if (first || now - state.resumes_at >= exponential.reset_backoff_threshold) {
    state.restarts = 0;
    state.backoff = exponential.initial_backoff;
  } else {
    state.backoff =
        std::min(state.backoff * exponential.backoff_multiplier, exponential.max_backoff);
  }
  if (state.restarts >= exponential.attempts_before_reset_backoff) return Refused(std::move(state));
  const absl::Duration delay =
      std::clamp(WithJitter(state.backoff, exponential.jitter_factor, jitter),
                 exponential.initial_backoff, exponential.max_backoff);
  return Allowed(std::move(state), now, delay);
}

RestartDecision Decide(const RestartStrategy::FailureRate& rate, RestartState state,
                       absl::Duration now) {
  const bool exceeds =
      state.failures.size() >= static_cast<size_t>(rate.max_failures_per_interval) &&
      now - state.failures.front() <= rate.failure_rate_interval;
  if (exceeds) return Refused(std::move(state));
  state.failures.push_back(now);
  if (state.failures.size() > static_cast<size_t>(rate.max_failures_per_interval))
    state.failures.pop_front();
  return Allowed(std::move(state), now, rate.delay);
}

absl::Status Validate(const RestartStrategy::FixedDelay& fixed) {
  if (fixed.attempts < 0) return Refuse("attempts", "0 or more");
  return CheckSpan("delay", fixed.delay);
}

absl::Status Validate(const RestartStrategy::ExponentialDelay& exponential) {
  WEIR_RETURN_IF_ERROR(CheckSpan("initial backoff", exponential.initial_backoff));
  WEIR_RETURN_IF_ERROR(CheckSpan("maximum backoff", exponential.max_backoff));
  WEIR_RETURN_IF_ERROR(CheckSpan("reset threshold", exponential.reset_backoff_threshold));
  if (exponential.initial_backoff == absl::ZeroDuration())
    return Refuse("initial backoff", "longer than zero");
  if (exponential.max_backoff < exponential.initial_backoff) {
    return Refuse("maximum backoff",
                  absl::StrCat("at least its initial backoff, ",
                               absl::FormatDuration(exponential.initial_backoff), ", not ",
                               absl::FormatDuration(exponential.max_backoff)));
  }
  if (!(exponential.backoff_multiplier >= 1) || !std::isfinite(exponential.backoff_multiplier))
    return Refuse("backoff multiplier", "1 or more");
  if (!(exponential.jitter_factor >= 0 && exponential.jitter_factor <= 1))
    return Refuse("jitter factor", "between 0 and 1");
  if (exponential.attempts_before_reset_backoff < 0) return Refuse("attempts", "0 or more");
  return absl::OkStatus();
}

absl::Status Validate(const RestartStrategy::FailureRate& rate) {
  if (rate.max_failures_per_interval < 1 || rate.max_failures_per_interval > kFailuresMax) {
    return Refuse("failures per interval", absl::StrCat("between 1 and ", kFailuresMax));
  }
  WEIR_RETURN_IF_ERROR(CheckSpan("failure rate interval", rate.failure_rate_interval));
  return CheckSpan("delay", rate.delay);
}

}  // namespace

std::string_view RestartStrategyName(RestartStrategyType type) {
  switch (type) {
    case RestartStrategyType::kNone:
      return "none";
    case RestartStrategyType::kFixedDelay:
      return "fixed-delay";
    case RestartStrategyType::kExponentialDelay:
      return "exponential-delay";
    case RestartStrategyType::kFailureRate:
      return "failure-rate";
  }
  return "none";
}

RestartStrategy RestartStrategy::FixedDelayOf(int attempts, absl::Duration delay) {
  RestartStrategy strategy;
  strategy.type = RestartStrategyType::kFixedDelay;
  strategy.fixed_delay = {.attempts = attempts, .delay = delay};
  return strategy;
}

std::string RestartStrategy::ToString() const {
  const std::string name(RestartStrategyName(type));
  switch (type) {
    case RestartStrategyType::kNone:
      return name;
    case RestartStrategyType::kFixedDelay:
      return absl::StrCat(name, ", at most ", fixed_delay.attempts, " restarts");
    case RestartStrategyType::kExponentialDelay:
      return absl::StrCat(name, ", at most ", exponential_delay.attempts_before_reset_backoff,
                          " restarts");
    case RestartStrategyType::kFailureRate:
      return absl::StrCat(name, ", at most ", failure_rate.max_failures_per_interval,
                          " failures in ",
                          absl::FormatDuration(failure_rate.failure_rate_interval));
  }
  return name;
}

absl::Status ValidateRestartStrategy(const RestartStrategy& strategy) {
  switch (strategy.type) {
    case RestartStrategyType::kNone:
      return absl::OkStatus();
    case RestartStrategyType::kFixedDelay:
      return Validate(strategy.fixed_delay);
    case RestartStrategyType::kExponentialDelay:
      return Validate(strategy.exponential_delay);
    case RestartStrategyType::kFailureRate:
      return Validate(strategy.failure_rate);
  }
  return Refuse("type", "one that there is");
}

RestartDecision DecideRestart(const RestartStrategy& strategy, RestartState state,
                              absl::Duration now, uint64_t jitter) {
  switch (strategy.type) {
    case RestartStrategyType::kNone:
      break;
    case RestartStrategyType::kFixedDelay:
      return Decide(strategy.fixed_delay, std::move(state), now);
    case RestartStrategyType::kExponentialDelay:
      return Decide(strategy.exponential_delay, std::move(state), now, jitter);
    case RestartStrategyType::kFailureRate:
      return Decide(strategy.failure_rate, std::move(state), now);
  }
  return Refused(std::move(state));
}

}  // namespace weir
