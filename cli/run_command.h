// `weir run JOB`: runs a job on a cluster inside this process, from where it was interrupted, and prints a summary of what it did.
#ifndef WEIR_CLI_RUN_COMMAND_H_
#define WEIR_CLI_RUN_COMMAND_H_

#include <string>

#include "absl/status/statusor.h"
#include "cli/command.h"
#include "cli/config/config.h"
#include "cli/run_store.h"
#include "cli/submission_flags.h"
#include "core/cluster/job_result.h"

namespace weir::cli {

class RunCommand final : public Command {
 public:
  CLI::App* Register(CLI::App& app) override;
  ExitCode Run() override;

 private:
  // The run that the submission belongs to.
  absl::StatusOr<OpenedRun> OpenRun(const JobSubmission& submission, const Config& config,
                                    const std::string& user_directory, RunStore& store) const;
  ExitCode RunOpened(JobSubmission submission, const Config& config, OpenedRun run,
                     const std::string& user_directory, Env& env, RunStore& store);

  SubmissionFlags flags_;
};

}  // namespace weir::cli

#endif  // WEIR_CLI_RUN_COMMAND_H_
