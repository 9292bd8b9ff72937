#include "cli/run_options.h"

#include "CLI/Option.hpp"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "cli/paths.h"
#include "core/base/status_macros.h"
#include "core/base/string_view.h"

namespace weir::cli {
namespace {

// CLI11 reads "--restore= --fresh" as the value "--fresh".
std::string CheckNoFlag(const std::string& value) {
  return value.starts_with("--") ? "needs a value, not " + value : "";
}

std::string CheckTrueOrFalse(const std::string& value) {
  bool ignored = false;
  if (absl::SimpleAtob(value, &ignored)) return "";
  return "must be true or false, not \"" + value + "\"";
}

absl::StatusOr<absl::Duration> Parse(std::string_view flag, const std::string& text) {
  absl::Duration duration;
  if (absl::ParseDuration(text, &duration) && duration >= absl::ZeroDuration() &&
      duration < absl::InfiniteDuration()) {
    return duration;
  }
  return absl::InvalidArgumentError(absl::StrCat(
      ToAbsl(flag), " must be a length of time such as 500ms or 1m30s, not \"", text, "\""));
}

}  // namespace

void RunOptions::Register(CLI::App& command) {
  command
      .add_flag("--fresh", fresh_,
                "Start over: forget how far an earlier run came, and replace its results")
      ->check(CheckTrueOrFalse);
  command
      .add_option("--checkpoint-interval", checkpoint_interval_,
                  "Time between checkpoints (default 10s; 0: only when it stops and ends)")
      ->check(CheckNoFlag)
      ->type_name("TIME");
  command
      .add_option("--checkpoint-dir", checkpoint_dir_,
                  "Folder for checkpoints (default: where the run is remembered)")
      ->check(CheckNoFlag)
      ->type_name("FOLDER");
  command
      .add_option("--restore", restore_,
                  "Begin from this checkpoint (a manifest, or a checkpoint folder's newest)")
      ->check(CheckNoFlag)
      ->type_name("PATH");
  command
      .add_option("--restart-attempts", restart_attempts_,
                  "How often a job that fails restarts from its last checkpoint (default 3)")
      ->type_name("N");
  command.add_option("--restart-delay", restart_delay_, "Pause before it does (default 1s)")
      ->type_name("TIME");
}

std::vector<std::string> RunOptions::Names() {
  return {"fresh",   "checkpoint-interval", "checkpoint-dir",
          "restore", "restart-attempts",    "restart-delay"};
}

absl::Status RunOptions::Apply(JobSubmission& submission) const {
  WEIR_ASSIGN_OR_RETURN(const absl::Duration interval,
                        Parse("--checkpoint-interval", checkpoint_interval_));
  WEIR_ASSIGN_OR_RETURN(submission.restart_delay, Parse("--restart-delay", restart_delay_));
  if (!absl::SimpleAtoi(restart_attempts_, &submission.restart_attempts) ||
      submission.restart_attempts < 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--restart-attempts must be a whole number from 0 on, not \"", restart_attempts_, "\""));
  }
  submission.checkpoints = CheckpointOptions();
  submission.checkpoints.durable = true;
  submission.checkpoints.interval =
      interval == absl::ZeroDuration() ? absl::InfiniteDuration() : interval;
  return absl::OkStatus();
}

std::string RunOptions::CheckpointDir(std::string_view user_directory) const {
  return checkpoint_dir_.empty() ? "" : AbsolutePath(checkpoint_dir_, user_directory);
}

std::string RunOptions::Restore(std::string_view user_directory) const {
  return restore_.empty() ? "" : AbsolutePath(restore_, user_directory);
}

}  // namespace weir::cli
