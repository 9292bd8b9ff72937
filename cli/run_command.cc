#include "cli/run_command.h"

#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "CLI/Option.hpp"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "cli/env/production_env.h"
#include "cli/job_arguments.h"
#include "cli/job_run.h"
#include "cli/message.h"
#include "cli/paths.h"
#include "cli/progress_printer.h"
#include "cli/summary_printer.h"
#include "cli/terminal.h"
#include "core/api/did_you_mean.h"
#include "core/api/job_args.h"
#include "core/api/job_registry.h"
#include "core/base/status_macros.h"
#include "core/cluster/mini_cluster.h"
#include "core/graph/execution_graph.h"
#include "core/graph/job_graph.h"

namespace weir::cli {
namespace {

constexpr char kFooter[] = R"(
Everything else that starts with -- is an argument of the job: `weir jobs JOB` lists them.

  weir run word_count --input=README.md --top=5
  weir run package_activity --input=/var/log/dpkg.log --window=15m --output=/tmp/activity

Results become visible when the job finishes, whole. Ctrl-C cancels the job.
Exit codes: 0 finished, 1 failed, 2 wrong usage, 130 cancelled.)";

// How many subtasks --parallelism asks for; 0 if it says nothing.
absl::StatusOr<int> ParseParallelism(const std::string& text) {
  if (text.empty()) return 0;
  int parallelism = 0;
  if (absl::SimpleAtoi(text, &parallelism) && parallelism >= 1) return parallelism;
  return absl::InvalidArgumentError(
      absl::StrCat("--parallelism must be a whole number from 1 on, not \"", text, "\""));
}

// CLI11 reads "--input= --fresh" as the input "--fresh".
std::string CheckNoFlag(const std::string& value) {
  return value.starts_with("--") ? "needs a value, not " + value : "";
}

std::string CheckTrueOrFalse(const std::string& value) {
  bool ignored = false;
  if (absl::SimpleAtob(value, &ignored)) return "";
  return "must be true or false, not \"" + value + "\"";
}

// What to say if no job is named. `words`: what is left of the command line.
absl::Status NoJobError(const std::vector<std::string>& words) {
  const std::string which = "which job? Write `weir run JOB`";
  if (words.empty()) return absl::InvalidArgumentError(which);
  return absl::InvalidArgumentError(absl::StrCat("unknown option \"", words.front(), "\", and ",
                                                 which, ", then the arguments of the job"));
}

// What is no flag of ours goes to the job; one that only looks like ours is not the job's either.
absl::Status CheckMistypedFlags(const RegisteredJob& job, const JobArgs::Submitted& arguments) {
  std::vector<std::string> names = {"parallelism"};
  for (const JobArgument& argument : job.info.arguments) names.push_back(argument.name);
  for (const auto& [name, value] : arguments) {
    if (std::find(names.begin() + 1, names.end(), name) != names.end()) continue;
    const std::string hint = DidYouMean(name, names);
    if (hint.find(names.front()) == std::string::npos) continue;
    return absl::InvalidArgumentError(absl::StrCat("unknown flag \"--", name, "\"", hint));
  }
  return absl::OkStatus();
}

absl::StatusOr<JobGraph> BuildSubmitted(const JobSubmission& submission) {
  return BuildJobGraph(submission.job_name, submission.arguments);
}

}  // namespace

CLI::App* RunCommand::Register(CLI::App& app) {
  command_ = app.add_subcommand("run", "Run a job on a cluster inside this process");
  command_->add_option("JOB", job_, "Name of the job; `weir jobs` lists them");
  command_
      ->add_option("--input", inputs_,
                   "Files or folders to read, separated by commas; .gz and .zst are unpacked")
      ->allow_extra_args(false)
      ->check(CheckNoFlag)
      ->type_name("PATHS");
  command_->add_option("--output", output_, "Folder for the results (default weir-out/JOB)")
      ->check(CheckNoFlag)
      ->type_name("FOLDER");
  command_
      ->add_option("--parallelism", parallelism_,
                   "Subtasks per operator (default: one per processor of this machine)")
      ->type_name("N");
  command_
      ->add_flag("--fresh", fresh_, "Replace results that an earlier run left in the output folder")
      ->check(CheckTrueOrFalse);
  command_->allow_extras();
  command_->footer(kFooter);
  return command_;
}

absl::StatusOr<JobSubmission> RunCommand::ComposeSubmission(
    const std::string& user_directory) const {
  WEIR_ASSIGN_OR_RETURN(const RegisteredJob job, FindJob(job_));
  WEIR_ASSIGN_OR_RETURN(JobArgs::Submitted arguments, ParseJobArguments(command_->remaining()));
  WEIR_RETURN_IF_ERROR(CheckMistypedFlags(job, arguments));
  if (command_->count("--input") > 0) arguments.emplace_back("input", absl::StrJoin(inputs_, ","));
  if (command_->count("--output") > 0) arguments.emplace_back("output", output_);
  if (fresh_) arguments.emplace_back("fresh", "true");
  WEIR_ASSIGN_OR_RETURN(const int parallelism, ParseParallelism(parallelism_));
  JobSubmission submission{
      .job_name = job.name,
      .arguments = ResolveJobArguments(job, std::move(arguments), user_directory),
      .parallelism = parallelism};
  WEIR_ASSIGN_OR_RETURN(const JobGraph graph, BuildSubmitted(submission));
  WEIR_RETURN_IF_ERROR(CheckInputsOutsideOutput(submission.arguments));
  // Only to hear whether the parallelism is possible: the JobManager makes its own plan.
  const int planned = parallelism > 0 ? parallelism : 1;
  WEIR_RETURN_IF_ERROR(Plan(graph, {.default_parallelism = planned}).status());
  return submission;
}

ExitCode RunCommand::Run() {
  if (job_.empty()) {
    PrintError(NoJobError(command_->remaining()), "See `weir jobs`.");
    return kExitUsage;
  }
  const std::string user_directory = UserDirectory();
  const absl::StatusOr<JobSubmission> submission = ComposeSubmission(user_directory);
  if (!submission.ok()) {
    const bool known = FindJob(job_).ok();
    PrintError(submission.status(),
               known ? "See `weir jobs " + job_ + "` and `weir run --help`." : "See `weir jobs`.");
    return kExitUsage;
  }

  ProductionEnv env;
  ProgressPrinter printer(
      job_, stderr, {.terminal = IsLiveTerminal(stderr), .columns_max = TerminalColumns(stderr)});
  MiniClusterOptions cluster;
  // JobManager and TaskManager start together: who is not there yet will be in a moment.
  cluster.timeouts.retry_delay = absl::Milliseconds(5);
  const JobResult result = JobRun(env, printer).Run(*submission, BuildSubmitted, cluster);

  if (result.state == JobState::kFailed) PrintError(result.status, "");
  std::fputs(FormatSummary(job_, result, {.user_directory = user_directory}).c_str(), stdout);
  std::fflush(stdout);
  if (result.state == JobState::kFinished) return kExitOk;
  return result.state == JobState::kCanceled ? kExitCancelled : kExitFailed;
}

}  // namespace weir::cli
