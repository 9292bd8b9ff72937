#include "tests/cluster/grpc_cluster.h"

#include <algorithm>
#include <future>
#include <utility>

#include "core/base/check.h"
#include "transport/grpc/grpc_network.h"

namespace weir {
namespace {

constexpr char kAnyPort[] = "127.0.0.1:0";

}  // namespace

ProductionEnv& GrpcCluster::NewEnv() {
  ProductionEnvOptions options;
  options.worker_count = 1;
  options.network = std::make_shared<GrpcNetwork>();
  return *envs_.emplace_back(std::make_unique<ProductionEnv>(options));
}

GrpcCluster::GrpcCluster(JobGraphProvider provider, const MiniClusterOptions& options) {
  std::promise<absl::StatusOr<Address>> serving;
  JobManager::Options job_manager;
  job_manager.address = kAnyPort;
  job_manager.state_folder = options.state_folder;
  job_manager.progress_interval = options.progress_interval;
  job_manager.on_serving = [&serving](absl::StatusOr<Address> address) {
    serving.set_value(std::move(address));
  };
  job_manager.job.timeouts = options.timeouts;
  job_manager.job.timeouts.heartbeat_interval =
      std::min(options.timeouts.heartbeat_interval, options.progress_interval);
  job_manager_ = std::make_unique<JobManager>(NewEnv(), job_manager, provider);
  job_manager_->Start();
  const absl::StatusOr<Address> address = serving.get_future().get();
  WEIR_CHECK_OK(address.status());
  for (int i = 0; i < options.task_managers; ++i) {
    TaskManager::Options task_manager;
    task_manager.address = kAnyPort;
    task_manager.job_manager = *address;
    task_manager.task_manager = options.task_manager;
    task_manager.timeouts = job_manager.job.timeouts;
    task_managers_.push_back(std::make_unique<TaskManager>(NewEnv(), task_manager, provider));
    task_managers_.back()->Start();
  }
}

GrpcCluster::~GrpcCluster() {
  task_managers_.clear();
  job_manager_.reset();
}

void GrpcCluster::Submit(JobSubmission submission,
                         absl::AnyInvocable<void(const JobProgress&)> on_progress,
                         absl::AnyInvocable<void(JobResult)> on_done) {
  job_manager_->Submit(std::move(submission), std::move(on_progress), std::move(on_done));
}

}  // namespace weir
