// WorkerLauncher: starts and ends the worker processes of one machine, for a TaskManagerSupervisor and on its executor. What a
// process is belongs to the composition root: a child of the operating system, or TaskManagers inside a simulated process.
#ifndef WEIR_CORE_CLUSTER_WORKER_LAUNCHER_H_
#define WEIR_CORE_CLUSTER_WORKER_LAUNCHER_H_

#include <string>

#include "absl/functional/any_invocable.h"
#include "core/proto/control.pb.h"

namespace weir {

struct WorkerSpec {
  proto::WorkerIdentity identity;  // Its token names the worker from here on.
  int slots = 1;
};

class WorkerLauncher {
 public:
  virtual ~WorkerLauncher() = default;

  // Starts a fresh worker. `on_ended` runs once, later, on the supervisor's executor, when it has ended or could not be started:
  // "exited with status 1", "was killed by signal 9 (Killed)".
  virtual void Launch(const WorkerSpec& spec,
                      absl::AnyInvocable<void(std::string how)> on_ended) = 0;

  // Asks the worker to end, and ends it by force if it does not soon. Does nothing if it has ended.
  virtual void End(const std::string& token) = 0;
};

}  // namespace weir

#endif  // WEIR_CORE_CLUSTER_WORKER_LAUNCHER_H_
