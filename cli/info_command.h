// `weir info JOB`: everything a cluster knows about a job.
#ifndef WEIR_CLI_INFO_COMMAND_H_
#define WEIR_CLI_INFO_COMMAND_H_

#include <string>

#include "cli/command.h"
#include "cli/config/config_flags.h"

namespace weir::cli {

class InfoCommand final : public Command {
 public:
  InfoCommand();
  CLI::App* Register(CLI::App& app) override;
  ExitCode Run() override;

 private:
  ConfigFlags config_flags_;
  std::string job_;
  bool json_ = false;
};

}  // namespace weir::cli

#endif  // WEIR_CLI_INFO_COMMAND_H_
