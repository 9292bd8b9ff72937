// `weir rehearse`, which a JobManager starts (cli/process/rehearsed_loader.h): loads an artifact, builds the graph of a job, and says
// what is wrong with either. Hidden.
#ifndef WEIR_CLI_REHEARSE_COMMAND_H_
#define WEIR_CLI_REHEARSE_COMMAND_H_

#include <string>

#include "absl/status/status.h"
#include "cli/command.h"

namespace weir::cli {

class RehearseCommand final : public Command {
 public:
  CLI::App* Register(CLI::App& app) override;
  ExitCode Run() override;

 private:
  absl::Status Rehearse() const;

  std::string file_;
  std::string submission_;  // As hex digits.
  int report_fd_ = -1;
  int parent_ = 0;
};

}  // namespace weir::cli

#endif  // WEIR_CLI_REHEARSE_COMMAND_H_
