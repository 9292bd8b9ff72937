#include "cli/worker_command.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/config/cluster_config.h"
#include "cli/config/config_options.h"
#include "cli/message.h"
#include "core/api/job_registry.h"
#include "core/cluster/task_manager.h"

namespace weir::cli {
namespace {

absl::StatusOr<JobGraph> BuildSubmitted(const JobSubmission& submission) {
  return BuildJobGraph(submission.job_name, submission.arguments);
}

}  // namespace

WorkerCommand::WorkerCommand() : process_({}) {}

CLI::App* WorkerCommand::Register(CLI::App& app) {
  CLI::App* const command = app.add_subcommand("worker", "Run one job for a TaskManager");
  command->group("");  // Hidden.
  command->add_option("--job", job_)->required();
  command->add_option("--supervisor", supervisor_)->required();
  command->add_option("--token", token_)->required();
  command->add_option("--slots", slots_)->required();
  process_.Register(*command);
  return command;
}

ExitCode WorkerCommand::Run() {
  if (absl::Status loaded = process_.Load(); !loaded.ok()) {
    PrintError(loaded, "");
    return kExitUsage;
  }
  const Config& config = process_.config();
  auto env = process_.NewEnv(std::clamp(slots_, 1, ServerProcess::Processors()));
  if (!env.ok()) {
    PrintError(env.status(), "");
    return kExitUsage;
  }
  TaskManager::Options options;
  options.address = absl::StrCat(config.String(kTaskManagerHost), ":0");
  options.job_manager = JobManagerAddress(config);
  options.task_manager = ToTaskManagerOptions(config, slots_);
  options.timeouts = ToTimeouts(config);
  options.worker.emplace();
  options.worker->set_job_id(job_);
  options.worker->set_supervisor(supervisor_);
  options.worker->set_token(token_);
  options.on_not_wanted = [this](const absl::Status&) { process_.End(); };
  TaskManager task_manager(**env, std::move(options), BuildSubmitted);
  task_manager.Start();
  process_.WaitForSignal();
  return kExitOk;
}

}  // namespace weir::cli
