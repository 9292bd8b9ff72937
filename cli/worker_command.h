// `weir worker`: a process that runs one job in slots of a TaskManager, which starts it (cli/process/process_worker_launcher.h). Not
// for users.
#ifndef WEIR_CLI_WORKER_COMMAND_H_
#define WEIR_CLI_WORKER_COMMAND_H_

#include <string>

#include "cli/command.h"
#include "cli/process/server_process.h"

namespace weir::cli {

class WorkerCommand final : public Command {
 public:
  WorkerCommand();
  CLI::App* Register(CLI::App& app) override;
  ExitCode Run() override;

 private:
  ServerProcess process_;
  std::string job_;
  std::string supervisor_;
  std::string token_;
  int slots_ = 1;
};

}  // namespace weir::cli

#endif  // WEIR_CLI_WORKER_COMMAND_H_
