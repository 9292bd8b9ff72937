// MiniCluster: a JobManager and TaskManagers in one process, over the Env's Network like any other cluster (Flink's MiniCluster).
// What `weir run` uses, and tests, and the simulator's single-process worlds.
#ifndef WEIR_CORE_CLUSTER_MINI_CLUSTER_H_
#define WEIR_CORE_CLUSTER_MINI_CLUSTER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "core/cluster/cluster_options.h"
#include "core/cluster/job_graph_provider.h"
#include "core/cluster/job_result.h"
#include "core/cluster/task_manager_options.h"
#include "core/env/env.h"

namespace weir {

struct MiniClusterOptions {
  int task_managers = 1;
  // With `slots` 0 jobs get as many slots as they ask for: subtasks share the workers. A job that asks for none gets one per worker.
  TaskManagerOptions task_manager;
  ClusterTimeouts timeouts;
  // As JobManager::Options::state_folder: give it where a job goes on from an earlier process's checkpoints.
  std::string state_folder;
  absl::Duration progress_interval = absl::Milliseconds(200);
};

class MiniCluster {
 public:
  // `env` and everything the provider uses must outlive the cluster.
  MiniCluster(Env& env, JobGraphProvider provider, MiniClusterOptions options);
  // One Env for the JobManager and one per TaskManager: for simulated machines.
  MiniCluster(Env& job_manager_env, std::vector<Env*> task_manager_envs, JobGraphProvider provider,
              MiniClusterOptions options);
  // Stops everything. Must not run on an executor of `env`.
  ~MiniCluster();

  // Callable from any thread. `on_progress` (may be null) about every progress_interval, and `on_done` once, both on an executor
  // of the cluster: they must not block and must not destroy the cluster.
  void Submit(JobSubmission submission, absl::AnyInvocable<void(const JobProgress&)> on_progress,
              absl::AnyInvocable<void(JobResult)> on_done);

  // Cancels the job that was submitted last; its on_done follows with kCanceled. Callable from any thread.
  void Cancel();

  // Stops that job with a checkpoint: its on_done follows with kSuspended, and a submission that restores the folder goes on from
  // there. A job without durable checkpoints is cancelled. Callable from any thread.
  void Stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir

#endif  // WEIR_CORE_CLUSTER_MINI_CLUSTER_H_
