// InProcessMachine: a TaskManagerSupervisor whose workers are in its own process, for tests and simulated machines.
#ifndef WEIR_CORE_CLUSTER_INPROCESS_MACHINE_H_
#define WEIR_CORE_CLUSTER_INPROCESS_MACHINE_H_

#include <cstddef>
#include <string>
#include <utility>

#include "core/cluster/inprocess_worker_launcher.h"
#include "core/cluster/task_manager_supervisor.h"

namespace weir {

class InProcessMachine {
 public:
  // `worker` says what each worker is like; its address and slots are set for each.
  InProcessMachine(Env& env, TaskManagerSupervisor::Options options, TaskManager::Options worker,
                   JobGraphProvider provider)
      : launcher_(env, std::move(worker), std::move(provider)),
        supervisor_(env, std::move(options), &launcher_) {
    launcher_.set_executor(&supervisor_.executor());
  }

  void Start() { supervisor_.Start(); }

  // Workers that have not ended. Outside of turns.
  size_t workers() const { return launcher_.running(); }
  // One of them dies. Any thread.
  void KillWorker(std::string token) {
    supervisor_.executor().Post([this, token = std::move(token)] { launcher_.Kill(token); });
  }

 private:
  InProcessWorkerLauncher launcher_;
  TaskManagerSupervisor supervisor_;
};

}  // namespace weir

#endif  // WEIR_CORE_CLUSTER_INPROCESS_MACHINE_H_
