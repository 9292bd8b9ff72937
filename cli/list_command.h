// `weir list`: the jobs of a cluster, or its TaskManagers.
#ifndef WEIR_CLI_LIST_COMMAND_H_
#define WEIR_CLI_LIST_COMMAND_H_

#include "cli/command.h"
#include "cli/config/config_flags.h"

namespace weir::cli {

class ListCommand final : public Command {
 public:
  ListCommand();
  CLI::App* Register(CLI::App& app) override;
  ExitCode Run() override;

 private:
  ConfigFlags config_flags_;
  bool all_ = false;
  bool task_managers_ = false;
  bool json_ = false;
};

}  // namespace weir::cli

#endif  // WEIR_CLI_LIST_COMMAND_H_
