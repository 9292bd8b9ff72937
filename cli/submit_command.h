// `weir submit JOB`: gives a job to a cluster, and waits for its end unless it is told not to.
#ifndef WEIR_CLI_SUBMIT_COMMAND_H_
#define WEIR_CLI_SUBMIT_COMMAND_H_

#include <string>

#include "absl/status/statusor.h"
#include "cli/cluster_client.h"
#include "cli/command.h"
#include "cli/submission_flags.h"
#include "core/cluster/job_result.h"

namespace weir::cli {

class SubmitCommand final : public Command {
 public:
  SubmitCommand();
  CLI::App* Register(CLI::App& app) override;
  ExitCode Run() override;

 private:
  // The job that --continue names, to go on from its newest checkpoint.
  absl::StatusOr<JobSubmission> ComposeContinuation(const Config& config,
                                                    ClusterClient& client) const;
  // What is submitted with --continue is in the artifact that was given, if it was in one.
  absl::Status ContinueArtifact(const proto::JobDetails& details, JobSubmission& submission) const;
  ExitCode Submit(ClusterClient& client, const std::string& id,
                  const JobSubmission& submission) const;
  ExitCode Wait(ClusterClient& client, const std::string& id, const std::string& job) const;
  ExitCode SayHowItEnded(const proto::GetJobDetailsResponse& details) const;

  CLI::App* command_ = nullptr;
  SubmissionFlags flags_;
  std::string artifact_;
  std::string continue_;
  bool detached_ = false;
  bool json_ = false;
};

}  // namespace weir::cli

#endif  // WEIR_CLI_SUBMIT_COMMAND_H_
