#include "core/cluster/job_client.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/check.h"
#include "core/cluster/blob_key.h"
#include "core/cluster/blob_store.h"
#include "core/cluster/submission_message.h"

namespace weir {

struct JobWatch {
  std::string job_id;
  absl::Duration interval;
  absl::AnyInvocable<void(const absl::StatusOr<proto::GetJobStatusResponse>&)> on_status;
};

struct BlobUpload {
  std::string key;
  std::shared_ptr<const std::string> bytes;
  absl::AnyInvocable<void(absl::Status)> on_stored;
  bool asked = false;
};

namespace {

// How often an artifact is given to a JobManager that turns out to have lost it, e.g. because it died in between.
constexpr int kArtifactTries = 5;

}  // namespace

JobClient::JobClient(Env& env, Executor& executor, Address job_manager, ClusterTimeouts timeouts,
                     absl::Duration patience)
    : env_(env),
      executor_(executor),
      job_manager_(std::move(job_manager)),
      timeouts_(timeouts),
      patience_(patience),
      rpc_(env.network(), &executor) {}

void JobClient::After(absl::Duration delay, absl::AnyInvocable<void()> closure) {
  executor_.PostAfter(
      delay, [weak = std::weak_ptr<JobClient*>(self_), closure = std::move(closure)]() mutable {
        if (weak.lock() != nullptr) closure();
      });
}

template <class Response, class Request>
void JobClient::CallUntilAnswered(std::string method, Request request,
                                  OnAnswer<Response> on_answer) {
  CallUntil<Response>(env_.clock().Monotonic() + patience_, std::move(method), std::move(request),
                      std::move(on_answer));
}

template <class Response, class Request>
void JobClient::CallUntil(absl::Duration deadline, std::string method, Request request,
                          OnAnswer<Response> on_answer) {
  rpc_.Call<Response>(job_manager_, method, request, timeouts_.ask_timeout,
                      [this, deadline, method, request, on_answer = std::move(on_answer)](
                          absl::StatusOr<Response> response) mutable {
                        if (response.ok()) {
                          TellSilence(response.status());
                          return on_answer(std::move(response));
                        }
                        const bool passes = absl::IsUnavailable(response.status()) ||
                                            absl::IsDeadlineExceeded(response.status()) ||
                                            absl::IsAborted(response.status());
                        if (!passes || env_.clock().Monotonic() >= deadline)
                          return on_answer(Explain(response.status()));
                        TellSilence(Explain(response.status()));
                        After(timeouts_.retry_delay, [this, deadline, method = std::move(method),
                                                      request = std::move(request),
                                                      on_answer = std::move(on_answer)]() mutable {
                          CallUntil<Response>(deadline, std::move(method), std::move(request),
                                              std::move(on_answer));
                        });
                      });
}

void JobClient::TellSilence(const absl::Status& status) {
  if (std::exchange(silence_, !status.ok()) == !status.ok() || !on_silence_) return;
  on_silence_(status);
}

absl::Status JobClient::Explain(const absl::Status& error) const {
  const bool nobody = absl::IsUnavailable(error) || absl::IsDeadlineExceeded(error);
  return absl::Status(
      error.code(),
      absl::StrCat(nobody ? "no JobManager answers at " : "the JobManager at ", job_manager_,
                   nobody ? " (" : ": ", error.message(), nobody ? ")" : ""));
}

void JobClient::Submit(std::string job_id, const JobSubmission& submission,
                       absl::AnyInvocable<void(absl::Status)> on_accepted) {
  proto::SubmitJobRequest request;
  request.set_job_id(std::move(job_id));
  *request.mutable_submission() = ToMessage(submission);
  CallUntilAnswered<proto::SubmitJobResponse>(
      "SubmitJob", std::move(request),
      [on_accepted =
           std::move(on_accepted)](absl::StatusOr<proto::SubmitJobResponse> response) mutable {
        on_accepted(response.status());
      });
}

void JobClient::SubmitWithArtifact(std::string job_id, const JobSubmission& submission,
                                   std::shared_ptr<const std::string> artifact,
                                   absl::AnyInvocable<void(absl::Status)> on_accepted) {
  struct Work {
    std::string job_id;
    JobSubmission submission;
    std::shared_ptr<const std::string> artifact;
    absl::AnyInvocable<void(absl::Status)> on_accepted;
    int tries_left = kArtifactTries;
  };
  auto work = std::make_shared<Work>(Work{.job_id = std::move(job_id),
                                          .submission = submission,
                                          .artifact = std::move(artifact),
                                          .on_accepted = std::move(on_accepted)});
  WEIR_CHECK_EQ(BlobKey::Of(*work->artifact).hex(), work->submission.artifact);
  struct Try {
    static void Begin(JobClient* client, std::shared_ptr<Work> work) {
      auto upload = std::make_shared<BlobUpload>();
      upload->key = work->submission.artifact;
      upload->bytes = work->artifact;
      upload->on_stored = [client, work](absl::Status stored) {
        if (!stored.ok()) return work->on_accepted(std::move(stored));
        client->Submit(work->job_id, work->submission, [client, work](absl::Status accepted) {
          if (absl::IsNotFound(accepted) && --work->tries_left > 0) return Begin(client, work);
          work->on_accepted(std::move(accepted));
        });
      };
      client->PutNextChunk(std::move(upload), 0);
    }
  };
  Try::Begin(this, std::move(work));
}

// The first one is empty: it asks what the JobManager has.
void JobClient::PutNextChunk(std::shared_ptr<BlobUpload> upload, uint64_t offset) {
  proto::PutBlobRequest request;
  request.set_key(upload->key);
  request.set_size(upload->bytes->size());
  request.set_offset(offset);
  if (upload->asked) request.set_chunk(upload->bytes->substr(offset, kBlobChunkBytesMax));
  upload->asked = true;
  CallUntilAnswered<proto::PutBlobResponse>(
      "PutBlob", std::move(request),
      [this, upload](absl::StatusOr<proto::PutBlobResponse> response) {
        if (!response.ok()) return upload->on_stored(response.status());
        if (response->stored()) return upload->on_stored(absl::OkStatus());
        if (response->received() > upload->bytes->size()) {
          return upload->on_stored(
              absl::DataLossError("the JobManager says it has received more than there is"));
        }
        PutNextChunk(upload, response->received());
      });
}

void JobClient::Watch(
    std::string job_id, absl::Duration interval,
    absl::AnyInvocable<void(const absl::StatusOr<proto::GetJobStatusResponse>&)> on_status) {
  Ask(std::make_shared<JobWatch>(JobWatch{std::move(job_id), interval, std::move(on_status)}));
}

void JobClient::Ask(std::shared_ptr<JobWatch> watch) {
  proto::GetJobStatusRequest request;
  request.set_job_id(watch->job_id);
  CallUntilAnswered<proto::GetJobStatusResponse>(
      "GetJobStatus", std::move(request),
      [this, watch](absl::StatusOr<proto::GetJobStatusResponse> response) {
        watch->on_status(response);
        if (!response.ok() || response->ended()) return;
        After(watch->interval, [this, watch] { Ask(watch); });
      });
}

void JobClient::ListJobs(OnAnswer<proto::ListJobsResponse> on_answer) {
  CallUntilAnswered<proto::ListJobsResponse>("ListJobs", proto::ListJobsRequest(),
                                             std::move(on_answer));
}

void JobClient::GetJobDetails(std::string job_id,
                              OnAnswer<proto::GetJobDetailsResponse> on_answer) {
  proto::GetJobDetailsRequest request;
  request.set_job_id(std::move(job_id));
  CallUntilAnswered<proto::GetJobDetailsResponse>("GetJobDetails", std::move(request),
                                                  std::move(on_answer));
}

void JobClient::GetClusterOverview(OnAnswer<proto::GetClusterOverviewResponse> on_answer) {
  CallUntilAnswered<proto::GetClusterOverviewResponse>(
      "GetClusterOverview", proto::GetClusterOverviewRequest(), std::move(on_answer));
}

void JobClient::EndJob(std::string job_id, bool with_checkpoint,
                       OnAnswer<proto::EndJobResponse> on_answer) {
  proto::EndJobRequest request;
  request.set_job_id(std::move(job_id));
  request.set_with_checkpoint(with_checkpoint);
  CallUntilAnswered<proto::EndJobResponse>("EndJob", std::move(request), std::move(on_answer));
}

}  // namespace weir
