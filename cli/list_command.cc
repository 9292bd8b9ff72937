#include "cli/list_command.h"

#include <cstdio>
#include <memory>

#include "cli/config/config_options.h"
#include "cli/config/load_config.h"
#include "cli/connection.h"
#include "cli/job_list_printer.h"
#include "cli/report.h"

namespace weir::cli {

ListCommand::ListCommand() : config_flags_({&kJobManagerRpcAddress}) {}

CLI::App* ListCommand::Register(CLI::App& app) {
  CLI::App* const command = app.add_subcommand("list", "List the jobs of a cluster");
  command->add_flag("--all", all_, "Also those that have ended");
  command->add_flag("--taskmanagers", task_managers_, "List the TaskManagers and their slots");
  command->add_flag("--json", json_, "Print JSON");
  config_flags_.Register(*command);
  return command;
}

ExitCode ListCommand::Run() {
  const absl::StatusOr<Config> config = LoadConfig(config_flags_);
  if (!config.ok()) return ReportConfigError(config.status());
  const absl::StatusOr<std::unique_ptr<Connection>> connection = Connection::Open(*config);
  if (!connection.ok()) return ReportClientError(connection.status());
  ClusterClient& client = (*connection)->client();
  std::string text;
  if (task_managers_) {
    const absl::StatusOr<proto::GetClusterOverviewResponse> cluster = client.GetClusterOverview();
    if (!cluster.ok()) return ReportClientError(cluster.status());
    text = json_ ? FormatClusterAsJson(*cluster) : FormatCluster(*cluster);
  } else {
    const absl::StatusOr<proto::ListJobsResponse> jobs = client.ListJobs();
    if (!jobs.ok()) return ReportClientError(jobs.status());
    text = json_ ? FormatJobListAsJson(*jobs, all_) : FormatJobList(*jobs, all_);
  }
  std::fputs(text.c_str(), stdout);
  return kExitOk;
}

}  // namespace weir::cli
