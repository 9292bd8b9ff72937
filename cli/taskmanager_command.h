// `weir taskmanager`: offers the slots of this machine to a JobManager and starts a worker process for each job that gets some, until
// SIGTERM or Ctrl-C.
#ifndef WEIR_CLI_TASKMANAGER_COMMAND_H_
#define WEIR_CLI_TASKMANAGER_COMMAND_H_

#include "cli/command.h"
#include "cli/process/server_process.h"

namespace weir::cli {

class TaskManagerCommand final : public Command {
 public:
  TaskManagerCommand();
  CLI::App* Register(CLI::App& app) override;
  ExitCode Run() override;

 private:
  ServerProcess process_;
};

}  // namespace weir::cli

#endif  // WEIR_CLI_TASKMANAGER_COMMAND_H_
