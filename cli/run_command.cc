#include "cli/run_command.h"

#include <cstdio>
#include <utility>

#include "CLI/Option.hpp"
#include "absl/strings/str_join.h"
#include "cli/env/production_env.h"
#include "cli/job_arguments.h"
#include "cli/job_run.h"
#include "cli/message.h"
#include "cli/paths.h"
#include "cli/progress_printer.h"
#include "cli/summary_printer.h"
#include "cli/terminal.h"
#include "core/api/job_registry.h"
#include "core/base/status_macros.h"
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

absl::StatusOr<JobGraph> BuildSubmitted(const JobSubmission& submission) {
  return BuildJobGraph(submission.job_name, submission.arguments);
}

}  // namespace

CLI::App* RunCommand::Register(CLI::App& app) {
  command_ = app.add_subcommand("run", "Run a job on a cluster inside this process");
  command_->add_option("JOB", job_, "Name of the job; `weir jobs` lists them")->required();
  command_
      ->add_option("--input", inputs_,
                   "Files or folders to read, separated by commas; .gz and .zst are unpacked")
      ->allow_extra_args(false)
      ->type_name("PATHS");
  command_->add_option("--output", output_, "Folder for the results (default weir-out/JOB)")
      ->type_name("FOLDER");
  command_
      ->add_option("--parallelism", parallelism_,
                   "Subtasks per operator (default: one per processor of this machine)")
      ->type_name("N");
  command_->add_flag("--fresh", fresh_,
                     "Replace results that an earlier run left in the output folder");
  command_->allow_extras();
  command_->footer(kFooter);
  return command_;
}

absl::StatusOr<JobSubmission> RunCommand::ComposeSubmission(
    const std::string& user_directory) const {
  WEIR_ASSIGN_OR_RETURN(const RegisteredJob job, FindJob(job_));
  WEIR_ASSIGN_OR_RETURN(JobArgs::Submitted arguments, ParseJobArguments(command_->remaining()));
  if (command_->count("--input") > 0) arguments.emplace_back("input", absl::StrJoin(inputs_, ","));
  if (command_->count("--output") > 0) arguments.emplace_back("output", output_);
  if (fresh_) arguments.emplace_back("fresh", "true");
  if (command_->count("--parallelism") > 0 && parallelism_ < 1) {
    return absl::InvalidArgumentError("--parallelism must be at least 1");
  }
  JobSubmission submission{
      .job_name = job.name,
      .arguments = ResolveJobArguments(job, std::move(arguments), user_directory),
      .parallelism = parallelism_};
  WEIR_ASSIGN_OR_RETURN(const JobGraph graph, BuildSubmitted(submission));
  // Only to hear whether the parallelism is possible: the JobManager makes its own plan.
  const int parallelism = parallelism_ > 0 ? parallelism_ : 1;
  WEIR_RETURN_IF_ERROR(Plan(graph, {.default_parallelism = parallelism}).status());
  return submission;
}

ExitCode RunCommand::Run() {
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
  const JobResult result = JobRun(env, printer).Run(*submission, BuildSubmitted, {});

  if (result.state == JobState::kFailed) PrintError(result.status, "");
  std::fputs(FormatSummary(job_, result, {.user_directory = user_directory}).c_str(), stdout);
  std::fflush(stdout);
  if (result.state == JobState::kFinished) return kExitOk;
  return result.state == JobState::kCanceled ? kExitCancelled : kExitFailed;
}

}  // namespace weir::cli
