#include "cli/process/process_worker_launcher.h"

#include <signal.h>
#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/check.h"

namespace weir::cli {
namespace {

// How late the end of a worker may be noticed.
constexpr absl::Duration kPollInterval = absl::Milliseconds(20);

}  // namespace

ProcessWorkerLauncher::ProcessWorkerLauncher(Env& env, std::vector<std::string> arguments,
                                             absl::Duration patience)
    : env_(env), arguments_(std::move(arguments)), patience_(patience) {}

ProcessWorkerLauncher::~ProcessWorkerLauncher() {
  for (auto& [token, worker] : workers_) worker.process.Signal(SIGKILL);
  for (auto& [token, worker] : workers_) worker.process.Wait();
}

void ProcessWorkerLauncher::Launch(const WorkerSpec& spec,
                                   absl::AnyInvocable<void(std::string how)> on_ended) {
  WEIR_CHECK(executor_ != nullptr);
  std::vector<std::string> arguments = {"worker",
                                        absl::StrCat("--job=", spec.identity.job_id()),
                                        absl::StrCat("--supervisor=", spec.identity.supervisor()),
                                        absl::StrCat("--token=", spec.identity.token()),
                                        absl::StrCat("--slots=", spec.slots),
                                        absl::StrCat("--parent=", getpid())};
  arguments.insert(arguments.end(), arguments_.begin(), arguments_.end());
  absl::StatusOr<ChildProcess> started = ChildProcess::Start(arguments);
  if (!started.ok()) {
    executor_->Post(
        [on_ended = std::move(on_ended), how = std::string(started.status().message())]() mutable {
          on_ended(absl::StrCat("did not start: ", how));
        });
    return;
  }
  workers_.emplace(spec.identity.token(),
                   Worker{.process = *std::move(started), .on_ended = std::move(on_ended)});
  PollSoon();
}

void ProcessWorkerLauncher::End(const std::string& token) {
  auto found = workers_.find(token);
  if (found == workers_.end()) return;
  found->second.process.Signal(SIGTERM);
  found->second.kill_at = env_.clock().Monotonic() + patience_;
}

void ProcessWorkerLauncher::PollSoon() {
  if (std::exchange(polls_, true)) return;
  executor_->PostAfter(kPollInterval, [this, weak = std::weak_ptr(self_)] {
    if (!weak.expired()) Poll();
  });
}

void ProcessWorkerLauncher::Poll() {
  polls_ = false;
  for (auto it = workers_.begin(); it != workers_.end();) {
    Worker& worker = it->second;
    std::optional<std::string> how = worker.process.Poll();
    if (!how.has_value()) {
      if (env_.clock().Monotonic() > worker.kill_at) worker.process.Signal(SIGKILL);
      ++it;
      continue;
    }
    executor_->Post([on_ended = std::move(worker.on_ended), how = *std::move(how)]() mutable {
      on_ended(std::move(how));
    });
    it = workers_.erase(it);
  }
  if (!workers_.empty()) PollSoon();
}

}  // namespace weir::cli
