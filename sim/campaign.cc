#include "sim/campaign.h"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "sim/seed_run.h"

namespace weir::sim {
namespace {

// A run in a process of its own: its report comes through a pipe, what it has to say when it dies through another.
struct Child {
  uint64_t seed = 0;
  pid_t pid = 0;
  int report_fd = -1;
  int errors_fd = -1;
  std::string report;
  std::string errors;
};

absl::Status SystemError(const char* what) {
  return absl::UnavailableError(absl::StrCat(what, ": ", std::strerror(errno)));
}

void WriteAll(int fd, const std::string& text) {
  for (size_t done = 0; done < text.size();) {
    const ssize_t written = write(fd, text.data() + done, text.size() - done);
    if (written < 0 && errno != EINTR) return;
    if (written > 0) done += static_cast<size_t>(written);
  }
}

[[noreturn]] void RunChild(const CampaignOptions& options, uint64_t seed, int report_fd,
                           int errors_fd) {
  dup2(errors_fd, STDERR_FILENO);
  alarm(options.seed_seconds_max);
  const absl::StatusOr<SeedReport> report = RunSeed({.seed = seed, .job = options.job});
  if (report.ok()) {
    WriteAll(report_fd, ToJson(*report));
  } else {
    WriteAll(errors_fd, absl::StrCat(report.status().message(), "\n"));
  }
  _exit(0);  // Nothing of the parent's is flushed or destroyed here.
}

absl::StatusOr<Child> StartChild(const CampaignOptions& options, uint64_t seed) {
  int report[2];
  int errors[2];
  if (pipe(report) != 0) return SystemError("no pipe");
  if (pipe(errors) != 0) return SystemError("no pipe");
  std::fflush(nullptr);
  const pid_t pid = fork();
  if (pid < 0) return SystemError("no process");
  if (pid == 0) {
    close(report[0]);
    close(errors[0]);
    RunChild(options, seed, report[1], errors[1]);
  }
  close(report[1]);
  close(errors[1]);
  return Child{.seed = seed, .pid = pid, .report_fd = report[0], .errors_fd = errors[0]};
}

// False at the end.
bool ReadSome(int fd, std::string& into) {
  char bytes[65536];
  const ssize_t count = read(fd, bytes, sizeof(bytes));
  if (count > 0) into.append(bytes, static_cast<size_t>(count));
  return count > 0 || (count < 0 && errno == EINTR);
}

// The first line that is no stack frame says what failed.
std::string FirstLine(const std::string& text) { return text.substr(0, text.find('\n')); }

SeedReport CrashReport(const CampaignOptions& options, const Child& child, int status) {
  SeedReport report;
  report.seed = child.seed;
  report.job = options.job;
  report.verdict = Verdict::kCrash;
  report.oracle = "no crash";
  report.what = FirstLine(child.errors);
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM) {
    report.oracle = "ends in time";
    report.what = absl::StrCat("still running after ", options.seed_seconds_max, " s");
  } else if (WIFSIGNALED(status)) {
    absl::StrAppend(&report.what, report.what.empty() ? "" : "; ", "signal ", WTERMSIG(status));
  }
  return report;
}

SeedReport FinishChild(const CampaignOptions& options, const Child& child) {
  close(child.report_fd);
  close(child.errors_fd);
  int status = 0;
  while (waitpid(child.pid, &status, 0) < 0 && errno == EINTR) {
  }
  absl::StatusOr<SeedReport> report = SeedReportFromJson(child.report);
  return report.ok() ? *std::move(report) : CrashReport(options, child, status);
}

}  // namespace

absl::Status RunCampaign(const CampaignOptions& options,
                         const std::function<void(const SeedReport&)>& on_report) {
  std::vector<Child> children;
  uint64_t started = 0;
  uint64_t seeds = options.seeds;
  while (started < seeds || !children.empty()) {
    while (started < seeds && children.size() < static_cast<size_t>(options.processes)) {
      if (options.goes_on && !options.goes_on()) {
        seeds = started;
        break;
      }
      const uint64_t nth = options.backwards ? options.seeds - 1 - started : started;
      WEIR_ASSIGN_OR_RETURN(Child child, StartChild(options, options.first_seed + nth));
      children.push_back(std::move(child));
      ++started;
    }
    if (children.empty()) break;
    std::vector<pollfd> waits;
    for (const Child& child : children) {
      waits.push_back({.fd = child.report_fd, .events = POLLIN, .revents = 0});
      waits.push_back({.fd = child.errors_fd, .events = POLLIN, .revents = 0});
    }
    if (poll(waits.data(), waits.size(), -1) < 0 && errno != EINTR) return SystemError("poll");
    for (size_t i = children.size(); i-- > 0;) {
      Child& child = children[i];
      const bool errors_left =
          waits[2 * i + 1].revents == 0 || ReadSome(child.errors_fd, child.errors);
      const bool report_left = waits[2 * i].revents == 0 || ReadSome(child.report_fd, child.report);
      if (report_left && errors_left) continue;
      if (report_left || errors_left) {
        // One end closes a moment before the other.
        while (ReadSome(child.report_fd, child.report)) {
        }
        while (ReadSome(child.errors_fd, child.errors)) {
        }
      }
      const Child ended = std::move(child);
      children.erase(children.begin() + static_cast<std::ptrdiff_t>(i));
      on_report(FinishChild(options, ended));
    }
  }
  return absl::OkStatus();
}

}  // namespace weir::sim
