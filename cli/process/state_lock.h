// StateLock: at most one JobManager uses a state folder on this machine. Held until it is destroyed or the process ends.
#ifndef WEIR_CLI_PROCESS_STATE_LOCK_H_
#define WEIR_CLI_PROCESS_STATE_LOCK_H_

#include <string>

#include "absl/status/statusor.h"

namespace weir::cli {

class StateLock {
 public:
  // Makes `folder` if need be. Unavailable, naming the process and the remedies, if another one holds it.
  static absl::StatusOr<StateLock> Take(const std::string& folder);
  StateLock(StateLock&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  StateLock& operator=(StateLock&&) = delete;
  ~StateLock();

 private:
  explicit StateLock(int fd) : fd_(fd) {}
  int fd_ = -1;
};

}  // namespace weir::cli

#endif  // WEIR_CLI_PROCESS_STATE_LOCK_H_
