// `weir jobs`: what jobs this binary has; `weir jobs JOB`: one of them with its arguments, or its graph as DOT.
#ifndef WEIR_CLI_JOBS_COMMAND_H_
#define WEIR_CLI_JOBS_COMMAND_H_

#include <string>
#include <vector>

#include "cli/command.h"
#include "core/api/job_registry.h"

namespace weir::cli {

// What is printed; pure.
std::string DescribeJobs(const std::vector<RegisteredJob>& jobs);
std::string DescribeJob(const RegisteredJob& job);

class JobsCommand final : public Command {
 public:
  CLI::App* Register(CLI::App& app) override;
  ExitCode Run() override;

 private:
  ExitCode PrintDot(const RegisteredJob& job) const;

  CLI::App* command_ = nullptr;
  std::string job_;
  bool dot_ = false;
};

}  // namespace weir::cli

#endif  // WEIR_CLI_JOBS_COMMAND_H_
