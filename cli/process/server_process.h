// ServerProcess: what the long-running processes of a cluster (jobmanager, taskmanager, worker) have in common: flags and
// configuration, an Env over gRPC, telling where they serve, and ending on a signal. Main thread.
#ifndef WEIR_CLI_PROCESS_SERVER_PROCESS_H_
#define WEIR_CLI_PROCESS_SERVER_PROCESS_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "CLI/App.hpp"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "cli/command.h"
#include "cli/config/config.h"
#include "cli/config/config_flags.h"
#include "cli/env/production_env.h"
#include "cli/signals.h"

namespace weir::cli {

class ServerProcess {
 public:
  explicit ServerProcess(std::vector<const ConfigOption*> options);

  void Register(CLI::App& command);

  // Loads the configuration; with a parent it also binds this process's life to it. First of all, before there are threads.
  absl::Status Load();
  const Config& config() const { return *config_; }
  bool insecure() const { return insecure_; }
  // The flags with which another process of this binary gets the same configuration.
  std::vector<std::string> ArgumentsForChild() const;

  // With `workers` worker executors, and TLS as configured.
  absl::StatusOr<std::unique_ptr<ProductionEnv>> NewEnv(int workers) const;

  // Tells `address` to who asked for it (--announce-fd).
  void Announce(const std::string& address);

  // Blocks until SIGINT or SIGTERM (a second one ends the process at once), or until End() is called. True for a signal.
  bool WaitForSignal() { return signals_->Wait() == SignalPipe::Event::kSignal; }
  // The same for at most `limit`; false if that has passed.
  bool WaitForSignalFor(absl::Duration limit) {
    return signals_->Wait(static_cast<int>(absl::ToInt64Milliseconds(limit))) ==
           SignalPipe::Event::kSignal;
  }
  // From any thread.
  void End() { signals_->Wake(); }
  // The same, after an error: says it; the process is to end with ExitCode().
  void Fail(const absl::Status& why);
  enum ExitCode ExitCode() const { return failed_ ? kExitFailed : kExitOk; }

  // Of this machine, at least 1.
  static int Processors();

 private:
  ConfigFlags flags_;
  std::optional<Config> config_;
  bool insecure_ = false;
  int announce_fd_ = -1;
  int parent_ = 0;
  bool failed_ = false;  // Set before signals_ wakes who reads it.
  std::optional<SignalPipe> signals_;
};

}  // namespace weir::cli

#endif  // WEIR_CLI_PROCESS_SERVER_PROCESS_H_
