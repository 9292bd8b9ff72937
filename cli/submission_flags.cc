#include "cli/submission_flags.h"

#include <algorithm>
#include <utility>

#include "CLI/Option.hpp"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/config/config_options.h"
#include "cli/config/job_config.h"
#include "cli/job_arguments.h"
#include "cli/paths.h"
#include "cli/process/shared_object_loader.h"
#include "core/api/did_you_mean.h"
#include "core/api/job_registry.h"
#include "core/base/status_macros.h"
#include "core/graph/execution_graph.h"
#include "core/graph/job_graph.h"

namespace weir::cli {
namespace {

constexpr std::string_view kOutput = "output";
constexpr std::string_view kFresh = "fresh";

// CLI11 reads "--input= --fresh" as the input "--fresh".
std::string CheckNoFlag(const std::string& value) {
  return value.starts_with("--") ? "needs a value, not " + value : "";
}

std::string CheckTrueOrFalse(const std::string& value) {
  bool ignored = false;
  if (absl::SimpleAtob(value, &ignored)) return "";
  return "must be true or false, not \"" + value + "\"";
}

std::vector<const ConfigOption*> WithJobOptions(std::vector<const ConfigOption*> options) {
  options.insert(options.end(),
                 {&kParallelismDefault, &kCheckpointInterval, &kCheckpointDir, &kCheckpointMode,
                  &kRestartStrategyType, &kFixedDelayAttempts, &kFixedDelayDelay});
  return options;
}

// What to say if no job is named. `words`: what is left of the command line.
absl::Status NoJobError(const std::string& command, const std::vector<std::string>& words) {
  const std::string which = absl::StrCat("which job? Write `weir ", command, " JOB`");
  if (words.empty()) return absl::InvalidArgumentError(which);
  return absl::InvalidArgumentError(absl::StrCat("unknown option \"", words.front(), "\", and ",
                                                 which, ", then the arguments of the job"));
}

}  // namespace

bool HasArgument(const RegisteredJob& job, std::string_view name) {
  return std::any_of(job.info.arguments.begin(), job.info.arguments.end(),
                     [&](const JobArgument& argument) { return argument.name == name; });
}

SubmissionFlags::SubmissionFlags(std::vector<const ConfigOption*> options)
    : config_flags_(WithJobOptions(std::move(options))) {}

void SubmissionFlags::Register(CLI::App& command, const std::string& fresh) {
  command_ = &command;
  command.add_option("JOB", job_, "Name of the job; `weir jobs` lists them");
  command
      .add_option("--input", inputs_,
                  "Files or folders to read, separated by commas; .gz and .zst are unpacked")
      ->allow_extra_args(false)
      ->check(CheckNoFlag)
      ->type_name("PATHS");
  command.add_option("--output", output_, "Folder for the results (default weir-out/JOB)")
      ->check(CheckNoFlag)
      ->type_name("FOLDER");
  if (!fresh.empty()) command.add_flag("--fresh", fresh_, fresh)->check(CheckTrueOrFalse);
  command
      .add_option("--restore", restore_,
                  "Begin from this checkpoint (a manifest, or a checkpoint folder's newest)")
      ->check(CheckNoFlag)
      ->type_name("PATH");
  config_flags_.Register(command);
  command.allow_extras();
}

std::string SubmissionFlags::Restore(std::string_view user_directory) const {
  return restore_.empty() ? "" : AbsolutePath(restore_, user_directory);
}

// What is no flag of ours goes to the job; one that only looks like ours is not the job's either.
absl::Status SubmissionFlags::CheckMistypedFlags(const RegisteredJob& job,
                                                 const JobArgs::Submitted& arguments) const {
  std::vector<std::string> flags;
  for (const CLI::Option* option : command_->get_options()) {
    for (const std::string& name : option->get_lnames()) flags.push_back(name);
  }
  // An argument of most jobs, and taken as one.
  std::erase(flags, "input");
  std::erase(flags, "output");
  std::vector<std::string> names = flags;
  for (const JobArgument& argument : job.info.arguments) names.push_back(argument.name);
  for (const auto& [name, value] : arguments) {
    if (HasArgument(job, name)) continue;
    const std::string hint = DidYouMean(name, names);
    const bool is_flag = std::any_of(flags.begin(), flags.end(), [&](const std::string& flag) {
      return hint.find(flag) != std::string::npos && !HasArgument(job, flag);
    });
    if (!is_flag) continue;
    return absl::InvalidArgumentError(absl::StrCat("unknown flag \"--", name, "\"", hint));
  }
  return absl::OkStatus();
}

absl::StatusOr<RegisteredJob> SubmissionFlags::FindSubmitted() const {
  return artifact_.has_value() ? FindJobOfArtifact(artifact_->jobs, job_) : FindJob(job_);
}

absl::StatusOr<JobSubmission> SubmissionFlags::Compose(const Config& config,
                                                       std::string_view user_directory) const {
  if (job_.empty()) return NoJobError(command_->get_name(), command_->remaining());
  WEIR_ASSIGN_OR_RETURN(const RegisteredJob job, FindSubmitted());
  WEIR_ASSIGN_OR_RETURN(JobArgs::Submitted arguments, ParseJobArguments(command_->remaining()));
  WEIR_RETURN_IF_ERROR(CheckMistypedFlags(job, arguments));
  if (command_->count("--input") > 0) arguments.emplace_back("input", absl::StrJoin(inputs_, ","));
  if (command_->count("--output") > 0) arguments.emplace_back("output", output_);
  // A job with results in a folder has to say that they may be replaced.
  if (fresh_ && HasArgument(job, kOutput) && !HasArgument(job, kFresh)) {
    arguments.emplace_back(std::string(kFresh),
                           "true");  // Refused, with the names that the job knows.
  }
  JobSubmission submission;
  submission.job_name = job.name;
  submission.arguments = ResolveJobArguments(job, std::move(arguments), user_directory);
  submission.parallelism = static_cast<int>(config.Integer(kParallelismDefault));
  submission.checkpoints = ToCheckpointOptions(config);
  WEIR_ASSIGN_OR_RETURN(submission.restart_strategy, ToRestartStrategy(config));
  WEIR_ASSIGN_OR_RETURN(JobGraph graph, BuildJobGraph(job, submission.arguments));
  if (artifact_.has_value()) {
    graph.artifact = submission.artifact = artifact_->key;
    submission.job_graph_digest = JobGraphDigest(graph);
  }
  WEIR_RETURN_IF_ERROR(CheckInputsOutsideOutput(submission.arguments));
  // Only to hear whether the parallelism is possible: the JobManager makes its own plan.
  const int planned = std::max(submission.parallelism, 1);
  WEIR_RETURN_IF_ERROR(Plan(graph, {.default_parallelism = planned}).status());
  return submission;
}

std::string SubmissionFlags::HintAfterError() const {
  if (artifact_.has_value()) return absl::StrCat("See `weir ", command_->get_name(), " --help`.");
  if (!FindJob(job_).ok()) return "See `weir jobs`.";
  return absl::StrCat("See `weir jobs ", job_, "` and `weir ", command_->get_name(), " --help`.");
}

}  // namespace weir::cli
