// StorageTaskRunner: runs the storage tasks of an actor on its I/O executor and comes back to its control executor, unless the actor
// has ended by then. A member of what it works for, which lives on the control executor; both executors outlive it.
#ifndef WEIR_CORE_CHECKPOINT_STORAGE_TASK_RUNNER_H_
#define WEIR_CORE_CHECKPOINT_STORAGE_TASK_RUNNER_H_

#include <memory>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "core/checkpoint/storage_task.h"
#include "core/env/executor.h"

namespace weir {

class StorageTaskRunner {
 public:
  StorageTaskRunner(Executor& control, Executor& io) : control_(control), io_(io) {}

  StorageTaskRunner(const StorageTaskRunner&) = delete;
  StorageTaskRunner& operator=(const StorageTaskRunner&) = delete;

  // All steps of `task` on the I/O executor, then `done` with it on the control executor.
  template <class Task>
  void Run(std::shared_ptr<Task> task, absl::AnyInvocable<void(Task&, absl::Status)> done) {
    RunStorageTask(
        io_, task,
        [&control = control_, alive = alive(), task,
         done = std::move(done)](absl::Status status) mutable {
          control.Post([alive, task, done = std::move(done), status = std::move(status)]() mutable {
            if (!alive.expired()) done(*task, std::move(status));
          });
        });
  }

  // For the control executor: `closure`, which does nothing after the end of this object.
  template <class Closure>
  auto WhileAlive(Closure closure) const {
    return [alive = alive(), closure = std::move(closure)]() mutable {
      if (!alive.expired()) closure();
    };
  }

  // Expires with this object.
  std::weak_ptr<const void> alive() const { return life_; }

 private:
  Executor& control_;
  Executor& io_;
  const std::shared_ptr<const int> life_ = std::make_shared<const int>(0);
};

}  // namespace weir

#endif  // WEIR_CORE_CHECKPOINT_STORAGE_TASK_RUNNER_H_
