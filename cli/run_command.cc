#include "cli/run_command.h"

#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "CLI/Option.hpp"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "cli/env/production_env.h"
#include "cli/job_arguments.h"
#include "cli/job_run.h"
#include "cli/message.h"
#include "cli/paths.h"
#include "cli/progress_printer.h"
#include "cli/run_checkpoints.h"
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

constexpr std::string_view kOutput = "output";
constexpr std::string_view kFresh = "fresh";

constexpr char kFooter[] = R"(
Everything else that starts with -- is an argument of the job: `weir jobs JOB` lists them.

  weir run word_count --input=README.md --top=5
  weir run package_activity --input=/var/log/dpkg.log --window=15m --output=/tmp/activity

A job takes checkpoints while it runs. Stop it with Ctrl-C, kill it, pull the plug: the same command
continues from the last checkpoint, also with another --parallelism, and every row is in the result
once. A finished job is not run again; --fresh starts over. What is remembered of a run is in
WEIR_STATE_DIR (default ~/.local/state/weir), in a folder per job, arguments, input and output.
A second Ctrl-C leaves at once, without the last checkpoint.

Exit codes: 0 finished, 1 failed, 2 wrong usage, 130 stopped.)";

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

// What to say if no job is named. `words`: what is left of the command line.
absl::Status NoJobError(const std::vector<std::string>& words) {
  const std::string which = "which job? Write `weir run JOB`";
  if (words.empty()) return absl::InvalidArgumentError(which);
  return absl::InvalidArgumentError(absl::StrCat("unknown option \"", words.front(), "\", and ",
                                                 which, ", then the arguments of the job"));
}

bool HasArgument(const RegisteredJob& job, std::string_view name) {
  return std::any_of(job.info.arguments.begin(), job.info.arguments.end(),
                     [&](const JobArgument& argument) { return argument.name == name; });
}

