#include "cli/health_command.h"

#include <cstdio>
#include <string>

#include "cli/config/cluster_config.h"
#include "cli/config/config_options.h"
#include "cli/config/load_config.h"
#include "cli/config/network_config.h"
#include "cli/message.h"
#include "cli/report.h"
#include "transport/grpc/health.h"

namespace weir::cli {

HealthCommand::HealthCommand() : config_flags_({&kJobManagerRpcAddress}) {}

CLI::App* HealthCommand::Register(CLI::App& app) {
  CLI::App* const command =
      app.add_subcommand("health", "Say whether a JobManager or a TaskManager serves");
  command->add_option("ADDRESS", address_, "HOST:PORT of the process; default: the JobManager");
  config_flags_.Register(*command);
  return command;
}

ExitCode HealthCommand::Run() {
  const absl::StatusOr<Config> config = LoadConfig(config_flags_);
  if (!config.ok()) return ReportConfigError(config.status());
  const absl::StatusOr<GrpcNetworkOptions> options = ToNetworkOptions(*config);
  if (!options.ok()) return ReportConfigError(options.status());
  const Address address = address_.empty() ? JobManagerAddress(*config) : Address(address_);
  if (const absl::Status health = CheckHealth(address, *options, ToTimeouts(*config).ask_timeout);
      !health.ok()) {
    PrintError(health, "");
    return kExitFailed;
  }
  std::printf("%s serves\n", address.c_str());
  return kExitOk;
}

}  // namespace weir::cli
