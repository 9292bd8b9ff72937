#include "core/cluster/inprocess_worker_launcher.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/check.h"

namespace weir {

void InProcessWorkerLauncher::Launch(const WorkerSpec& spec,
                                     absl::AnyInvocable<void(std::string how)> on_ended) {
  WEIR_CHECK(executor_ != nullptr);
  const std::string token = spec.identity.token();
  TaskManager::Options options = options_;
  options.address = absl::StrCat(spec.identity.supervisor(), "/", token);
  options.task_manager.slots = spec.slots;
  options.worker = spec.identity;
  options.on_not_wanted = [this, token, executor = executor_,
                           weak = std::weak_ptr(self_)](const absl::Status&) {
    // Later, and elsewhere: it destroys the caller.
    executor->Post([this, token, weak] {
      if (!weak.expired()) Finish(token, "exited with status 0");
    });
  };
  Worker& worker = workers_[token];
  worker.on_ended = std::move(on_ended);
  worker.task_manager = std::make_unique<TaskManager>(env_, options, provider_);
  worker.task_manager->Start();
}

void InProcessWorkerLauncher::End(const std::string& token) {
  Finish(token, "was killed by signal 15 (Terminated)");
}

void InProcessWorkerLauncher::Kill(const std::string& token) {
  Finish(token, "was killed by signal 9 (Killed)");
}

void InProcessWorkerLauncher::Finish(const std::string& token, std::string how) {
  auto node = workers_.extract(token);
  if (node.empty()) return;
  node.mapped().task_manager.reset();
  executor_->Post([on_ended = std::move(node.mapped().on_ended), how = std::move(how)]() mutable {
    on_ended(std::move(how));
  });
}

}  // namespace weir
