// StorageTask: work on storage that several processes share, cut into steps of at most one operation, so that whoever drives it
// posts step by step and a crash, or another process, can come between any two. Runs on an executor of kind kIo, which outlives
// it; knows no executor itself.
#ifndef WEIR_CORE_CHECKPOINT_STORAGE_TASK_H_
#define WEIR_CORE_CHECKPOINT_STORAGE_TASK_H_

#include <cstdint>
#include <memory>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/env/executor.h"

namespace weir {

enum class StepResult : uint8_t { kMore, kDone };

class StorageTask {
 public:
  virtual ~StorageTask() = default;
  // At most one operation of the FileSystem. After kDone or an error it must not be called again.
  virtual absl::StatusOr<StepResult> Step() = 0;
};

// Posts every step of `task` to `io`, and calls `done` there, in the turn of the last one. The task may hold results: share it.
inline void RunStorageTask(Executor& io, std::shared_ptr<StorageTask> task,
                           absl::AnyInvocable<void(absl::Status)> done) {
  io.Post([&io, task = std::move(task), done = std::move(done)]() mutable {
    const absl::StatusOr<StepResult> result = task->Step();
    if (!result.ok()) return done(result.status());
    if (*result == StepResult::kDone) return done(absl::OkStatus());
    RunStorageTask(io, std::move(task), std::move(done));
  });
}

// All steps in the calling turn: for storage that no other process uses, and tests.
inline absl::Status RunAllSteps(StorageTask& task) {
  while (true) {
    const absl::StatusOr<StepResult> result = task.Step();
    if (!result.ok()) return result.status();
    if (*result == StepResult::kDone) return absl::OkStatus();
  }
}

}  // namespace weir

#endif  // WEIR_CORE_CHECKPOINT_STORAGE_TASK_H_
