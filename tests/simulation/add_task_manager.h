// A TaskManager as a process of a simulated world.
#ifndef WEIR_TESTS_SIMULATION_ADD_TASK_MANAGER_H_
#define WEIR_TESTS_SIMULATION_ADD_TASK_MANAGER_H_

#include <memory>
#include <string>

#include "core/cluster/job_graph_provider.h"
#include "core/cluster/task_manager.h"
#include "sim/sim_world.h"

namespace weir {

// At address `name`, of the JobManager "jm".
inline void AddTaskManager(sim::SimWorld& world, const std::string& name, int slots,
                           const ClusterTimeouts& timeouts, const JobGraphProvider& provider) {
  TaskManager::Options options;
  options.address = name;
  options.job_manager = "jm";
  options.task_manager.slots = slots;
  options.timeouts = timeouts;
  world.AddProcess(name, [options, provider](Env& env) -> std::shared_ptr<void> {
    auto task_manager = std::make_shared<TaskManager>(env, options, provider);
    task_manager->Start();
    return task_manager;
  });
}

}  // namespace weir

#endif  // WEIR_TESTS_SIMULATION_ADD_TASK_MANAGER_H_
