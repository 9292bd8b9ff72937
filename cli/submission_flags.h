// SubmissionFlags: the part of a command line that says which job to run and how, for all commands that do: JOB, --input, --output,
// --fresh, --restore, the options of the configuration that are about jobs, and the job's own arguments.
#ifndef WEIR_CLI_SUBMISSION_FLAGS_H_
#define WEIR_CLI_SUBMISSION_FLAGS_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "CLI/App.hpp"
#include "absl/status/statusor.h"
#include "cli/client_artifact.h"
#include "cli/config/config.h"
#include "cli/config/config_flags.h"
#include "core/api/job_args.h"
#include "core/api/job_registry.h"
#include "core/cluster/job_result.h"

namespace weir::cli {

class SubmissionFlags {
 public:
  // `options`: of the configuration, in addition to those that are about jobs.
  explicit SubmissionFlags(std::vector<const ConfigOption*> options = {});

  // `fresh`: what --fresh does; "": there is none. Lets the command have extras.
  void Register(CLI::App& command, const std::string& fresh);

  const ConfigFlags& config_flags() const { return config_flags_; }
  const std::string& job() const { return job_; }
  bool fresh() const { return fresh_; }
  // Absolute, "" if not given.
  std::string Restore(std::string_view user_directory) const;

  // What the flags and the configuration ask for, but for where checkpoints are and the run's name. Everything that is wrong with it
  // alone is found here: InvalidArgument, NotFound.
  absl::StatusOr<JobSubmission> Compose(const Config& config,
                                        std::string_view user_directory) const;

  // From now on JOB is one of the artifact's, and so is every submission.
  void UseArtifact(ClientArtifact artifact) { artifact_ = std::move(artifact); }
  const std::optional<ClientArtifact>& artifact() const { return artifact_; }

  // For an error of Compose().
  std::string HintAfterError() const;

 private:
  absl::Status CheckMistypedFlags(const RegisteredJob& job,
                                  const JobArgs::Submitted& arguments) const;

  absl::StatusOr<RegisteredJob> FindSubmitted() const;

  CLI::App* command_ = nullptr;
  std::optional<ClientArtifact> artifact_;
  std::string job_;
  std::vector<std::string> inputs_;
  std::string output_;
  bool fresh_ = false;
  std::string restore_;
  ConfigFlags config_flags_;
};

// The job has an argument of that name.
bool HasArgument(const RegisteredJob& job, std::string_view name);

}  // namespace weir::cli

#endif  // WEIR_CLI_SUBMISSION_FLAGS_H_
