#include "core/cluster/mini_cluster.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/cluster/job_manager.h"
#include "core/cluster/task_manager.h"

namespace weir {
namespace {

// Slots of a TaskManager that gives every job what it asks for: the largest maximum parallelism there is.
constexpr int kUnlimitedSlots = 32768;
constexpr char kJobManagerAddress[] = "jobmanager";

}  // namespace

struct MiniCluster::Impl {
  std::unique_ptr<JobManager> job_manager;
  std::vector<std::unique_ptr<TaskManager>> task_managers;
};

MiniCluster::MiniCluster(Env& env, JobGraphProvider provider, MiniClusterOptions options)
    : MiniCluster(env, std::vector<Env*>(static_cast<size_t>(options.task_managers), &env),
                  std::move(provider), options) {}

MiniCluster::MiniCluster(Env& job_manager_env, std::vector<Env*> task_manager_envs,
                         JobGraphProvider provider, MiniClusterOptions options)
    : impl_(std::make_unique<Impl>()) {
  // Metrics travel with heartbeats, and progress is made of them.
  options.timeouts.heartbeat_interval =
      std::min(options.timeouts.heartbeat_interval, options.progress_interval);
  const bool unlimited = options.task_manager.slots == 0;
  int workers = 0;
  for (Env* env : task_manager_envs) workers += env->worker_count();

  JobManager::Options job_manager;
  job_manager.address = kJobManagerAddress;
  job_manager.state_folder = options.state_folder;
  job_manager.progress_interval = options.progress_interval;
  job_manager.job = {.cluster_id = "",
                     .default_parallelism = unlimited
                                                ? workers
                                                : options.task_manager.slots *
                                                      static_cast<int>(task_manager_envs.size()),
                     .chaining = options.task_manager.chaining,
                     .fusion = options.task_manager.fusion,
                     .timeouts = options.timeouts};
  impl_->job_manager = std::make_unique<JobManager>(job_manager_env, job_manager, provider);
  impl_->job_manager->Start();
  for (size_t i = 0; i < task_manager_envs.size(); ++i) {
    TaskManager::Options task_manager;
    task_manager.address = absl::StrCat("taskmanager-", i + 1);
    task_manager.job_manager = kJobManagerAddress;
    task_manager.task_manager = options.task_manager;
    if (unlimited) task_manager.task_manager.slots = kUnlimitedSlots;
    task_manager.timeouts = options.timeouts;
    impl_->task_managers.push_back(
        std::make_unique<TaskManager>(*task_manager_envs[i], task_manager, provider));
    impl_->task_managers.back()->Start();
  }
}

MiniCluster::~MiniCluster() {
  impl_->task_managers.clear();
  impl_->job_manager.reset();
}

void MiniCluster::Submit(JobSubmission submission,
                         absl::AnyInvocable<void(const JobProgress&)> on_progress,
                         absl::AnyInvocable<void(JobResult)> on_done) {
  impl_->job_manager->Submit(std::move(submission), std::move(on_progress), std::move(on_done));
}

void MiniCluster::Stop() { impl_->job_manager->StopNewest(); }

void MiniCluster::Cancel() { impl_->job_manager->CancelNewest(); }

}  // namespace weir
