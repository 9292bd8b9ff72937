// `weir config`: what every option is set to, and where that comes from.
#ifndef WEIR_CLI_CONFIG_COMMAND_H_
#define WEIR_CLI_CONFIG_COMMAND_H_

#include <string>

#include "cli/command.h"
#include "cli/config/config.h"
#include "cli/config/config_flags.h"

namespace weir::cli {

// A table with a line per option. Pure.
std::string FormatConfig(const Config& config);
// [{"key", "value", "source", "where", "type", "default", "description", "environment", "flag"}, ...] Pure.
std::string FormatConfigAsJson(const Config& config);

class ConfigCommand final : public Command {
 public:
  CLI::App* Register(CLI::App& app) override;
  ExitCode Run() override;

 private:
  ConfigFlags config_flags_;
  bool json_ = false;
  bool describe_ = false;
};

}  // namespace weir::cli

#endif  // WEIR_CLI_CONFIG_COMMAND_H_
