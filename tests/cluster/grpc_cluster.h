// GrpcCluster: a JobManager and TaskManagers in one process, each with an Env and a gRPC network of its own, over the loopback
// interface. For tests: what they send each other goes through sockets.
#ifndef WEIR_TESTS_CLUSTER_GRPC_CLUSTER_H_
#define WEIR_TESTS_CLUSTER_GRPC_CLUSTER_H_

#include <memory>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "cli/env/production_env.h"
#include "core/cluster/job_graph_provider.h"
#include "core/cluster/job_manager.h"
#include "core/cluster/job_result.h"
#include "core/cluster/mini_cluster.h"
#include "core/cluster/task_manager.h"

namespace weir {

class GrpcCluster {
 public:
  // Everything that the provider uses outlives the cluster. TaskManagers have one worker each.
  GrpcCluster(JobGraphProvider provider, const MiniClusterOptions& options);
  ~GrpcCluster();

  // As MiniCluster.
  void Submit(JobSubmission submission, absl::AnyInvocable<void(const JobProgress&)> on_progress,
              absl::AnyInvocable<void(JobResult)> on_done);
  void Cancel() { job_manager_->CancelNewest(); }

 private:
  ProductionEnv& NewEnv();

  std::vector<std::unique_ptr<ProductionEnv>> envs_;
  std::unique_ptr<JobManager> job_manager_;
  std::vector<std::unique_ptr<TaskManager>> task_managers_;
};

}  // namespace weir

#endif  // WEIR_TESTS_CLUSTER_GRPC_CLUSTER_H_
