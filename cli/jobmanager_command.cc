#include "cli/jobmanager_command.h"

#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/config/cluster_config.h"
#include "cli/config/config_options.h"
#include "cli/message.h"
#include "cli/process/exposure.h"
#include "cli/process/rehearsed_loader.h"
#include "cli/process/shared_object_loader.h"
#include "cli/process/state_lock.h"
#include "core/cluster/job_manager.h"

namespace weir::cli {
namespace {

constexpr char kFooter[] = R"(
  weir jobmanager                                at 127.0.0.1:6123, with its state in ~/.local/state/weir
  weir taskmanager --jobmanager=127.0.0.1:6123   on each machine that is to run jobs
  weir submit word_count --input=README.md       runs a job there

`weir cluster` starts all of that on this machine.)";

// An artifact runs what code it likes, so a client must show who it is, or be on this machine.
absl::Status CheckArtifactsAllowed(const Config& config) {
  const std::string& host = config.String(kJobManagerRpcAddress);
  if (IsLoopback(host) || (config.Boolean(kSslEnabled) && config.Boolean(kSslMutual)))
    return absl::OkStatus();
  return absl::PermissionDeniedError(absl::StrCat(
      "the JobManager serves at ", host,
      " and would take artifacts from whoever can connect; it takes none. Set security.ssl.enabled "
      "and security.ssl.mutual, or put the job into the program of the cluster"));
}

}  // namespace

JobManagerCommand::JobManagerCommand()
    : process_({&kJobManagerRpcAddress, &kStateDir, &kParallelismDefault}) {}

CLI::App* JobManagerCommand::Register(CLI::App& app) {
  CLI::App* const command =
      app.add_subcommand("jobmanager", "Run a JobManager: it takes jobs and leads TaskManagers");
  process_.Register(*command);
  command->footer(kFooter);
  return command;
}

ExitCode JobManagerCommand::Run() {
  absl::Status status = process_.Load();
  if (status.ok()) {
    status =
        CheckExposure(kJobManagerRpcAddress.key, process_.config().String(kJobManagerRpcAddress),
                      process_.config().Boolean(kSslEnabled), process_.insecure());
  }
  if (!status.ok()) {
    PrintError(status, "");
    return kExitUsage;
  }
  const Config& config = process_.config();
  const std::string state_folder = config.String(kStateDir) + "/cluster";
  absl::StatusOr<StateLock> lock = StateLock::Take(state_folder);
  auto env = process_.NewEnv(1);
  if (!lock.ok() || !env.ok()) {
    PrintError(lock.ok() ? env.status() : lock.status(), "");
    return kExitFailed;
  }
  JobManager::Options options;
  options.address = JobManagerAddress(config);
  options.state_folder = state_folder;
  options.keep_jobs = true;
  options.ended_jobs_max = static_cast<int>(config.Integer(kJobStoreCapacity));
  options.job.default_parallelism = static_cast<int>(config.Integer(kParallelismDefault));
  options.job.timeouts = ToTimeouts(config);
  options.on_replaced = [this](const absl::Status& why) { process_.Fail(why); };
  options.on_storage = [](const absl::Status& status) {
    if (status.ok()) {
      std::fputs("weir: the state folder can be used again\n", stderr);
    } else {
      PrintError(status, "The JobManager waits until its state folder can be used.");
    }
  };
  options.on_serving = [this, &config](absl::StatusOr<Address> address) {
    if (!address.ok()) {
      return process_.Fail(absl::IsAlreadyExists(address.status())
                               ? absl::AlreadyExistsError(absl::StrCat(
                                     std::string(address.status().message()),
                                     "; choose another port with -D jobmanager.rpc.port=PORT"))
                               : address.status());
    }
    std::printf("JobManager at %s, state in %s/cluster\n", address->c_str(),
                config.String(kStateDir).c_str());
    std::fflush(stdout);
    process_.Announce(*address);
  };
  SharedObjectLoader loader;
  RehearsedLoader rehearsed(**env, &loader);
  options.artifact_loader = &rehearsed;
  options.artifacts_refused = CheckArtifactsAllowed(config);
  options.blobs.blob_bytes_max = static_cast<uint64_t>(config.Integer(kBlobSizeMax));
  options.blobs.unused_after = config.Duration(kBlobCleanupInterval);
  JobManager job_manager(**env, std::move(options), [&loader](const JobSubmission& submission) {
    return loader.Build(submission);
  });
  rehearsed.set_executor(&job_manager.executor());
  job_manager.Start();
  if (process_.WaitForSignal()) {
    std::printf("JobManager leaves; its jobs go on when one starts with the same --state-dir\n");
  }
  return process_.ExitCode();
}

}  // namespace weir::cli
