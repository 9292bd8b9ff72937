// ChildProcess: a process that this one started, of this very binary. Children are told to die with their parent (DieWithParent), so
// none outlives a killed one. Not thread-safe.
#ifndef WEIR_CLI_PROCESS_CHILD_PROCESS_H_
#define WEIR_CLI_PROCESS_CHILD_PROCESS_H_

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace weir::cli {

class ChildProcess {
 public:
  // Runs this binary with `arguments` (without its name), in a process group of its own, so that a Ctrl-C in the terminal reaches
  // the parent only. It inherits stdout and stderr, and `inherited` if that is a descriptor; stdin is empty.
  static absl::StatusOr<ChildProcess> Start(const std::vector<std::string>& arguments,
                                            int inherited = -1);

  pid_t pid() const { return pid_; }
  // Once it has ended: how, as DescribeExit says. Does not wait.
  std::optional<std::string> Poll();
  // The same, and waits.
  std::string Wait();
  void Signal(int signal) const;

 private:
  explicit ChildProcess(pid_t pid) : pid_(pid) {}
  pid_t pid_ = -1;
  std::optional<std::string> ended_;
};

// Of a status of waitpid(2): "exited with status 1", "was killed by signal 9 (Killed)". Pure.
std::string DescribeExit(int wait_status);

// In the child, first of all: the kernel kills this process when its parent ends. `parent` is who started it; FailedPrecondition if
// that has ended already.
absl::Status DieWithParent(pid_t parent);

}  // namespace weir::cli

#endif  // WEIR_CLI_PROCESS_CHILD_PROCESS_H_
