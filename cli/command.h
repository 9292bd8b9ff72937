// Command: one verb of the weir binary (run, jobs, ...). Registers its flags with CLI11 and runs when the user chose it.
#ifndef WEIR_CLI_COMMAND_H_
#define WEIR_CLI_COMMAND_H_

#include "CLI/App.hpp"

namespace weir::cli {

// What the process returns.
enum ExitCode : int { kExitOk = 0, kExitFailed = 1, kExitUsage = 2, kExitCancelled = 130 };

class Command {
 public:
  virtual ~Command() = default;
  // Adds a subcommand to `app`, which outlives this.
  virtual CLI::App* Register(CLI::App& app) = 0;
  // After parsing, if the subcommand was given.
  virtual ExitCode Run() = 0;
};

}  // namespace weir::cli

#endif  // WEIR_CLI_COMMAND_H_
