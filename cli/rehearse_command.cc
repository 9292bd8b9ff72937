#include "cli/rehearse_command.h"

#include <unistd.h>

#include "CLI/App.hpp"
#include "absl/strings/escaping.h"
#include "cli/process/child_process.h"
#include "cli/process/shared_object_loader.h"
#include "core/base/status_macros.h"
#include "core/cluster/blob_key.h"
#include "core/cluster/submission_message.h"

namespace weir::cli {

CLI::App* RehearseCommand::Register(CLI::App& app) {
  CLI::App* const command = app.add_subcommand("rehearse", "Look at an artifact")->group("");
  command->group("");  // Hidden.
  command->add_option("--file", file_)->required();
  command->add_option("--submission", submission_)->required();
  command->add_option("--report-fd", report_fd_)->required();
  command->add_option("--parent", parent_)->required();
  return command;
}

ExitCode RehearseCommand::Run() {
  const absl::Status status = Rehearse();
  if (status.ok()) return kExitOk;
  const std::string text(status.message());
  // Nobody hears it: then the exit code says enough.
  [[maybe_unused]] const ssize_t written = write(report_fd_, text.data(), text.size());
  return kExitFailed;
}

absl::Status RehearseCommand::Rehearse() const {
  WEIR_RETURN_IF_ERROR(DieWithParent(parent_));
  proto::JobSubmissionMessage message;
  if (!message.ParseFromString(absl::HexStringToBytes(submission_)))
    return absl::InvalidArgumentError("the submission is not a valid message");
  WEIR_ASSIGN_OR_RETURN(const JobSubmission submission, FromMessage(message));
  WEIR_ASSIGN_OR_RETURN(const BlobKey key, BlobKey::Parse(submission.artifact));
  SharedObjectLoader loader;
  absl::Status loaded;
  loader.Load(key, file_, submission, [&](absl::Status status) { loaded = std::move(status); });
  WEIR_RETURN_IF_ERROR(loaded);
  return loader.Build(submission).status();
}

}  // namespace weir::cli
