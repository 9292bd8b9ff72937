#include "cli/process/server_process.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/config/config_options.h"
#include "cli/config/load_config.h"
#include "cli/config/network_config.h"
#include "cli/message.h"
#include "cli/process/child_process.h"
#include "core/base/status_macros.h"
#include "transport/grpc/grpc_network.h"

namespace weir::cli {

ServerProcess::ServerProcess(std::vector<const ConfigOption*> options)
    : flags_(std::move(options)) {}

void ServerProcess::Register(CLI::App& command) {
  flags_.Register(command);
  command.add_flag("--insecure", insecure_,
                   "Serve other machines without TLS; only in a network that you trust");
  // For processes that this binary starts; "" as group hides them.
  command.add_option("--announce-fd", announce_fd_)->group("");
  command.add_option("--parent", parent_)->group("");
}

absl::Status ServerProcess::Load() {
  if (parent_ > 0) WEIR_RETURN_IF_ERROR(DieWithParent(parent_));
  WEIR_ASSIGN_OR_RETURN(Config config, LoadConfig(flags_));
  config_.emplace(std::move(config));
  signals_.emplace();
  return absl::OkStatus();
}

std::vector<std::string> ServerProcess::ArgumentsForChild() const {
  std::vector<std::string> arguments;
  for (const ConfigOption* option : AllConfigOptions()) {
    if (!config_->IsSet(*option)) continue;
    arguments.push_back("-D");
    arguments.push_back(absl::StrCat(std::string(option->key), "=", config_->entry(*option).text));
  }
  // Everything that is set is told: files and variables must not say more.
  arguments.push_back("--config=/dev/null");
  if (insecure_) arguments.push_back("--insecure");
  return arguments;
}

absl::StatusOr<std::unique_ptr<ProductionEnv>> ServerProcess::NewEnv(int workers) const {
  WEIR_ASSIGN_OR_RETURN(GrpcNetworkOptions network, ToNetworkOptions(*config_));
  ProductionEnvOptions options;
  options.worker_count = workers;
  options.network = std::make_shared<GrpcNetwork>(std::move(network));
  return std::make_unique<ProductionEnv>(std::move(options));
}

void ServerProcess::Fail(const absl::Status& why) {
  PrintError(why, "");
  failed_ = true;
  End();
}

int ServerProcess::Processors() {
  return std::max(1, static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN)));
}

void ServerProcess::Announce(const std::string& address) {
  if (announce_fd_ < 0) return;
  const std::string line = address + "\n";
  // Whoever does not read it does not care.
  [[maybe_unused]] const ssize_t written = write(announce_fd_, line.data(), line.size());
  close(std::exchange(announce_fd_, -1));
}

}  // namespace weir::cli
