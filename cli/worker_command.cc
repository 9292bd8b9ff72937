#include "cli/worker_command.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/config/cluster_config.h"
#include "cli/config/config_options.h"
#include "cli/message.h"
#include "cli/process/private_folder.h"
#include "cli/process/shared_object_loader.h"
#include "core/cluster/task_manager.h"

namespace weir::cli {
WorkerCommand::WorkerCommand() : process_({}) {}

CLI::App* WorkerCommand::Register(CLI::App& app) {
  CLI::App* const command =
      app.add_subcommand("worker", "Run one job for a TaskManager")->group("");
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
  const absl::StatusOr<PrivateFolder> folder = PrivateFolder::Create();
  if (!folder.ok()) {
    PrintError(folder.status(), "");
    return kExitFailed;
  }
  SharedObjectLoader loader;
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
  options.artifact_loader = &loader;
  options.artifact_folder = folder->path();
  TaskManager task_manager(**env, std::move(options), [&loader](const JobSubmission& submission) {
    return loader.Build(submission);
  });
  task_manager.Start();
  process_.WaitForSignal();
  return kExitOk;
}

}  // namespace weir::cli
