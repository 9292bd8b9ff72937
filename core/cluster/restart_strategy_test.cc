#include "core/cluster/restart_strategy.h"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "core/testing/property.h"

namespace weir {
namespace {

constexpr uint64_t kNoJitter = uint64_t{1} << 63;  // The middle of its reach.

// Fails again and again, each time `runs_for` after the restart.
class Failures {
 public:
  explicit Failures(RestartStrategy strategy) : strategy_(std::move(strategy)) {}

  std::optional<absl::Duration> FailAfter(absl::Duration runs_for, uint64_t jitter = kNoJitter) {
    now_ += runs_for;
    RestartDecision decision = DecideRestart(strategy_, state_, now_, jitter);
    state_ = decision.state;
    if (decision.delay.has_value()) now_ += *decision.delay;
    return decision.delay;
  }

 private:
  const RestartStrategy strategy_;
  RestartState state_;
  absl::Duration now_ = absl::Hours(7);
};

RestartStrategy Exponential(double multiplier, double jitter) {
  RestartStrategy strategy;
  strategy.type = RestartStrategyType::kExponentialDelay;
  strategy.exponential_delay.backoff_multiplier = multiplier;
  strategy.exponential_delay.jitter_factor = jitter;
  return strategy;
}

RestartStrategy Rate(int failures, absl::Duration interval) {
  RestartStrategy strategy;
  strategy.type = RestartStrategyType::kFailureRate;
  strategy.failure_rate = {.max_failures_per_interval = failures,
                           .failure_rate_interval = interval,
                           .delay = absl::Milliseconds(10)};
  return strategy;
}

TEST(RestartStrategyTest, NoneNeverRestarts) {
  EXPECT_FALSE(Failures(RestartStrategy()).FailAfter(absl::Hours(100)).has_value());
}

TEST(RestartStrategyTest, JitterOfCenturiesStaysWithinBounds) {
  constexpr absl::Duration kYear = absl::Hours(24 * 365);
  RestartStrategy strategy = Exponential(1, 1);
  strategy.exponential_delay.initial_backoff = 200 * kYear;
  strategy.exponential_delay.max_backoff = 290 * kYear;
  ASSERT_TRUE(ValidateRestartStrategy(strategy).ok());
  EXPECT_EQ(Failures(strategy).FailAfter(kYear, 0), 200 * kYear);
  const absl::Duration longest =
      Failures(strategy).FailAfter(kYear, std::numeric_limits<uint64_t>::max()).value();
  EXPECT_GT(longest, 270 * kYear);
  EXPECT_LE(longest, 290 * kYear);
}

TEST(RestartStrategyTest, FixedDelayCountsAttempts) {
  Failures job(RestartStrategy::FixedDelayOf(2, absl::Seconds(3)));
  EXPECT_EQ(job.FailAfter(absl::Seconds(1)), absl::Seconds(3));
  EXPECT_EQ(job.FailAfter(absl::Hours(1000)), absl::Seconds(3));
  EXPECT_FALSE(job.FailAfter(absl::Hours(1000)).has_value());
}

TEST(RestartStrategyTest, ExponentialDelayGrowsUpToItsMaximumAndBeginsAnew) {
  Failures job(Exponential(4, 0));
  EXPECT_EQ(job.FailAfter(absl::Seconds(5)), absl::Seconds(1));
  EXPECT_EQ(job.FailAfter(absl::Seconds(5)), absl::Seconds(4));
  EXPECT_EQ(job.FailAfter(absl::Seconds(5)), absl::Seconds(16));
  EXPECT_EQ(job.FailAfter(absl::Seconds(5)), absl::Seconds(60));
  EXPECT_EQ(job.FailAfter(absl::Minutes(59)), absl::Seconds(60));
  EXPECT_EQ(job.FailAfter(absl::Hours(1)), absl::Seconds(1));
}

TEST(RestartStrategyTest, ExponentialDelayCountsAttemptsFromTheLastReset) {
  RestartStrategy strategy = Exponential(2, 0);
  strategy.exponential_delay.attempts_before_reset_backoff = 2;
  Failures job(strategy);
  EXPECT_TRUE(job.FailAfter(absl::Seconds(1)).has_value());
  EXPECT_TRUE(job.FailAfter(absl::Seconds(1)).has_value());
  EXPECT_TRUE(job.FailAfter(absl::Hours(1)).has_value());
  EXPECT_TRUE(job.FailAfter(absl::Seconds(1)).has_value());
  EXPECT_FALSE(job.FailAfter(absl::Seconds(1)).has_value());
}

TEST(RestartStrategyTest, FailureRateAllowsSoManyFailuresPerInterval) {
  Failures job(Rate(2, absl::Minutes(1)));
  EXPECT_TRUE(job.FailAfter(absl::Seconds(1)).has_value());
  EXPECT_TRUE(job.FailAfter(absl::Seconds(30)).has_value());
  EXPECT_TRUE(
      job.FailAfter(absl::Seconds(31)).has_value());  // The first is more than a minute ago.
  EXPECT_FALSE(job.FailAfter(absl::Seconds(1)).has_value());
}

TEST(RestartStrategyTest, RefusesParametersOutOfBounds) {
  const auto valid = [](auto change) {
    RestartStrategy strategy = Exponential(2, 0.1);
    change(strategy);
    return ValidateRestartStrategy(strategy).ok();
  };
  EXPECT_TRUE(valid([](RestartStrategy&) {}));
  EXPECT_FALSE(valid([](RestartStrategy& s) { s.exponential_delay.backoff_multiplier = 0.5; }));
  EXPECT_FALSE(valid([](RestartStrategy& s) { s.exponential_delay.backoff_multiplier = NAN; }));
  EXPECT_FALSE(valid([](RestartStrategy& s) { s.exponential_delay.jitter_factor = 1.5; }));
  EXPECT_FALSE(valid([](RestartStrategy& s) { s.exponential_delay.jitter_factor = NAN; }));
  EXPECT_FALSE(
      valid([](RestartStrategy& s) { s.exponential_delay.max_backoff = absl::Milliseconds(1); }));
  EXPECT_FALSE(valid(
      [](RestartStrategy& s) { s.exponential_delay.initial_backoff = absl::ZeroDuration(); }));
  EXPECT_FALSE(valid([](RestartStrategy& s) {
    s.exponential_delay.reset_backoff_threshold = absl::InfiniteDuration();
  }));
  EXPECT_FALSE(valid([](RestartStrategy& s) { s = Rate(0, absl::Minutes(1)); }));
  EXPECT_FALSE(valid([](RestartStrategy& s) { s = Rate(1, -absl::Minutes(1)); }));
  EXPECT_FALSE(
      valid([](RestartStrategy& s) { s = RestartStrategy::FixedDelayOf(-1, absl::Seconds(1)); }));
  EXPECT_FALSE(valid([](RestartStrategy& s) { s.type = static_cast<RestartStrategyType>(9); }));
}

// Spans from 0 to two hours, most of them short.
rc::Gen<absl::Duration> Span() {
  return rc::gen::map(rc::gen::inRange<int64_t>(0, 7200), [](int64_t x) {
    return absl::Milliseconds(x < 3600 ? x : (x - 3600) * 2000);
  });
}

WEIR_PROPERTY(RestartStrategyPropertyTest, ExponentialDelayStaysInItsBounds) {
  RestartStrategy strategy =
      Exponential(1 + *rc::gen::inRange(0, 40) / 10.0, *rc::gen::inRange(0, 11) / 10.0);
  auto& options = strategy.exponential_delay;
  options.initial_backoff = absl::Milliseconds(*rc::gen::inRange(1, 5000));
  options.max_backoff = options.initial_backoff + *Span();
  RC_ASSERT(ValidateRestartStrategy(strategy).ok());
  Failures job(strategy);
  absl::Duration expected;  // Without jitter.
  for (const absl::Duration runs_for : *rc::gen::container<std::vector<absl::Duration>>(Span())) {
    expected = expected == absl::ZeroDuration() || runs_for >= options.reset_backoff_threshold
                   ? options.initial_backoff
                   : std::min(expected * options.backoff_multiplier, options.max_backoff);
    const std::optional<absl::Duration> delay =
        job.FailAfter(runs_for, *rc::gen::arbitrary<uint64_t>());
    RC_ASSERT(delay.has_value());
    RC_ASSERT(*delay >= options.initial_backoff && *delay <= options.max_backoff);
    const absl::Duration reach = expected * options.jitter_factor + absl::Nanoseconds(1);
    RC_ASSERT(*delay >= expected - reach || *delay == options.initial_backoff);
    RC_ASSERT(*delay <= expected + reach || *delay == options.max_backoff);
  }
}

WEIR_PROPERTY(RestartStrategyPropertyTest, FailureRateIsNeverExceededAndNeverRefusedBelow) {
  const int most = *rc::gen::inRange(1, 6);
  const RestartStrategy strategy = Rate(most, absl::Seconds(*rc::gen::inRange(0, 600)));
  RestartState state;
  std::vector<absl::Duration> failures;
  absl::Duration now;
  for (const absl::Duration pause : *rc::gen::container<std::vector<absl::Duration>>(Span())) {
    now += pause;
    int within = 0;
    for (const absl::Duration failure : failures)
      within += now - failure <= strategy.failure_rate.failure_rate_interval ? 1 : 0;
    RestartDecision decision = DecideRestart(strategy, state, now, 0);
    RC_ASSERT(decision.delay.has_value() == (within < most));
    RC_ASSERT(decision.state.failures.size() <= static_cast<size_t>(most));
    if (!decision.delay.has_value()) return;
    failures.push_back(now);
    state = decision.state;
  }
}

}  // namespace
}  // namespace weir
