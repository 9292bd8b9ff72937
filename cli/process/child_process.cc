#include "cli/process/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "core/base/check.h"

namespace weir::cli {

absl::StatusOr<ChildProcess> ChildProcess::Start(const std::vector<std::string>& arguments,
                                                 int inherited) {
  // What runs now, even if the file was replaced since.
  static constexpr char kSelf[] = "/proc/self/exe";
  std::vector<std::string> words = {"weir"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);

  posix_spawn_file_actions_t files;
  WEIR_CHECK(posix_spawn_file_actions_init(&files) == 0);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  // The same number on both sides clears close-on-exec.
  if (inherited >= 0) posix_spawn_file_actions_adddup2(&files, inherited, inherited);
  posix_spawnattr_t attributes;
  WEIR_CHECK(posix_spawnattr_init(&attributes) == 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  posix_spawnattr_setpgroup(&attributes, 0);
  pid_t pid = -1;
  const int error = posix_spawn(&pid, kSelf, &files, &attributes, argv.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  if (error != 0) {
    return absl::ResourceExhaustedError(
        absl::StrCat("cannot start a process of this binary: ", std::strerror(error)));
  }
  return ChildProcess(pid);
}

std::optional<std::string> ChildProcess::Poll() {
  if (ended_.has_value()) return ended_;
  int status = 0;
  const pid_t got = waitpid(pid_, &status, WNOHANG);
  if (got == pid_) ended_ = DescribeExit(status);
  if (got < 0 && errno != EINTR) ended_ = "is gone";
  return ended_;
}

std::string ChildProcess::Wait() {
  while (!ended_.has_value()) {
    int status = 0;
    const pid_t got = waitpid(pid_, &status, 0);
    if (got == pid_) ended_ = DescribeExit(status);
    if (got < 0 && errno != EINTR) ended_ = "is gone";
  }
  return *ended_;
}

void ChildProcess::Signal(int signal) const {
  // After its end the number may be another's.
  if (!ended_.has_value()) kill(pid_, signal);
}

std::string DescribeExit(int wait_status) {
  if (WIFSIGNALED(wait_status)) {
    const int signal = WTERMSIG(wait_status);
    return absl::StrCat("was killed by signal ", signal, " (", strsignal(signal), ")");
  }
  return absl::StrCat("exited with status ", WEXITSTATUS(wait_status));
}

absl::Status DieWithParent(pid_t parent) {
  WEIR_CHECK(prctl(PR_SET_PDEATHSIG, SIGKILL) == 0);
  // It may have ended before that.
  if (getppid() == parent) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("process ", parent, ", which started this one, has ended"));
}

}  // namespace weir::cli
