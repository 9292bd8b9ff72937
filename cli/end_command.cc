#include "cli/end_command.h"

#include <cstdio>
#include <memory>
#include <utility>

#include "CLI/Option.hpp"
#include "cli/config/config_options.h"
#include "cli/config/load_config.h"
#include "cli/connection.h"
#include "cli/human_text.h"
#include "cli/job_details_printer.h"
#include "cli/job_list_printer.h"
#include "cli/message.h"
#include "cli/progress_printer.h"
#include "cli/report.h"
#include "cli/terminal.h"
#include "core/cluster/job_result.h"
#include "fmt/format.h"

namespace weir::cli {
namespace {

constexpr char kStopFooter[] = R"(
`weir submit --continue=JOB` goes on from the checkpoint. A job that keeps no checkpoints, or does not
run at the moment, cannot be stopped, only cancelled.)";

}  // namespace

EndCommand::EndCommand(How how) : how_(how), config_flags_({&kJobManagerRpcAddress}) {}

CLI::App* EndCommand::Register(CLI::App& app) {
  CLI::App* const command =
      stops() ? app.add_subcommand("stop", "Stop a job with a checkpoint, to go on later")
              : app.add_subcommand("cancel", "Cancel a job");
  command->add_option("JOB", job_, "Its id, the beginning of that, or its name")->required();
  command->add_flag("-d,--detached", detached_, "Do not wait for its end");
  command->add_flag("--json", json_, "Print JSON");
  config_flags_.Register(*command);
  if (stops()) command->footer(kStopFooter);
  return command;
}

ExitCode EndCommand::Run() {
  const absl::StatusOr<Config> config = LoadConfig(config_flags_);
  if (!config.ok()) return ReportConfigError(config.status());
  const absl::StatusOr<std::unique_ptr<Connection>> connection = Connection::Open(*config);
  if (!connection.ok()) return ReportClientError(connection.status());
  ClusterClient& client = (*connection)->client();
  const absl::StatusOr<proto::JobOverview> job = client.FindJob(job_);
  if (!job.ok()) return ReportClientError(job.status());
  if (job->ended()) {
    return ReportClientError(absl::FailedPreconditionError(fmt::format(
        "job {} ({}) has ended already: {}", job->job_id(), job->job_name(), job->state())));
  }
  return End(client, *job);
}

ExitCode EndCommand::End(ClusterClient& client, const proto::JobOverview& job) const {
  const std::string& id = job.job_id();
  if (const absl::Status ended = client.EndJob(id, stops()); !ended.ok())
    return ReportClientError(ended);
  if (detached_) {
    const std::string text = json_
                                 ? Dump({{"id", id},
                                         {"name", job.job_name()},
                                         {"requested", stops() ? "stop" : "cancel"}})
                                 : fmt::format("{} {} ({})\n", stops() ? "Stopping" : "Cancelling",
                                               id, EscapeForTerminal(job.job_name(), 100));
    std::fputs(text.c_str(), stdout);
    return kExitOk;
  }
  {
    ProgressPrinter printer(
        job.job_name(), stderr,
        {.terminal = IsLiveTerminal(stderr), .columns_max = TerminalColumns(stderr)});
    if (const absl::Status waited = client.WaitForEnd(id, printer); !waited.ok()) {
      if (absl::IsCancelled(waited)) printer.Say("weir: the job ends without this command");
      return ReportClientError(waited);
    }
  }
  const absl::StatusOr<proto::GetJobDetailsResponse> details = client.GetJobDetails(id);
  if (!details.ok()) return ReportClientError(details.status());
  return SayHowItEnded(*details);
}

ExitCode EndCommand::SayHowItEnded(const proto::GetJobDetailsResponse& response) const {
  const proto::JobDetails& details = response.details();
  const proto::JobOverview& job = details.overview();
  const JobState state = JobStateOf(job.state());
  if (state == JobState::kFailed) PrintError(absl::UnknownError(job.summary()), "");
  std::string text =
      fmt::format("{} ({}) {} after {}\n", job.job_id(), EscapeForTerminal(job.job_name(), 100),
                  job.state(), DurationOf(job, response.now_us()));
  if (state == JobState::kSuspended) {
    text += fmt::format("  checkpoint {} in {}\n  `weir submit --continue={}` goes on from there\n",
                        details.last_checkpoint(),
                        EscapeForTerminal(details.checkpoint_folder(), 1000), job.job_id());
  }
  std::fputs((json_ ? FormatJobDetailsAsJson(response) : text).c_str(), stdout);
  // It may have come to its own end first.
  return state == JobState::kFailed ? kExitFailed : kExitOk;
}

}  // namespace weir::cli
