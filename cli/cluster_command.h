// `weir cluster`: a JobManager and TaskManagers as processes on this machine, children of this one, for trying things out. Ctrl-C
// stops them.
#ifndef WEIR_CLI_CLUSTER_COMMAND_H_
#define WEIR_CLI_CLUSTER_COMMAND_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli/command.h"
#include "cli/config/config.h"
#include "cli/config/config_flags.h"
#include "cli/process/child_process.h"
#include "cli/process/server_process.h"

namespace weir::cli {

class ClusterCommand final : public Command {
 public:
  ClusterCommand();
  CLI::App* Register(CLI::App& app) override;
  ExitCode Run() override;

 private:
  struct Child {
    std::string name;  // "TaskManager 2"
    ChildProcess process;
    std::string address;
    bool ended = false;
  };
  absl::Status StartAll();
  // Starts one and waits until it serves.
  absl::Status StartChild(const std::string& name, std::vector<std::string> arguments);
  // Says which children have ended since the last call; false if all have.
  bool CheckChildren();
  void StopAll();

  ServerProcess process_;
  int task_managers_ = 1;
  std::vector<Child> children_;  // The JobManager first.
};

}  // namespace weir::cli

#endif  // WEIR_CLI_CLUSTER_COMMAND_H_
