#include "core/cluster/submission_message.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/base/status_macros.h"
#include "core/cluster/blob_key.h"

namespace weir {
namespace {

constexpr int64_t kInfinite = -1;

int64_t ToNanoseconds(absl::Duration duration) {
  return duration == absl::InfiniteDuration() ? kInfinite : absl::ToInt64Nanoseconds(duration);
}

absl::StatusOr<absl::Duration> FromNanoseconds(absl::string_view field, int64_t ns) {
  if (ns == kInfinite) return absl::InfiniteDuration();
  if (ns >= 0) return absl::Nanoseconds(ns);
  return absl::InvalidArgumentError(
      absl::StrCat("the submission's ", field, " is ", ns, " ns; it must be zero or more"));
}

// Zero would be "again and again, at once".
absl::StatusOr<absl::Duration> IntervalFromNanoseconds(absl::string_view field, int64_t ns) {
  WEIR_ASSIGN_OR_RETURN(const absl::Duration interval, FromNanoseconds(field, ns));
  if (interval >= absl::Milliseconds(1)) return interval;
  return absl::InvalidArgumentError(
      absl::StrCat("the submission's ", field, " is ", ns, " ns; it must be 1 ms or more"));
}

// A folder that a submission names. Nothing in it may lead elsewhere than it reads.
absl::Status CheckFolder(absl::string_view field, absl::string_view path) {
  if (path.empty()) return absl::OkStatus();
  const auto leads_elsewhere = [](absl::string_view name) { return name == "." || name == ".."; };
  const std::vector<absl::string_view> names = absl::StrSplit(path, '/');
  if (path.front() == '/' && path.find('\0') == path.npos &&
      std::none_of(names.begin(), names.end(), leads_elsewhere)) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat("the submission's ", field, " is \"",
                                                 absl::CHexEscape(path),
                                                 "\"; it must be absolute, without . and .."));
}

absl::Status CheckAtLeast(absl::string_view field, int64_t value, int64_t smallest) {
  if (value >= smallest) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("the submission's ", field, " is ", value, "; it must be at least ", smallest));
}

absl::StatusOr<CheckpointOptions> FromMessage(const proto::CheckpointOptionsMessage& message) {
  CheckpointOptions options;
  options.mode =
      message.at_least_once() ? CheckpointMode::kAtLeastOnce : CheckpointMode::kExactlyOnce;
  WEIR_ASSIGN_OR_RETURN(options.interval,
                        IntervalFromNanoseconds("interval", message.interval_ns()));
  WEIR_ASSIGN_OR_RETURN(options.min_pause, FromNanoseconds("min_pause", message.min_pause_ns()));
  WEIR_ASSIGN_OR_RETURN(options.timeout, IntervalFromNanoseconds("timeout", message.timeout_ns()));
  WEIR_ASSIGN_OR_RETURN(options.commit_retry,
                        IntervalFromNanoseconds("commit_retry", message.commit_retry_ns()));
  WEIR_ASSIGN_OR_RETURN(options.publish_retry,
                        IntervalFromNanoseconds("publish_retry", message.publish_retry_ns()));
  WEIR_RETURN_IF_ERROR(CheckAtLeast("tolerable_failures", message.tolerable_failures(), 0));
  WEIR_RETURN_IF_ERROR(CheckAtLeast("retained", message.retained(), 1));
  options.tolerable_failures = message.tolerable_failures();
  options.retained = message.retained();
  options.durable = message.durable();
  return options;
}

proto::RestartStrategyMessage ToMessage(const RestartStrategy& strategy) {
  proto::RestartStrategyMessage message;
  switch (strategy.type) {
    case RestartStrategyType::kNone:
      break;
    case RestartStrategyType::kFixedDelay:
      message.set_kind(proto::RESTART_STRATEGY_FIXED_DELAY);
      message.set_attempts(strategy.fixed_delay.attempts);
      message.set_delay_ns(ToNanoseconds(strategy.fixed_delay.delay));
      break;
    case RestartStrategyType::kExponentialDelay: {
      const RestartStrategy::ExponentialDelay& exponential = strategy.exponential_delay;
      message.set_kind(proto::RESTART_STRATEGY_EXPONENTIAL_DELAY);
      message.set_attempts(exponential.attempts_before_reset_backoff);
      message.set_initial_backoff_ns(ToNanoseconds(exponential.initial_backoff));
      message.set_max_backoff_ns(ToNanoseconds(exponential.max_backoff));
      message.set_backoff_multiplier(exponential.backoff_multiplier);
      message.set_reset_backoff_threshold_ns(ToNanoseconds(exponential.reset_backoff_threshold));
      message.set_jitter_factor(exponential.jitter_factor);
      break;
    }
    case RestartStrategyType::kFailureRate:
      message.set_kind(proto::RESTART_STRATEGY_FAILURE_RATE);
      message.set_max_failures_per_interval(strategy.failure_rate.max_failures_per_interval);
      message.set_failure_rate_interval_ns(
          ToNanoseconds(strategy.failure_rate.failure_rate_interval));
      message.set_delay_ns(ToNanoseconds(strategy.failure_rate.delay));
      break;
  }
  return message;
}

