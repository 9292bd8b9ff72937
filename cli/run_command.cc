#include "cli/run_command.h"

#include <cstdio>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "cli/config/cluster_config.h"
#include "cli/config/config_options.h"
#include "cli/config/load_config.h"
#include "cli/env/production_env.h"
#include "cli/job_run.h"
#include "cli/message.h"
#include "cli/paths.h"
#include "cli/progress_printer.h"
#include "cli/report.h"
#include "cli/run_checkpoints.h"
#include "cli/summary_printer.h"
#include "cli/terminal.h"
#include "core/api/job_args.h"
#include "core/api/job_registry.h"
#include "core/base/status_macros.h"
#include "core/cluster/mini_cluster.h"
#include "core/graph/job_graph.h"

namespace weir::cli {
namespace {

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
  CLI::App* const command = app.add_subcommand("run", "Run a job on a cluster inside this process");
  flags_.Register(*command,
                  "Start over: forget how far an earlier run came, and replace its results");
  command->footer(kFooter);
  return command;
}

ExitCode RunCommand::Run() {
  const absl::StatusOr<Config> config = LoadConfig(flags_.config_flags());
  if (!config.ok()) return ReportConfigError(config.status());
  const std::string user_directory = UserDirectory();
  const absl::StatusOr<JobSubmission> submission = flags_.Compose(*config, user_directory);
  if (!submission.ok()) {
    PrintError(submission.status(), flags_.HintAfterError());
    return kExitUsage;
  }

  ProductionEnv env;
  RunStore store(env, config->String(kStateDir));
  absl::StatusOr<OpenedRun> run = OpenRun(*submission, *config, user_directory, store);
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
  return RunOpened(*submission, *config, *std::move(run), user_directory, env, store);
}

absl::StatusOr<OpenedRun> RunCommand::OpenRun(const JobSubmission& submission, const Config& config,
                                              const std::string& user_directory,
                                              RunStore& store) const {
  JobArgs::Submitted arguments = store.Canonical(submission.arguments);
  WEIR_ASSIGN_OR_RETURN(const JobGraph graph, BuildJobGraph(submission.job_name, arguments));
  return store.Open({.key = absl::StrFormat("%s-%016x", submission.job_name, JobGraphDigest(graph)),
                     .job = submission.job_name,
                     .arguments = std::move(arguments),
                     .fresh = flags_.fresh(),
                     .checkpoint_dir = config.String(kCheckpointDir),
                     .restore = flags_.Restore(user_directory)});
}

ExitCode RunCommand::RunOpened(JobSubmission submission, const Config& config, OpenedRun run,
                               const std::string& user_directory, Env& env, RunStore& store) {
  RunRecord& record = run.record;
  SayHowItBegins(run);
  submission.run_id = record.run_id;
  submission.checkpoint_folder = record.checkpoints;
  if (run.checkpoint == CheckpointId()) submission.restore = record.restore;
  if (record.fresh && HasArgument(*FindJob(flags_.job()), kFresh)) {
    submission.arguments.emplace_back(std::string(kFresh), "true");
  }
  const std::string& job = flags_.job();
  ProgressPrinter printer(
      job, stderr, {.terminal = IsLiveTerminal(stderr), .columns_max = TerminalColumns(stderr)});
  MiniClusterOptions cluster;
  cluster.task_manager = ToTaskManagerOptions(config, 0);
  // JobManager and TaskManager start together: who is not there yet will be in a moment.
  cluster.timeouts.retry_delay = absl::Milliseconds(5);
  cluster.state_folder = store.run_folder();
  const JobResult result = JobRun(env, printer).Run(submission, BuildSubmitted, cluster);

  if (result.state == JobState::kFailed) PrintError(result.status, "");
  std::fputs(FormatSummary(job, result, {.user_directory = user_directory}).c_str(), stdout);
  std::fflush(stdout);
  const bool finished = result.state == JobState::kFinished;
  record.state = finished ? RunState::kFinished : RunState::kInterrupted;
  if (finished) {
    record.summary = FormatSummary(job, result, {});
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
