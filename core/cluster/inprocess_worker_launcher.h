// InProcessWorkerLauncher: workers as TaskManagers inside this process, on its Env: for tests and simulated machines, where a process
// that dies takes its workers with it. Belongs to the supervisor's executor; destroyed when nothing runs there any more.
#ifndef WEIR_CORE_CLUSTER_INPROCESS_WORKER_LAUNCHER_H_
#define WEIR_CORE_CLUSTER_INPROCESS_WORKER_LAUNCHER_H_

#include <map>
#include <memory>
#include <string>

#include "core/cluster/job_graph_provider.h"
#include "core/cluster/task_manager.h"
#include "core/cluster/worker_launcher.h"
#include "core/env/env.h"

namespace weir {

class InProcessWorkerLauncher final : public WorkerLauncher {
 public:
  // Workers are TaskManagers with `options`; their addresses are the supervisor's and their token. `executor` is the
  // supervisor's: set before the first Launch.
  InProcessWorkerLauncher(Env& env, TaskManager::Options options, JobGraphProvider provider)
      : env_(env), options_(std::move(options)), provider_(std::move(provider)) {}
  void set_executor(Executor* executor) { executor_ = executor; }

  void Launch(const WorkerSpec& spec, absl::AnyInvocable<void(std::string how)> on_ended) override;
  void End(const std::string& token) override;

  // The worker dies, as a process does.
  void Kill(const std::string& token);
  size_t running() const { return workers_.size(); }

 private:
  struct Worker {
    std::unique_ptr<TaskManager> task_manager;
    absl::AnyInvocable<void(std::string how)> on_ended;
  };
  void Finish(const std::string& token, std::string how);

  Env& env_;
  const TaskManager::Options options_;
  const JobGraphProvider provider_;
  Executor* executor_ = nullptr;
  std::map<std::string, Worker> workers_;  // By token.
  std::shared_ptr<InProcessWorkerLauncher*> self_ =
      std::make_shared<InProcessWorkerLauncher*>(this);
};

}  // namespace weir

#endif  // WEIR_CORE_CLUSTER_INPROCESS_WORKER_LAUNCHER_H_
