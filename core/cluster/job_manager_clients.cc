// What the JobManager answers to clients (core/cluster/job_client.h).
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/checkpoint/job_registry.h"
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
  dispatcher_.Register<proto::GetJobStatusRequest, proto::GetJobStatusResponse>(
      "GetJobStatus",
      [this](proto::GetJobStatusRequest request, RpcReply<proto::GetJobStatusResponse> reply) {
        reply(GetJobStatus(request.job_id()));
      });
  dispatcher_.Register<proto::EndJobRequest, proto::EndJobResponse>(
      "EndJob", [this](proto::EndJobRequest request, RpcReply<proto::EndJobResponse> reply) {
        if (ended_.contains(request.job_id())) return reply(proto::EndJobResponse());
        JobMaster* master = MasterOf(request.job_id());
        if (master == nullptr) return reply(NoSuchJob(request.job_id()));
        if (request.with_checkpoint()) {
          master->Stop();
        } else {
          master->Cancel(absl::CancelledError("cancelled by the user"));
        }
        reply(proto::EndJobResponse());
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
  Job job;
  job.submission = *std::move(submission);
  job.when_durable.push_back(std::move(reply));
  OnNewJob(request.job_id(), std::move(job));
}

absl::StatusOr<proto::GetJobStatusResponse> JobManager::GetJobStatus(
    const std::string& job_id) const {
  proto::GetJobStatusResponse response;
  if (auto ended = ended_.find(job_id); ended != ended_.end()) {
    response = ended->second;
    response.set_ended(true);
  } else if (auto found = jobs_.find(job_id); found == jobs_.end()) {
    return NoSuchJob(job_id);
  } else if (found->second.master == nullptr) {
    response.set_state(std::string(JobStateName(JobState::kCreated)));
  } else {
    const JobProgress progress = found->second.master->Progress();
    response.set_state(std::string(JobStateName(progress.state)));
    response.set_summary(progress.waiting_for.empty() ? progress.last_failure
                                                      : progress.waiting_for);
    response.set_checkpoints(progress.checkpoints);
    response.set_restored_from(progress.restored_from.value());
    response.set_restarts(static_cast<uint32_t>(progress.restarts));
    response.set_malformed(progress.malformed);
    response.set_late(progress.late);
  }
  response.set_leader_epoch(epoch_.value());
  return response;
}

}  // namespace weir
