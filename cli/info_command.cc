#include "cli/info_command.h"

#include <cstdio>
#include <memory>

#include "CLI/Option.hpp"
#include "cli/config/config_options.h"
#include "cli/config/load_config.h"
#include "cli/connection.h"
#include "cli/job_details_printer.h"
#include "cli/report.h"

namespace weir::cli {

InfoCommand::InfoCommand() : config_flags_({&kJobManagerRpcAddress}) {}

CLI::App* InfoCommand::Register(CLI::App& app) {
  CLI::App* const command = app.add_subcommand("info", "Say everything about a job of a cluster");
  command->add_option("JOB", job_, "Its id, the beginning of that, or its name")->required();
  command->add_flag("--json", json_, "Print JSON");
  config_flags_.Register(*command);
  return command;
}

ExitCode InfoCommand::Run() {
  const absl::StatusOr<Config> config = LoadConfig(config_flags_);
  if (!config.ok()) return ReportConfigError(config.status());
  const absl::StatusOr<std::unique_ptr<Connection>> connection = Connection::Open(*config);
  if (!connection.ok()) return ReportClientError(connection.status());
  ClusterClient& client = (*connection)->client();
  const absl::StatusOr<proto::JobOverview> job = client.FindJob(job_);
  if (!job.ok()) return ReportClientError(job.status());
  const absl::StatusOr<proto::GetJobDetailsResponse> details = client.GetJobDetails(job->job_id());
  if (!details.ok()) return ReportClientError(details.status());
  std::fputs((json_ ? FormatJobDetailsAsJson(*details) : FormatJobDetails(*details)).c_str(),
             stdout);
  return kExitOk;
}

}  // namespace weir::cli