absl::StatusOr<RestartStrategy> FromMessage(const proto::RestartStrategyMessage& message) {
  RestartStrategy strategy;
  switch (message.kind()) {
    case proto::RESTART_STRATEGY_NONE:
      return strategy;
    case proto::RESTART_STRATEGY_FIXED_DELAY:
      strategy.type = RestartStrategyType::kFixedDelay;
      strategy.fixed_delay = {.attempts = message.attempts(),
                              .delay = absl::Nanoseconds(message.delay_ns())};
      break;
    case proto::RESTART_STRATEGY_EXPONENTIAL_DELAY:
      strategy.type = RestartStrategyType::kExponentialDelay;
      strategy.exponential_delay = {
          .initial_backoff = absl::Nanoseconds(message.initial_backoff_ns()),
          .max_backoff = absl::Nanoseconds(message.max_backoff_ns()),
          .backoff_multiplier = message.backoff_multiplier(),
          .reset_backoff_threshold = absl::Nanoseconds(message.reset_backoff_threshold_ns()),
          .jitter_factor = message.jitter_factor(),
          .attempts_before_reset_backoff = message.attempts()};
      break;
    case proto::RESTART_STRATEGY_FAILURE_RATE:
      strategy.type = RestartStrategyType::kFailureRate;
      strategy.failure_rate = {
          .max_failures_per_interval = message.max_failures_per_interval(),
          .failure_rate_interval = absl::Nanoseconds(message.failure_rate_interval_ns()),
          .delay = absl::Nanoseconds(message.delay_ns())};
      break;
    default:
      return absl::InvalidArgumentError(
          absl::StrCat("the submission's restart strategy is of kind ", message.kind(),
                       ", which there is none of"));
  }
  WEIR_RETURN_IF_ERROR(ValidateRestartStrategy(strategy));
  return strategy;
}

}  // namespace

proto::JobSubmissionMessage ToMessage(const JobSubmission& submission) {
  proto::JobSubmissionMessage message;
  message.set_job_name(submission.job_name);
  for (const auto& [name, value] : submission.arguments) {
    proto::JobRecordArgument* argument = message.add_arguments();
    argument->set_name(name);
    argument->set_value(value);
  }
  message.set_parallelism(submission.parallelism);
  message.set_run_id(submission.run_id);
  const CheckpointOptions& options = submission.checkpoints;
  proto::CheckpointOptionsMessage& checkpoints = *message.mutable_checkpoints();
  checkpoints.set_at_least_once(options.mode == CheckpointMode::kAtLeastOnce);
  checkpoints.set_interval_ns(ToNanoseconds(options.interval));
  checkpoints.set_min_pause_ns(ToNanoseconds(options.min_pause));
  checkpoints.set_timeout_ns(ToNanoseconds(options.timeout));
  checkpoints.set_commit_retry_ns(ToNanoseconds(options.commit_retry));
  checkpoints.set_publish_retry_ns(ToNanoseconds(options.publish_retry));
  checkpoints.set_tolerable_failures(options.tolerable_failures);
  checkpoints.set_retained(options.retained);
  checkpoints.set_durable(options.durable);
  message.set_checkpoint_folder(submission.checkpoint_folder);
  message.set_restore(submission.restore);
  *message.mutable_restart_strategy() = ToMessage(submission.restart_strategy);
  message.set_artifact(submission.artifact);
  message.set_job_graph_digest(submission.job_graph_digest);
  return message;
}

absl::StatusOr<JobSubmission> FromMessage(const proto::JobSubmissionMessage& message) {
  JobSubmission submission;
  submission.job_name = message.job_name();
  for (const proto::JobRecordArgument& argument : message.arguments()) {
    submission.arguments.emplace_back(argument.name(), argument.value());
  }
  WEIR_RETURN_IF_ERROR(CheckAtLeast("parallelism", message.parallelism(), 0));
  submission.parallelism = message.parallelism();
  submission.run_id = message.run_id();
  WEIR_ASSIGN_OR_RETURN(submission.checkpoints, FromMessage(message.checkpoints()));
  WEIR_RETURN_IF_ERROR(CheckFolder("checkpoint folder", message.checkpoint_folder()));
  WEIR_RETURN_IF_ERROR(CheckFolder("checkpoint to restore", message.restore()));
  submission.checkpoint_folder = message.checkpoint_folder();
  submission.restore = message.restore();
  WEIR_ASSIGN_OR_RETURN(submission.restart_strategy, FromMessage(message.restart_strategy()));
  if (!message.artifact().empty()) {
    WEIR_ASSIGN_OR_RETURN(const BlobKey artifact, BlobKey::Parse(message.artifact()));
    submission.artifact = artifact.hex();
  }
  submission.job_graph_digest = message.job_graph_digest();
  return submission;
}

}  // namespace weir
