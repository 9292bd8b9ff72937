// `weir run JOB`: runs a job on a cluster inside this process and prints a summary of what it did.
#ifndef WEIR_CLI_RUN_COMMAND_H_
#define WEIR_CLI_RUN_COMMAND_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/command.h"
#include "core/cluster/job_result.h"

namespace weir::cli {

class RunCommand final : public Command {
 public:
  CLI::App* Register(CLI::App& app) override;
  ExitCode Run() override;

 private:
  // What the flags ask for. Everything that is wrong with it alone is found here, before anything runs.
  absl::StatusOr<JobSubmission> ComposeSubmission(const std::string& user_directory) const;

  CLI::App* command_ = nullptr;
  std::string job_;
  std::vector<std::string> inputs_;
  std::string output_;
  bool fresh_ = false;
  std::string parallelism_;
};

}  // namespace weir::cli

#endif  // WEIR_CLI_RUN_COMMAND_H_
