// RunOptions: the flags of `weir run` that are about surviving: checkpoints, restarts, and where a run goes on. Pure.
#ifndef WEIR_CLI_RUN_OPTIONS_H_
#define WEIR_CLI_RUN_OPTIONS_H_

#include <string>
#include <string_view>
#include <vector>

#include "CLI/App.hpp"
#include "absl/status/status.h"
#include "core/cluster/job_result.h"

namespace weir::cli {

class RunOptions {
 public:
  void Register(CLI::App& command);
  // Their names without dashes, for hints about mistyped ones.
  static std::vector<std::string> Names();

  // Fills in what a submission takes over. InvalidArgument for a value that cannot be.
  absl::Status Apply(JobSubmission& submission) const;
  // Absolute, "" if not given.
  std::string CheckpointDir(std::string_view user_directory) const;
  std::string Restore(std::string_view user_directory) const;
  bool fresh() const { return fresh_; }

 private:
  bool fresh_ = false;
  std::string checkpoint_dir_;
  std::string checkpoint_interval_ = "10s";
  std::string restore_;
  std::string restart_attempts_ = "3";
  std::string restart_delay_ = "1s";
};

}  // namespace weir::cli

#endif  // WEIR_CLI_RUN_OPTIONS_H_
