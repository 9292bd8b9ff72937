#include "cli/submit_command.h"

#include <cstdio>
#include <memory>
#include <utility>

#include "CLI/Option.hpp"
#include "absl/strings/str_cat.h"
#include "cli/client_artifact.h"
#include "cli/config/config_options.h"
#include "cli/config/job_config.h"
#include "cli/config/load_config.h"
#include "cli/connection.h"
#include "cli/human_text.h"
#include "cli/job_details_printer.h"
#include "cli/job_list_printer.h"
#include "cli/message.h"
#include "cli/paths.h"
#include "cli/process/shared_object_loader.h"
#include "cli/progress_printer.h"
#include "cli/report.h"
#include "cli/summary_printer.h"
#include "cli/terminal.h"
#include "core/base/status_macros.h"
#include "core/cluster/job_details_message.h"
#include "fmt/format.h"

namespace weir::cli {
namespace {

constexpr char kFooter[] = R"(
Everything else that starts with -- is an argument of the job: `weir jobs JOB` lists them. All machines
of the cluster must see the input, the output and the folder of the checkpoints under the same path.

  weir submit word_count --input=/shared/README.md --output=/shared/words
  weir submit clicks --count=1000000 --detached
  weir submit --continue=JOB          a job that was stopped, from its checkpoint
  weir submit --artifact=libvisits_job.so visits --output=/shared/hours

Without --detached it waits for the end of the job; Ctrl-C ends the waiting, not the job.

Exit codes: 0 finished, 1 failed, 2 wrong usage, 130 interrupted, or the job was stopped or cancelled.)";

void Say(const std::string& line) { std::fputs(("weir: " + line + "\n").c_str(), stderr); }

}  // namespace

SubmitCommand::SubmitCommand() : flags_({&kJobManagerRpcAddress, &kStateDir}) {}

CLI::App* SubmitCommand::Register(CLI::App& app) {
  command_ = app.add_subcommand("submit", "Run a job on a cluster");
  command_
      ->add_option("--continue", continue_,
                   "Go on with a job of the cluster that was stopped, cancelled or has failed: "
                   "its id, the beginning of that, or its name")
      ->type_name("JOB");
  command_
      ->add_option("--artifact", artifact_,
                   "Shared object that has the job, if the program of the cluster has not")
      ->type_name("FILE");
  command_->add_flag("-d,--detached", detached_, "Do not wait for its end");
  command_->add_flag("--json", json_, "Print JSON");
  flags_.Register(*command_, "");
  command_->footer(kFooter);
  return command_;
}

ExitCode SubmitCommand::Run() {
  const absl::StatusOr<Config> config = LoadConfig(flags_.config_flags());
  if (!config.ok()) return ReportConfigError(config.status());
  const bool continues = !continue_.empty();
  if (continues &&
      (!flags_.job().empty() || !command_->remaining().empty() ||
       command_->count("--input") + command_->count("--output") + command_->count("--restore") >
           0)) {
    PrintError(absl::InvalidArgumentError(
                   "--continue takes the job and its arguments from the cluster; give no others"),
               "See `weir submit --help`.");
    return kExitUsage;
  }
  const std::string user_directory = UserDirectory();
  if (!artifact_.empty()) {
    absl::StatusOr<ClientArtifact> artifact = OpenArtifact(AbsolutePath(artifact_, user_directory));
    if (!artifact.ok()) {
      PrintError(artifact.status(), "");
      return kExitUsage;
    }
    flags_.UseArtifact(*std::move(artifact));
  }
  absl::StatusOr<JobSubmission> submission = JobSubmission();
  if (!continues) {
    submission = flags_.Compose(*config, user_directory);
    if (!submission.ok()) {
      PrintError(submission.status(), flags_.HintAfterError());
      return kExitUsage;
    }
    submission->restore = flags_.Restore(user_directory);
  }
  const absl::StatusOr<std::unique_ptr<Connection>> connection = Connection::Open(*config);
  if (!connection.ok()) return ReportClientError(connection.status());
  ClusterClient& client = (*connection)->client();
  if (continues) submission = ComposeContinuation(*config, client);
  if (!submission.ok()) return ReportClientError(submission.status());
  const std::string id = client.NewJobId();
  if (submission->run_id.empty()) submission->run_id = id;
  const std::string& folder = config->String(kCheckpointDir);
  submission->checkpoint_folder =
      absl::StrCat(folder.empty() ? config->String(kStateDir) + "/checkpoints" : folder, "/", id);
  return Submit(client, id, *submission);
}

