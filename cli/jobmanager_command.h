// `weir jobmanager`: a JobManager as a process, until SIGTERM or Ctrl-C. Its jobs outlive it: the next one on the same state folder
// goes on with them.
#ifndef WEIR_CLI_JOBMANAGER_COMMAND_H_
#define WEIR_CLI_JOBMANAGER_COMMAND_H_

#include <string>

#include "cli/command.h"
#include "cli/process/server_process.h"

namespace weir::cli {

class JobManagerCommand final : public Command {
 public:
  JobManagerCommand();
  CLI::App* Register(CLI::App& app) override;
  ExitCode Run() override;

 private:
  ServerProcess process_;
};

}  // namespace weir::cli

#endif  // WEIR_CLI_JOBMANAGER_COMMAND_H_