// What is no flag of ours goes to the job; one that only looks like ours is not the job's either.
absl::Status CheckMistypedFlags(const RegisteredJob& job, const JobArgs::Submitted& arguments) {
  std::vector<std::string> flags = RunOptions::Names();
  flags.push_back("parallelism");
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

void SayHowItBegins(const OpenedRun& run) {
  if (run.checkpoint != CheckpointId()) {
    absl::FPrintF(
        stderr,
        "weir: continuing from checkpoint %d of the run that began at %s; --fresh starts over\n",
        run.checkpoint.value(), run.record.started);
  } else if (!run.record.restore.empty()) {
    absl::FPrintF(stderr,
                  "weir: restoring %s; what was committed after that checkpoint may be written a "
                  "second time\n",
                  run.record.restore);
  }
}

// `why` it ended, or OK.
void SayHowToContinue(RunStore& store, const RunRecord& record, const absl::Status& why) {
  const bool of_checkpoints = why.message().find(record.checkpoints) != absl::string_view::npos;
  const absl::StatusOr<CheckpointId> newest = store.NewestCheckpoint(record.checkpoints);
  if (!newest.ok() || (of_checkpoints && absl::IsDataLoss(why))) {
    absl::FPrintF(stderr, "weir: the checkpoint in %s cannot be used. %s\n", record.checkpoints,
                  std::string(kNoCheckpointRemedy));
    return;
  }
  std::string first = "weir: ";
  if (of_checkpoints) {
    absl::StrAppend(
        &first, absl::IsResourceExhausted(why) ? "make room in " : "see that it can be written in ",
        record.checkpoints, "; then ");
  }
  if (*newest != CheckpointId()) {
    absl::FPrintF(stderr, "%sthe same command continues from checkpoint %d; --fresh starts over\n",
                  first, newest->value());
  } else if (of_checkpoints) {
    absl::FPrintF(stderr, "%sthe same command starts again\n", first);
  }
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
  options_.Register(*command_);
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
  // A job with results in a folder has to say that they may be replaced.
  if (options_.fresh() && HasArgument(job, kOutput) && !HasArgument(job, kFresh)) {
    arguments.emplace_back(std::string(kFresh),
                           "true");  // Refused, with the names that the job knows.
  }
  WEIR_ASSIGN_OR_RETURN(const int parallelism, ParseParallelism(parallelism_));
  JobSubmission submission{
      .job_name = job.name,
      .arguments = ResolveJobArguments(job, std::move(arguments), user_directory),
      .parallelism = parallelism};
  WEIR_RETURN_IF_ERROR(options_.Apply(submission));
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
  RunStore store(env, StateDirectory());
  absl::StatusOr<OpenedRun> run = OpenRun(*submission, user_directory, store);
  if (!run.ok()) {
    PrintError(run.status(), "");
    return kExitFailed;
  }
  if (run->kind == OpenedRun::Kind::kFinished) {
    std::fputs("weir: this run is finished already; this is what it said. --fresh starts over\n",
               stderr);
    std::fputs(run->record.summary.c_str(), stdout);
    return kExitOk;
  }
  if (store.interrupted()) return kExitCancelled;
  return RunOpened(*submission, *std::move(run), user_directory, env, store);
}

absl::StatusOr<OpenedRun> RunCommand::OpenRun(const JobSubmission& submission,
                                              const std::string& user_directory,
                                              RunStore& store) const {
  JobArgs::Submitted arguments = store.Canonical(submission.arguments);
  WEIR_ASSIGN_OR_RETURN(const JobGraph graph, BuildJobGraph(submission.job_name, arguments));
  return store.Open({.key = absl::StrFormat("%s-%016x", submission.job_name, JobGraphDigest(graph)),
                     .job = submission.job_name,
                     .arguments = std::move(arguments),
                     .fresh = options_.fresh(),
                     .checkpoint_dir = options_.CheckpointDir(user_directory),
                     .restore = options_.Restore(user_directory)});
}

ExitCode RunCommand::RunOpened(JobSubmission submission, OpenedRun run,
                               const std::string& user_directory, Env& env, RunStore& store) {
  RunRecord& record = run.record;
  SayHowItBegins(run);
  submission.run_id = record.run_id;
  submission.checkpoint_folder = record.checkpoints;
  if (run.checkpoint == CheckpointId()) submission.restore = record.restore;
  if (record.fresh && HasArgument(*FindJob(job_), kFresh)) {
    submission.arguments.emplace_back(std::string(kFresh), "true");
  }
  ProgressPrinter printer(
      job_, stderr, {.terminal = IsLiveTerminal(stderr), .columns_max = TerminalColumns(stderr)});
  MiniClusterOptions cluster;
  // JobManager and TaskManager start together: who is not there yet will be in a moment.
  cluster.timeouts.retry_delay = absl::Milliseconds(5);
  cluster.state_folder = store.run_folder();
  const JobResult result = JobRun(env, printer).Run(submission, BuildSubmitted, cluster);

  if (result.state == JobState::kFailed) PrintError(result.status, "");
  std::fputs(FormatSummary(job_, result, {.user_directory = user_directory}).c_str(), stdout);
  std::fflush(stdout);
  const bool finished = result.state == JobState::kFinished;
  record.state = finished ? RunState::kFinished : RunState::kInterrupted;
  if (finished) {
    record.summary = FormatSummary(job_, result, {});
    for (const SinkReport& sink : result.sinks) {
      if (sink.where.starts_with('/')) record.results.push_back(sink.where);
    }
  }
  // Without it the run goes on from its last checkpoint, after which nothing is left to do.
  if (const absl::Status saved = store.Save(record); !saved.ok()) PrintError(saved, "");
  if (finished) return kExitOk;
  SayHowToContinue(store, record, result.status);
  return result.state == JobState::kFailed ? kExitFailed : kExitCancelled;
}

}  // namespace weir::cli
