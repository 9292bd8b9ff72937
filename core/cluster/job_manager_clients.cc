// What the JobManager answers to clients (core/cluster/job_client.h).
#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "core/checkpoint/job_registry.h"
#include "core/cluster/job_details_message.h"
#include "core/cluster/job_manager.h"
#include "core/cluster/submission_message.h"

namespace weir {
namespace {

absl::Status NoSuchJob(const std::string& job_id) {
  return absl::NotFoundError(absl::StrCat("there is no job ", job_id));
}

}  // namespace

void JobManager::RegisterClientMethods() {
  dispatcher_.Register<proto::SubmitJobRequest, proto::SubmitJobResponse>(
      "SubmitJob",
      [this](proto::SubmitJobRequest request, RpcReply<proto::SubmitJobResponse> reply) {
        SubmitJob(request, std::move(reply));
      });
  dispatcher_.Register<proto::PutBlobRequest, proto::PutBlobResponse>(
      "PutBlob", [this](proto::PutBlobRequest request, RpcReply<proto::PutBlobResponse> reply) {
        if (absl::Status taken = CheckArtifactsTaken(); !taken.ok()) return reply(taken);
        blobs_->Put(request, std::move(reply));
      });
  dispatcher_.Register<proto::GetBlobRequest, proto::GetBlobResponse>(
      "GetBlob", [this](proto::GetBlobRequest request, RpcReply<proto::GetBlobResponse> reply) {
        if (blobs_ == nullptr) return reply(absl::NotFoundError("there are no blobs here"));
        blobs_->Get(request, std::move(reply));
      });
  dispatcher_.Register<proto::GetJobStatusRequest, proto::GetJobStatusResponse>(
      "GetJobStatus",
      [this](proto::GetJobStatusRequest request, RpcReply<proto::GetJobStatusResponse> reply) {
        reply(GetJobStatus(request.job_id()));
      });
  dispatcher_.Register<proto::EndJobRequest, proto::EndJobResponse>(
      "EndJob", [this](proto::EndJobRequest request, RpcReply<proto::EndJobResponse> reply) {
        EndJob(request, std::move(reply));
      });
  dispatcher_.Register<proto::ListJobsRequest, proto::ListJobsResponse>(
      "ListJobs", [this](proto::ListJobsRequest, RpcReply<proto::ListJobsResponse> reply) {
        reply(ListJobs());
      });
  dispatcher_.Register<proto::GetJobDetailsRequest, proto::GetJobDetailsResponse>(
      "GetJobDetails",
      [this](proto::GetJobDetailsRequest request, RpcReply<proto::GetJobDetailsResponse> reply) {
        reply(GetJobDetails(request.job_id()));
      });
  dispatcher_.Register<proto::GetClusterOverviewRequest, proto::GetClusterOverviewResponse>(
      "GetClusterOverview",
      [this](proto::GetClusterOverviewRequest, RpcReply<proto::GetClusterOverviewResponse> reply) {
        reply(GetClusterOverview());
      });
}

void JobManager::SubmitJob(const proto::SubmitJobRequest& request,
                           RpcReply<proto::SubmitJobResponse> reply) {
  if (ended_.contains(request.job_id())) return reply(proto::SubmitJobResponse());
  if (auto found = jobs_.find(request.job_id()); found != jobs_.end()) {
    if (found->second.master != nullptr) return reply(proto::SubmitJobResponse());
    return found->second.when_durable.push_back(std::move(reply));
  }
  if (absl::Status valid = ValidateJobIdForRegistry(JobId(request.job_id())); !valid.ok()) {
    return reply(valid);
  }
  absl::StatusOr<JobSubmission> submission = FromMessage(request.submission());
  if (!submission.ok()) return reply(submission.status());
  // Two at once would take each other's files for those of an earlier attempt.
  for (const auto& [id, other] : jobs_) {
    if (submission->run_id.empty() || other.submission.run_id != submission->run_id) continue;
    return reply(absl::AlreadyExistsError(
        absl::StrCat("job ", id, " goes on with that run already; `weir stop ", id,
                     "` or `weir cancel ", id, "` comes first")));
  }
  Job job;
  job.submission = *std::move(submission);
  job.when_durable.push_back(std::move(reply));
  OnNewJob(request.job_id(), std::move(job));
}

absl::StatusOr<proto::GetJobStatusResponse> JobManager::GetJobStatus(
    const std::string& job_id) const {
  proto::GetJobStatusResponse response;
  if (auto ended = ended_.find(job_id); ended != ended_.end()) {
    response = StatusOfEnded(ended->second);
  } else if (auto found = jobs_.find(job_id); found == jobs_.end()) {
    return NoSuchJob(job_id);
  } else if (found->second.master == nullptr) {
    response.set_state(std::string(JobStateName(JobState::kCreated)));
  } else {
    response = ToMessage(found->second.master->Progress());
  }
  response.set_leader_epoch(epoch_.value());
  return response;
}

void JobManager::EndJob(const proto::EndJobRequest& request,
                        RpcReply<proto::EndJobResponse> reply) {
  const std::string& id = request.job_id();
  if (ended_.contains(id)) return reply(proto::EndJobResponse());
  const auto found = jobs_.find(id);
  if (found == jobs_.end()) return reply(NoSuchJob(id));
  if (found->second.master == nullptr) {
    return reply(absl::UnavailableError(absl::StrCat("job ", id, " is being recorded; ask again")));
  }
  if (!request.with_checkpoint()) return CancelJob(id, std::move(reply));
  if (absl::Status stopped = StopJob(id, found->second); !stopped.ok()) return reply(stopped);
  reply(proto::EndJobResponse());
}

void JobManager::CancelJob(const std::string& id, RpcReply<proto::EndJobResponse> reply) {
  Job& job = jobs_.at(id);
  const bool has_ended = IsEndState(job.master->state());
  if (has_ended && store_ == nullptr) return reply(proto::EndJobResponse());
  job.when_cancelled.push_back(std::move(reply));
  if (has_ended) return;  // Until that is durable, another leader might run it again.
  const auto cancel = [this, id] {
    const auto found = jobs_.find(id);
    if (found == jobs_.end()) return;
    for (auto& reply : std::exchange(found->second.when_cancelled, {}))
      reply(proto::EndJobResponse());
    found->second.master->Cancel(absl::CancelledError("cancelled by the user"));
  };
  const bool is_recorded = job.cancelled && job.records.empty();
  if (store_ == nullptr || is_recorded) return cancel();
  if (std::exchange(job.cancelled, true)) return;
  proto::JobRecord record;
  record.set_state(proto::JOB_RECORD_CANCELLING);
  WriteRecord(id, std::move(record), cancel);
}

absl::Status JobManager::StopJob(const std::string& id, const Job& job) const {
  JobMaster* const master = job.master.get();
  if (!job.submission.checkpoints.durable) {
    return absl::FailedPreconditionError(
        absl::StrCat("job ", id,
                     " takes no durable checkpoints, so it cannot be stopped to go on "
                     "later; it can be cancelled"));
  }
  if (master->state() != JobState::kRunning) {
    return absl::FailedPreconditionError(
        absl::StrCat("job ", id, " is ", std::string(JobStateName(master->state())),
                     ", and its last checkpoint needs it RUNNING; ask again then, or cancel it"));
  }
  master->Stop();
  return absl::OkStatus();
}

// ---- What there is ----

proto::JobOverview JobManager::OverviewOf(const std::string& job_id, const Job& job) const {
  proto::JobOverview overview;
  overview.set_job_id(job_id);
  overview.set_job_name(job.submission.job_name);
  overview.set_start_time_us(absl::ToUnixMicros(job.submitted));
  JobProgress progress;  // CREATED
  if (job.master != nullptr) {
    progress = job.master->Progress();
    if (!IsEndState(progress.state) || progress.state == JobState::kFailed)
      overview.set_summary(std::string(job.master->why().message()));
  }
  FillOverview(progress, &overview);
  return overview;
}

proto::JobDetails JobManager::DetailsOf(const std::string& job_id, const Job& job) const {
  proto::JobDetails details;
  *details.mutable_overview() = OverviewOf(job_id, job);
  for (const auto& [name, value] : job.submission.arguments) {
    proto::Argument* argument = details.add_arguments();
    argument->set_name(name);
    argument->set_value(value);
  }
  details.set_run_id(job.submission.run_id);
  details.set_artifact(job.submission.artifact);
  if (job.submission.checkpoints.durable)
    details.set_checkpoint_folder(job.submission.checkpoint_folder);
  if (job.master == nullptr) return details;
  const JobMaster& master = *job.master;
  const JobProgress progress = master.Progress();
  for (const NodeReport& node : master.NodeReports()) *details.add_nodes() = ToMessage(node);
  for (const SinkReport& sink : master.sink_reports()) *details.add_sinks() = ToMessage(sink);
  for (const std::string& warning : master.warnings()) details.add_warnings(warning);
  details.set_checkpoints(progress.checkpoints);
  details.set_last_checkpoint(progress.last_checkpoint.value());
  details.set_restored_from(progress.restored_from.value());
  details.set_last_failure(std::string(master.why().message()));
  std::map<Address, int> slots;
  if (progress.state == JobState::kRunning) {
    for (const Address& address : master.slot_addresses()) ++slots[address];
  }
  for (const auto& [address, count] : slots) {
    proto::SlotsOfJob* of = details.add_slots();
    of->set_address(address);
    of->set_slots(count);
  }
  details.set_runtime_ns(absl::ToInt64Nanoseconds(master.runtime()));
  return details;
}

proto::ListJobsResponse JobManager::ListJobs() const {
  proto::ListJobsResponse response;
  response.set_leader_epoch(epoch_.value());
  response.set_now_us(absl::ToUnixMicros(env_.clock().Wall()));
  std::map<std::string, proto::JobOverview> jobs;
  for (const auto& [id, job] : jobs_) jobs[id] = OverviewOf(id, job);
  for (const auto& [id, ended] : ended_) jobs[id] = ended.overview();
  for (auto& [id, job] : jobs) *response.add_jobs() = std::move(job);
  return response;
}

absl::StatusOr<proto::GetJobDetailsResponse> JobManager::GetJobDetails(
    const std::string& job_id) const {
  proto::GetJobDetailsResponse response;
  response.set_leader_epoch(epoch_.value());
  response.set_now_us(absl::ToUnixMicros(env_.clock().Wall()));
  if (auto ended = ended_.find(job_id); ended != ended_.end()) {
    *response.mutable_details() = ended->second;
  } else if (auto found = jobs_.find(job_id); found != jobs_.end()) {
    *response.mutable_details() = DetailsOf(job_id, found->second);
  } else {
    return NoSuchJob(job_id);
  }
  return response;
}

proto::GetClusterOverviewResponse JobManager::GetClusterOverview() const {
  proto::GetClusterOverviewResponse response;
  response.set_leader_epoch(epoch_.value());
  response.set_cluster_id(cluster_id_);
  response.set_address(server_->address());
  response.set_build_id(options_.build_id);
  response.set_fenced_messages(fenced_messages_);
  const absl::Duration now = env_.clock().Monotonic();
  for (const Address& address : slots_.addresses()) {
    proto::TaskManagerOverview* task_manager = response.add_task_managers();
    task_manager->set_address(address);
    task_manager->set_slots(slots_.total_slots(address));
    task_manager->set_free_slots(slots_.free_slots(address));
    const auto found = registered_.find(address);
    if (found != registered_.end()) {
      task_manager->set_since_heartbeat_ms(
          absl::ToInt64Milliseconds(now - found->second.last_heartbeat));
    }
  }
  return response;
}

}  // namespace weir
