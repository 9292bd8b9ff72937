#include "tests/cluster/job_runner.h"

#include <chrono>
#include <future>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/env/production_env.h"
#include "core/base/check.h"
#include "sim/sim_world.h"
#include "tests/cluster/grpc_cluster.h"

namespace weir {
namespace {

// The cluster's callbacks write here on its executor; read it after on_done.
struct Observed {
  RunOutcome outcome;
  bool done = false;
};

template <class Cluster>
void SubmitTo(Cluster& cluster, const RunOptions& options, Observed& observed,
              std::function<void()> on_done) {
  JobSubmission submission;
  submission.job_name = "test";
  submission.parallelism = options.parallelism;
  if (options.checkpoint_interval != absl::InfiniteDuration()) {
    submission.checkpoints.durable = true;
    submission.checkpoints.mode = options.checkpoint_mode;
    submission.checkpoints.interval = options.checkpoint_interval;
    submission.checkpoint_folder = options.checkpoint_folder;
    submission.restart_strategy =
        RestartStrategy::FixedDelayOf(options.restart_attempts, absl::Milliseconds(10));
  }
  cluster.Submit(
      std::move(submission),
      [&cluster, &options, &observed, cancelled = false](const JobProgress& progress) mutable {
        observed.outcome.progress.push_back(progress);
        if (cancelled || !options.cancel_when || !options.cancel_when(progress)) return;
        cancelled = true;
        cluster.Cancel();
      },
      [&observed, on_done = std::move(on_done)](JobResult result) {
        observed.outcome.result = std::move(result);
        observed.done = true;
        on_done();
      });
}

template <class Cluster>
void RunOn(Cluster& cluster, const RunOptions& options, Observed& observed) {
  // Not absl::Notification: ThreadSanitizer does not see through Debian's Abseil.
  std::promise<void> done;
  SubmitTo(cluster, options, observed, [&done] { done.set_value(); });
  WEIR_CHECK(done.get_future().wait_for(absl::ToChronoNanoseconds(options.limit)) ==
             std::future_status::ready)
      << "the job does not end";
}

RunOutcome RunOnThreads(const JobGraphProvider& provider, const RunOptions& options) {
  Observed observed;  // Outlives the cluster.
  if (options.over_grpc) {
    GrpcCluster cluster(provider, options.cluster);
    RunOn(cluster, options, observed);
  } else {
    ProductionEnv env({.worker_count = 2});
    MiniCluster cluster(env, provider, options.cluster);
    RunOn(cluster, options, observed);
  }
  return std::move(observed.outcome);
}

RunOutcome RunSimulated(const JobGraphProvider& provider, const RunOptions& options) {
  Observed observed;
  sim::SimWorld world{sim::Seed(*options.simulated_seed)};
  std::vector<Env*> task_managers;
  for (int i = 0; i < options.cluster.task_managers; ++i) {
    task_managers.push_back(&world.HostEnv(absl::StrCat("tm-", i + 1)));
  }
  MiniCluster cluster(world.HostEnv("jm"), task_managers, provider, options.cluster);
  SubmitTo(cluster, options, observed, [] {});
  WEIR_CHECK_OK(world.RunUntil([&observed] { return observed.done; }, options.limit));
  observed.outcome.digest = world.digest();
  return std::move(observed.outcome);
}

}  // namespace

RunOutcome RunJob(const std::function<absl::StatusOr<JobGraph>()>& build, RunOptions options) {
  const JobGraphProvider provider = [&build](const JobSubmission&) { return build(); };
  return options.simulated_seed.has_value() ? RunSimulated(provider, options)
                                            : RunOnThreads(provider, options);
}

}  // namespace weir
