#include "cli/cluster_command.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <functional>
#include <utility>

#include "CLI/Validators.hpp"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "cli/config/config_options.h"
#include "cli/message.h"
#include "core/base/check.h"
#include "core/base/status_macros.h"
#include "fmt/format.h"

namespace weir::cli {
namespace {

constexpr char kFooter[] = R"(
  weir cluster --taskmanagers=2        until Ctrl-C; in another terminal:
  weir submit word_count --input=README.md
  weir list)";

constexpr int kTaskManagersMax = 64;
constexpr absl::Duration kStartLimit = absl::Seconds(30);
constexpr int kPollMillis = 50;
constexpr absl::Duration kStopPatience = absl::Seconds(10);
constexpr absl::Duration kCheckInterval = absl::Milliseconds(50);

// What comes before the end of the line or the end of the writer.
absl::StatusOr<std::string> ReadLine(int fd, absl::Duration limit,
                                     const std::function<bool()>& interrupted) {
  const absl::Time deadline = absl::Now() + limit;
  std::string line;
  while (true) {
    const int64_t left_ms = absl::ToInt64Milliseconds(deadline - absl::Now());
    if (interrupted()) return absl::CancelledError("was still starting when it was interrupted");
    pollfd readable = {.fd = fd, .events = POLLIN, .revents = 0};
    if (left_ms > 0 && poll(&readable, 1, kPollMillis) <= 0) continue;
    if (left_ms <= 0) {
      return absl::DeadlineExceededError(
          absl::StrCat("does not say within ", absl::FormatDuration(limit), " that it serves"));
    }
    char byte = 0;
    const ssize_t got = read(fd, &byte, 1);
    if (got < 0) continue;  // Interrupted.
    if (got == 0) return absl::UnavailableError("ended before it served");
    if (byte == '\n') return line;
    line += byte;
  }
}

}  // namespace

ClusterCommand::ClusterCommand()
    : process_({&kJobManagerRpcAddress, &kTaskManagerSlots, &kStateDir, &kParallelismDefault}) {}

CLI::App* ClusterCommand::Register(CLI::App& app) {
  CLI::App* const command = app.add_subcommand(
      "cluster", "Run a JobManager and TaskManagers on this machine, to try things out");
  command->add_option("--taskmanagers", task_managers_, "How many TaskManagers")
      ->capture_default_str()
      ->check(CLI::Range(1, kTaskManagersMax));
  process_.Register(*command);
  command->footer(kFooter);
  return command;
}

ExitCode ClusterCommand::Run() {
  if (absl::Status loaded = process_.Load(); !loaded.ok()) {
    PrintError(loaded, "");
    return kExitUsage;
  }
  if (absl::Status started = StartAll(); !started.ok()) {
    StopAll();
    PrintError(started, "");
    return kExitFailed;
  }
  std::printf(
      "The cluster runs. `weir submit JOB` starts a job, `weir list` shows what runs; "
      "Ctrl-C stops the cluster.\n");
  std::fflush(stdout);
  bool any = true;
  while (any && !process_.WaitForSignalFor(kCheckInterval)) any = CheckChildren();
  if (!any) {
    PrintError(absl::UnavailableError("no process of the cluster is left"), "");
    return kExitFailed;
  }
  std::printf("Stopping the cluster. Ctrl-C once more ends it at once.\n");
  std::fflush(stdout);
  StopAll();
  return kExitOk;
}

absl::Status ClusterCommand::StartAll() {
  std::vector<std::string> arguments = process_.ArgumentsForChild();
  arguments.insert(arguments.begin(), "jobmanager");
  WEIR_RETURN_IF_ERROR(StartChild("JobManager", arguments));
  arguments.front() = "taskmanager";
  // It may have taken any free port.
  arguments.push_back("--jobmanager=" + children_.front().address);
  for (int i = 1; i <= task_managers_; ++i) {
    WEIR_RETURN_IF_ERROR(StartChild(absl::StrCat("TaskManager ", i), arguments));
  }
  return absl::OkStatus();
}

absl::Status ClusterCommand::StartChild(const std::string& name,
                                        std::vector<std::string> arguments) {
  int ends[2];
  WEIR_CHECK(pipe2(ends, O_CLOEXEC) == 0);
  arguments.push_back(absl::StrCat("--announce-fd=", ends[1]));
  arguments.push_back(absl::StrCat("--parent=", getpid()));
  absl::StatusOr<ChildProcess> process = ChildProcess::Start(arguments, ends[1]);
  close(ends[1]);
  absl::StatusOr<std::string> address;
  if (process.ok()) {
    children_.push_back({.name = name, .process = *process, .address = ""});
    address = ReadLine(ends[0], kStartLimit,
                       [this] { return process_.WaitForSignalFor(absl::ZeroDuration()); });
  } else {
    address = process.status();
  }
  close(ends[0]);
  if (!address.ok()) {
    return absl::Status(address.status().code(),
                        absl::StrCat("the ", name, " ", std::string(address.status().message())));
  }
  children_.back().address = *std::move(address);
  return absl::OkStatus();
}

bool ClusterCommand::CheckChildren() {
  bool any = false;
  for (Child& child : children_) {
    if (child.ended) continue;
    const std::optional<std::string> how = child.process.Poll();
    if (!how.has_value()) {
      any = true;
      continue;
    }
    child.ended = true;
    std::fputs(fmt::format("weir: the {} at {} (process {}) {}\n", child.name, child.address,
                           child.process.pid(), *how)
                   .c_str(),
               stderr);
  }
  return any;
}

void ClusterCommand::StopAll() {
  // TaskManagers first, so that they find somebody to take leave of.
  for (size_t i = children_.size(); i-- > 1;) children_[i].process.Signal(SIGTERM);
  const absl::Time deadline = absl::Now() + kStopPatience;
  const auto await = [&](Child& child) {
    while (!child.process.Poll().has_value() && absl::Now() < deadline) {
      absl::SleepFor(absl::Milliseconds(5));
    }
    child.process.Signal(SIGKILL);
    child.process.Wait();
  };
  for (size_t i = 1; i < children_.size(); ++i) await(children_[i]);
  if (children_.empty()) return;
  children_.front().process.Signal(SIGTERM);
  await(children_.front());
}

}  // namespace weir::cli
