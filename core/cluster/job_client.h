// JobClient: asks a JobManager over the Network: submits jobs, watches, lists and ends them. Calls that find nobody are repeated for
// as long as the client has patience, whatever dies meanwhile; that does no harm because the client chooses a job's id. Errors name
// the JobManager's address. Belongs to one executor.
#ifndef WEIR_CORE_CLUSTER_JOB_CLIENT_H_
#define WEIR_CORE_CLUSTER_JOB_CLIENT_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/cluster/cluster_options.h"
#include "core/cluster/job_result.h"
#include "core/cluster/rpc_client.h"
#include "core/env/env.h"
#include "core/proto/control.pb.h"

namespace weir {

class JobClient {
 public:
  template <class Response>
  using OnAnswer = absl::AnyInvocable<void(absl::StatusOr<Response>)>;

  // `executor` outlives this object; nothing is called back after its end. `patience`: how long after the first try a call is
  // still repeated; zero makes one try.
  JobClient(Env& env, Executor& executor, Address job_manager, ClusterTimeouts timeouts,
            absl::Duration patience = absl::InfiniteDuration());

  // From the next call on.
  void set_patience(absl::Duration patience) { patience_ = patience; }
  // Told once why calls are not answered and repeated, and OK when one is answered again. May be null.
  void set_on_silence(std::function<void(const absl::Status&)> on_silence) {
    on_silence_ = std::move(on_silence);
  }

  // Submits the job under `job_id` (32 hex digits as a rule; letters, digits, '-' and '_', at most 128). OK once it is durable, or
  // was before. InvalidArgument if the JobManager refuses it.
  void Submit(std::string job_id, const JobSubmission& submission,
              absl::AnyInvocable<void(absl::Status)> on_accepted);

  // The same for a job that is in `artifact`, whose key the submission names: gives the JobManager the artifact before, unless it has it.
  // PermissionDenied if it takes none.
  void SubmitWithArtifact(std::string job_id, const JobSubmission& submission,
                          std::shared_ptr<const std::string> artifact,
                          absl::AnyInvocable<void(absl::Status)> on_accepted);

  // Asks about the job every `interval` and calls `on_status` with each answer, until one says that it has ended. An error ends
  // it, too: NotFound if the JobManager does not know the job.
  void Watch(
      std::string job_id, absl::Duration interval,
      absl::AnyInvocable<void(const absl::StatusOr<proto::GetJobStatusResponse>&)> on_status);

  void ListJobs(OnAnswer<proto::ListJobsResponse> on_answer);
  // NotFound if there is no such job.
  void GetJobDetails(std::string job_id, OnAnswer<proto::GetJobDetailsResponse> on_answer);
  void GetClusterOverview(OnAnswer<proto::GetClusterOverviewResponse> on_answer);
  // OK once the JobManager is about to cancel it, or to stop it with a checkpoint, or if it has ended. FailedPrecondition if it
  // cannot be stopped now.
  void EndJob(std::string job_id, bool with_checkpoint, OnAnswer<proto::EndJobResponse> on_answer);

 private:
  // Repeats the call after errors that pass.
  template <class Response, class Request>
  void CallUntilAnswered(std::string method, Request request, OnAnswer<Response> on_answer);
  void TellSilence(const absl::Status& status);
  template <class Response, class Request>
  void CallUntil(absl::Duration deadline, std::string method, Request request,
                 OnAnswer<Response> on_answer);
  void PutNextChunk(std::shared_ptr<struct BlobUpload> upload, uint64_t offset);
  absl::Status Explain(const absl::Status& error) const;
  void After(absl::Duration delay, absl::AnyInvocable<void()> closure);
  void Ask(std::shared_ptr<struct JobWatch> watch);

  Env& env_;
  Executor& executor_;
  const Address job_manager_;
  const ClusterTimeouts timeouts_;
  absl::Duration patience_;
  std::function<void(const absl::Status&)> on_silence_;
  bool silence_ = false;  // What was told last.
  RpcClient rpc_;
  std::shared_ptr<JobClient*> self_ = std::make_shared<JobClient*>(this);
};

}  // namespace weir

#endif  // WEIR_CORE_CLUSTER_JOB_CLIENT_H_
