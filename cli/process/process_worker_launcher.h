// ProcessWorkerLauncher: workers as child processes of this one, `weir worker` with the same configuration. Asked to end they get
// SIGTERM, and SIGKILL if they have not ended after `patience`. Used on the supervisor's executor; what is left of its children is
// killed when it is destroyed.
#ifndef WEIR_CLI_PROCESS_PROCESS_WORKER_LAUNCHER_H_
#define WEIR_CLI_PROCESS_PROCESS_WORKER_LAUNCHER_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "cli/process/child_process.h"
#include "core/cluster/worker_launcher.h"
#include "core/env/env.h"

namespace weir::cli {

class ProcessWorkerLauncher final : public WorkerLauncher {
 public:
  // `arguments` go to each worker: whom to serve and how.
  ProcessWorkerLauncher(Env& env, std::vector<std::string> arguments,
                        absl::Duration patience = absl::Seconds(5));
  ~ProcessWorkerLauncher() override;
  // The supervisor's; before the first Launch.
  void set_executor(Executor* executor) { executor_ = executor; }

  void Launch(const WorkerSpec& spec, absl::AnyInvocable<void(std::string how)> on_ended) override;
  void End(const std::string& token) override;

 private:
  struct Worker {
    ChildProcess process;
    absl::AnyInvocable<void(std::string how)> on_ended;
    absl::Duration kill_at = absl::InfiniteDuration();  // Monotonic.
  };
  void PollSoon();
  void Poll();

  Env& env_;
  const std::vector<std::string> arguments_;
  const absl::Duration patience_;
  Executor* executor_ = nullptr;
  bool polls_ = false;
  std::map<std::string, Worker> workers_;  // By token.
  std::shared_ptr<int> self_ = std::make_shared<int>();
};

}  // namespace weir::cli

#endif  // WEIR_CLI_PROCESS_PROCESS_WORKER_LAUNCHER_H_
