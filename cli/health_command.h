// `weir health`: whether a JobManager or a TaskManager serves; for probes.
#ifndef WEIR_CLI_HEALTH_COMMAND_H_
#define WEIR_CLI_HEALTH_COMMAND_H_

#include <string>

#include "cli/command.h"
#include "cli/config/config_flags.h"

namespace weir::cli {

class HealthCommand final : public Command {
 public:
  HealthCommand();
  CLI::App* Register(CLI::App& app) override;
  ExitCode Run() override;

 private:
  ConfigFlags config_flags_;
  std::string address_;
};

}  // namespace weir::cli

#endif  // WEIR_CLI_HEALTH_COMMAND_H_
