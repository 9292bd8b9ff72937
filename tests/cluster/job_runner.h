// Runs a job on a cluster and waits for its result: on threads (ProductionEnv), there also with a gRPC network for each process, or
// in a simulated world. For tests.
#ifndef WEIR_TESTS_CLUSTER_JOB_RUNNER_H_
#define WEIR_TESTS_CLUSTER_JOB_RUNNER_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/checkpoint/checkpoint_coordinator.h"
#include "core/cluster/job_result.h"
#include "core/cluster/mini_cluster.h"
#include "core/graph/job_graph.h"

namespace weir {

struct RunOptions {
  // Absent: on threads. Otherwise JobManager and TaskManagers on a simulated machine each.
  std::optional<uint64_t> simulated_seed;
  // On threads: what the processes of the cluster send each other goes over gRPC.
  bool over_grpc = false;
  MiniClusterOptions cluster;
  int parallelism = 1;
  // Durable checkpoints every so often, into `checkpoint_folder`; infinite: none.
  absl::Duration checkpoint_interval = absl::InfiniteDuration();
  CheckpointMode checkpoint_mode = CheckpointMode::kExactlyOnce;
  std::string checkpoint_folder = "/shared/checkpoints";  // Threads: must be given.
  int restart_attempts = 0;
  // Cancels the job when this first returns true for a progress report.
  std::function<bool(const JobProgress&)> cancel_when;
  absl::Duration limit = absl::Minutes(10);  // Virtual if simulated, else real.
};

struct RunOutcome {
  JobResult result;
  std::vector<JobProgress> progress;
  uint64_t digest = 0;  // Of the simulated world.
};

// `build` is called once by the JobManager and once by every TaskManager; it must describe the same job each time. Aborts the test
// process if the job does not end within the limit.
RunOutcome RunJob(const std::function<absl::StatusOr<JobGraph>()>& build, RunOptions options);

}  // namespace weir

#endif  // WEIR_TESTS_CLUSTER_JOB_RUNNER_H_
