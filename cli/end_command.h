// `weir cancel JOB` and `weir stop JOB`: end a job of a cluster, the latter with a checkpoint from which it can go on, and wait for
// the end.
#ifndef WEIR_CLI_END_COMMAND_H_
#define WEIR_CLI_END_COMMAND_H_

#include <string>

#include "cli/cluster_client.h"
#include "cli/command.h"
#include "cli/config/config_flags.h"

namespace weir::cli {

class EndCommand final : public Command {
 public:
  enum class How { kCancel, kStopWithCheckpoint };
  explicit EndCommand(How how);
  CLI::App* Register(CLI::App& app) override;
  ExitCode Run() override;

 private:
  bool stops() const { return how_ == How::kStopWithCheckpoint; }
  ExitCode End(ClusterClient& client, const proto::JobOverview& job) const;
  ExitCode SayHowItEnded(const proto::GetJobDetailsResponse& details) const;

  const How how_;
  ConfigFlags config_flags_;
  std::string job_;
  bool detached_ = false;
  bool json_ = false;
};

}  // namespace weir::cli

#endif  // WEIR_CLI_END_COMMAND_H_
