#include "cli/process/state_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace weir::cli {
namespace {

constexpr size_t kPidBytesMax = 32;

}  // namespace

absl::StatusOr<StateLock> StateLock::Take(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  const std::string path = folder + "/jobmanager.lock";
  const int fd = error ? -1 : open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) {
    return absl::PermissionDeniedError(absl::StrCat(
        "cannot use the folder ", folder, ": ", error ? error.message() : std::strerror(errno),
        "; choose another one with --state-dir=FOLDER"));
  }
  StateLock lock(fd);
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    char text[kPidBytesMax] = {};
    int pid = 0;
    const bool named = read(fd, text, sizeof(text) - 1) > 0 && absl::SimpleAtoi(text, &pid);
    return absl::UnavailableError(absl::StrCat(
        "a JobManager uses ", folder, " already", named ? absl::StrCat(" (process ", pid, ")") : "",
        "; stop it, or choose another folder with --state-dir=FOLDER"));
  }
  const std::string pid = absl::StrCat(getpid(), "\n");
  // Only for that message.
  if (ftruncate(fd, 0) == 0) [[maybe_unused]]
    const ssize_t written = pwrite(fd, pid.data(), pid.size(), 0);
  return lock;
}

StateLock::~StateLock() {
  if (fd_ >= 0) close(fd_);
}

}  // namespace weir::cli