absl::StatusOr<JobSubmission> SubmitCommand::ComposeContinuation(const Config& config,
                                                                 ClusterClient& client) const {
  WEIR_ASSIGN_OR_RETURN(const proto::JobOverview job, client.FindJob(continue_));
  WEIR_ASSIGN_OR_RETURN(const proto::GetJobDetailsResponse response,
                        client.GetJobDetails(job.job_id()));
  const proto::JobDetails& details = response.details();
  const std::string which = fmt::format("job {} ({})", job.job_id(), job.job_name());
  if (!details.overview().ended()) {
    return absl::FailedPreconditionError(
        fmt::format("{} is {}; `weir stop {}` comes first", which, job.state(), job.job_id()));
  }
  if (JobStateOf(job.state()) == JobState::kFinished)
    return absl::FailedPreconditionError(which + " has finished; there is nothing to go on with");
  if (details.checkpoint_folder().empty() || details.last_checkpoint() == 0)
    return absl::FailedPreconditionError(which + " has no checkpoint to go on from");
  JobSubmission submission;
  submission.job_name = job.job_name();
  for (const proto::Argument& argument : details.arguments())
    submission.arguments.emplace_back(argument.name(), argument.value());
  submission.parallelism = static_cast<int>(config.Integer(kParallelismDefault));
  if (submission.parallelism == 0) submission.parallelism = details.overview().parallelism();
  submission.checkpoints = ToCheckpointOptions(config);
  WEIR_ASSIGN_OR_RETURN(submission.restart_strategy, ToRestartStrategy(config));
  submission.run_id = details.run_id();
  submission.restore = details.checkpoint_folder();
  WEIR_RETURN_IF_ERROR(ContinueArtifact(details, submission));
  return submission;
}

absl::Status SubmitCommand::ContinueArtifact(const proto::JobDetails& details,
                                             JobSubmission& submission) const {
  if (flags_.artifact().has_value()) {
    // Another build of it, as a rule: state is found by uid.
    submission.artifact = flags_.artifact()->key;
    return FindJobOfArtifact(flags_.artifact()->jobs, submission.job_name).status();
  }
  if (details.artifact().empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("job {} is in an artifact, which the cluster does not keep behind the job's end; "
                  "give it again with --artifact=FILE",
                  submission.job_name));
}

ExitCode SubmitCommand::Submit(ClusterClient& client, const std::string& id,
                               const JobSubmission& submission) const {
  const std::shared_ptr<const std::string> artifact =
      flags_.artifact().has_value() ? flags_.artifact()->bytes : nullptr;
  if (const absl::Status accepted = client.Submit(id, submission, artifact); !accepted.ok()) {
    const ExitCode code = ReportClientError(accepted);
    // The answer may be what got lost.
    if (absl::IsDeadlineExceeded(accepted) || absl::IsCancelled(accepted))
      Say(fmt::format("whether the job was accepted is not known; `weir info {}` tells", id));
    return code;
  }
  if (detached_) {
    const std::string text =
        json_ ? Dump({{"id", id}, {"name", submission.job_name}})
              : fmt::format("Job {} has been submitted with JobID {}\n", submission.job_name, id);
    std::fputs(text.c_str(), stdout);
    return kExitOk;
  }
  Say(fmt::format("job {} has been submitted with JobID {}", submission.job_name, id));
  return Wait(client, id, submission.job_name);
}

ExitCode SubmitCommand::Wait(ClusterClient& client, const std::string& id,
                             const std::string& job) const {
  absl::Status waited;
  {
    ProgressPrinter printer(
        job, stderr, {.terminal = IsLiveTerminal(stderr), .columns_max = TerminalColumns(stderr)});
    waited = client.WaitForEnd(id, printer);
  }
  if (absl::IsCancelled(waited)) {
    Say(fmt::format("the job goes on; `weir info {0}` shows it, `weir cancel {0}` ends it", id));
    return kExitCancelled;
  }
  if (!waited.ok()) {
    const ExitCode code = ReportClientError(waited);
    Say(fmt::format("the job may go on; `weir info {}` tells when the JobManager is back", id));
    return code;
  }
  const absl::StatusOr<proto::GetJobDetailsResponse> details = client.GetJobDetails(id);
  if (!details.ok()) return ReportClientError(details.status());
  return SayHowItEnded(*details);
}

ExitCode SubmitCommand::SayHowItEnded(const proto::GetJobDetailsResponse& response) const {
  const JobResult result = ToJobResult(response.details());
  const std::string& job = response.details().overview().job_name();
  if (result.state == JobState::kFailed) PrintError(result.status, "");
  const std::string text = json_ ? FormatJobDetailsAsJson(response)
                                 : FormatSummary(job, result, {.user_directory = UserDirectory()});
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
  if (result.state == JobState::kFinished) return kExitOk;
  if (result.last_checkpoint != CheckpointId()) {
    Say(fmt::format("`weir submit --continue={}` goes on from checkpoint {}",
                    response.details().overview().job_id(), result.last_checkpoint.value()));
  }
  return result.state == JobState::kFailed ? kExitFailed : kExitCancelled;
}

}  // namespace weir::cli
