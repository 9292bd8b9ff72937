// JobClient: submits a job to a JobManager over the Network and waits for its end, whatever dies meanwhile: calls are repeated until
// they are answered, which does no harm because the client chooses the job's id. Belongs to one executor.
#ifndef WEIR_CORE_CLUSTER_JOB_CLIENT_H_
#define WEIR_CORE_CLUSTER_JOB_CLIENT_H_

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
  // `executor` outlives this object; nothing is called back after its end.
  JobClient(Env& env, Executor& executor, Address job_manager, ClusterTimeouts timeouts);

  // Submits the job under `job_id` (32 hex digits as a rule; letters, digits, '-' and '_', at most 128). OK once it is durable, or
  // was before. InvalidArgument if the JobManager refuses it.
  void Submit(std::string job_id, const JobSubmission& submission,
              absl::AnyInvocable<void(absl::Status)> on_accepted);

  // Asks about the job every `interval` and calls `on_status` with each answer, until one says that it has ended. NotFound ends
  // it, too: the JobManager does not know the job. Asked of a JobManager that is not there: again and again.
  void Watch(
      std::string job_id, absl::Duration interval,
      absl::AnyInvocable<void(const absl::StatusOr<proto::GetJobStatusResponse>&)> on_status);

 private:
  // Repeats the call after errors that pass.
  template <class Response, class Request>
  void CallUntilAnswered(std::string method, Request request,
                         absl::AnyInvocable<void(absl::StatusOr<Response>)> on_answer);
  void After(absl::Duration delay, absl::AnyInvocable<void()> closure);
  void Ask(std::shared_ptr<struct JobWatch> watch);

  Executor& executor_;
  const Address job_manager_;
  const ClusterTimeouts timeouts_;
  RpcClient rpc_;
  std::shared_ptr<JobClient*> self_ = std::make_shared<JobClient*>(this);
};

}  // namespace weir

#endif  // WEIR_CORE_CLUSTER_JOB_CLIENT_H_
