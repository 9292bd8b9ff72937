#include "cli/taskmanager_command.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/config/cluster_config.h"
#include "cli/config/config_options.h"
#include "cli/message.h"
#include "cli/process/exposure.h"
#include "cli/process/private_folder.h"
#include "cli/process/process_worker_launcher.h"
#include "core/cluster/task_manager_supervisor.h"

namespace weir::cli {
namespace {

constexpr char kFooter[] = R"(
  weir taskmanager --jobmanager=127.0.0.1:6123 --slots=4

Its output, and that of the print sinks of its jobs, goes to where this command's goes.)";

}  // namespace

TaskManagerCommand::TaskManagerCommand()
    : process_(
          {&kJobManagerRpcAddress, &kTaskManagerSlots, &kTaskManagerHost, &kTaskManagerRpcPort}) {}

CLI::App* TaskManagerCommand::Register(CLI::App& app) {
  CLI::App* const command = app.add_subcommand(
      "taskmanager", "Run a TaskManager: it runs jobs in worker processes on this machine");
  process_.Register(*command);
  command->footer(kFooter);
  return command;
}

ExitCode TaskManagerCommand::Run() {
  absl::Status status = process_.Load();
  if (status.ok()) {
    status = CheckExposure(kTaskManagerHost.key, process_.config().String(kTaskManagerHost),
                           process_.config().Boolean(kSslEnabled), process_.insecure());
  }
  if (status.ok()) {
    status = CheckCanBeReached(process_.config().String(kTaskManagerHost),
                               process_.config().String(kJobManagerRpcAddress));
  }
  if (!status.ok()) {
    PrintError(status, "");
    return kExitUsage;
  }
  const Config& config = process_.config();
  // Of all workers: what one that is killed leaves behind goes with this process.
  const absl::StatusOr<PrivateFolder> temporary = PrivateFolder::Create();
  if (!temporary.ok()) {
    PrintError(temporary.status(), "");
    return kExitFailed;
  }
  ::setenv("TMPDIR", temporary->path().c_str(), /*overwrite=*/1);
  auto env = process_.NewEnv(1);
  if (!env.ok()) {
    PrintError(env.status(), "");
    return kExitUsage;
  }
  TaskManagerSupervisor::Options options;
  options.address = ToAddress(config.String(kTaskManagerHost), config.Integer(kTaskManagerRpcPort));
  options.job_manager = JobManagerAddress(config);
  options.slots = static_cast<int>(config.Integer(kTaskManagerSlots));
  if (options.slots == 0) options.slots = ServerProcess::Processors();
  options.timeouts = ToTimeouts(config);
  options.on_serving = [this, slots = options.slots,
                        job_manager = options.job_manager](absl::StatusOr<Address> address) {
    if (!address.ok()) return process_.Fail(address.status());
    std::printf("TaskManager at %s, %d slot%s, for the JobManager at %s\n", address->c_str(), slots,
                slots == 1 ? "" : "s", job_manager.c_str());
    std::fflush(stdout);
    process_.Announce(*address);
  };
  ProcessWorkerLauncher launcher(**env, process_.ArgumentsForChild());
  TaskManagerSupervisor supervisor(**env, std::move(options), &launcher);
  launcher.set_executor(&supervisor.executor());
  supervisor.Start();
  if (process_.WaitForSignal()) {
    std::printf("TaskManager leaves\n");
    std::fflush(stdout);
    supervisor.Leave([this] { process_.End(); });
    process_.WaitForSignal();
  }
  return process_.ExitCode();
}

}  // namespace weir::cli
