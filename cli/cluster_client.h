// ClusterClient: what the main thread of a command asks a JobManager, one call after the other. Calls wait for the answer; Ctrl-C
// ends the waiting (Cancelled), a second one the process. Everything that is printed meanwhile comes from one executor.
#ifndef WEIR_CLI_CLUSTER_CLIENT_H_
#define WEIR_CLI_CLUSTER_CLIENT_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli/progress_printer.h"
#include "core/cluster/cluster_options.h"
#include "core/cluster/job_client.h"
#include "core/env/env.h"
#include "core/proto/control.pb.h"

namespace weir::cli {

class ClusterClient {
 public:
  // `env` must outlive the client.
  ClusterClient(Env& env, Address job_manager, ClusterTimeouts timeouts);
  ~ClusterClient();

  const Address& job_manager() const { return job_manager_; }

  // Errors as in JobClient. A call that finds nobody is not repeated.
  absl::StatusOr<proto::ListJobsResponse> ListJobs();
  // The job that `text` means, as in SelectJob().
  absl::StatusOr<proto::JobOverview> FindJob(const std::string& text);
  absl::StatusOr<proto::GetJobDetailsResponse> GetJobDetails(const std::string& job_id);
  absl::StatusOr<proto::GetClusterOverviewResponse> GetClusterOverview();
  // `artifact`: what submission.artifact is the key of; null if there is none. It is uploaded.
  absl::Status Submit(const std::string& job_id, const JobSubmission& submission,
                      std::shared_ptr<const std::string> artifact);
  absl::Status EndJob(const std::string& job_id, bool with_checkpoint);

  // Shows the job's progress until it has ended. Survives that the JobManager does not answer for up to a minute.
  absl::Status WaitForEnd(const std::string& job_id, ProgressPrinter& printer);

  // 32 hex digits, Flink's form.
  std::string NewJobId();

 private:
  template <class Response>
  absl::StatusOr<Response> Await(
      absl::AnyInvocable<void(JobClient::OnAnswer<Response> on_answer)> call);

  Env& env_;
  const Address job_manager_;
  const std::unique_ptr<Executor> executor_;
  JobClient client_;  // Belongs to executor_.
};

}  // namespace weir::cli

#endif  // WEIR_CLI_CLUSTER_CLIENT_H_
