#include "core/cluster/submission_message.h"

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/base/status_macros.h"

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

absl::Status CheckAtLeast(absl::string_view field, int64_t value, int64_t smallest) {
  if (value >= smallest) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("the submission's ", field, " is ", value, "; it must be at least ", smallest));
}

absl::StatusOr<CheckpointOptions> FromMessage(const proto::CheckpointOptionsMessage& message) {
  CheckpointOptions options;
  options.mode =
      message.at_least_once() ? CheckpointMode::kAtLeastOnce : CheckpointMode::kExactlyOnce;
  WEIR_ASSIGN_OR_RETURN(options.interval, FromNanoseconds("interval", message.interval_ns()));
  WEIR_ASSIGN_OR_RETURN(options.min_pause, FromNanoseconds("min_pause", message.min_pause_ns()));
  WEIR_ASSIGN_OR_RETURN(options.timeout, FromNanoseconds("timeout", message.timeout_ns()));
  WEIR_ASSIGN_OR_RETURN(options.commit_retry,
                        FromNanoseconds("commit_retry", message.commit_retry_ns()));
  WEIR_ASSIGN_OR_RETURN(options.publish_retry,
                        FromNanoseconds("publish_retry", message.publish_retry_ns()));
  WEIR_RETURN_IF_ERROR(CheckAtLeast("tolerable_failures", message.tolerable_failures(), 0));
  WEIR_RETURN_IF_ERROR(CheckAtLeast("retained", message.retained(), 1));
  options.tolerable_failures = message.tolerable_failures();
  options.retained = message.retained();
  options.durable = message.durable();
  return options;
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
  message.set_restart_attempts(submission.restart_attempts);
  message.set_restart_delay_ns(ToNanoseconds(submission.restart_delay));
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
  submission.checkpoint_folder = message.checkpoint_folder();
  submission.restore = message.restore();
  WEIR_RETURN_IF_ERROR(CheckAtLeast("restart_attempts", message.restart_attempts(), 0));
  submission.restart_attempts = message.restart_attempts();
  WEIR_ASSIGN_OR_RETURN(submission.restart_delay,
                        FromNanoseconds("restart_delay", message.restart_delay_ns()));
  return submission;
}

}  // namespace weir
