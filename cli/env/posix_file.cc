#include "cli/env/posix_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "absl/strings/str_cat.h"
#include "cli/env/posix_error.h"
#include "cli/env/thread_executor.h"
#include "core/base/check.h"
#include "core/base/string_view.h"

namespace weir {
namespace {

// A read asks for this much at a time, so that a caller who reads "all" of a small file pays for
// its size.
constexpr size_t kReadPieceBytes = size_t{1} << 20;

}  // namespace

void CheckOnIoExecutor(std::string_view operation, std::string_view path) {
  const ThreadExecutor* executor = ThreadExecutor::Current();
  WEIR_CHECK(executor != nullptr && executor->kind() == ExecutorKind::kIo)
      << operation << " " << path << " was called on "
      << (executor == nullptr ? "no executor" : executor->name())
      << ": file calls block, post them to an executor of kind kIo";
}

int FileDescriptor::Close() {
  if (!open()) return 0;
  // Linux closes the descriptor even when it reports EINTR.
  return ::close(Release()) == 0 || errno == EINTR ? 0 : errno;
}

absl::Status PosixWritableFile::CheckUsable(std::string_view operation) const {
  CheckOnIoExecutor(operation, path_);
  if (fd_.open()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(ToAbsl(operation), " ", path_, ": the file was closed before"));
}

absl::Status PosixWritableFile::Append(std::string_view data) {
  if (absl::Status usable = CheckUsable("append"); !usable.ok()) return usable;
  while (!data.empty()) {
    const ssize_t written = ::write(fd_.get(), data.data(), data.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return PosixError(errno, "append", path_);
    }
    data.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

absl::Status PosixWritableFile::Sync() {
  if (absl::Status usable = CheckUsable("sync"); !usable.ok()) return usable;
  // Writes size and extents, too; only times may stay behind.
  while (::fdatasync(fd_.get()) != 0) {
    if (errno != EINTR) return PosixError(errno, "sync", path_);
  }
  return absl::OkStatus();
}

absl::Status PosixWritableFile::Close() {
  if (absl::Status usable = CheckUsable("close"); !usable.ok()) return usable;
  const int error = fd_.Close();
  return error == 0 ? absl::OkStatus() : PosixError(error, "close", path_);
}

absl::StatusOr<std::string> PosixReadableFile::ReadAt(uint64_t offset, size_t size) {
  CheckOnIoExecutor("read", path_);
  std::string bytes;
  while (bytes.size() < size) {
    const size_t before = bytes.size();
    const size_t piece = std::min(size - before, kReadPieceBytes);
    bytes.resize(before + piece);
    const ssize_t got =
        ::pread(fd_.get(), bytes.data() + before, piece, static_cast<off_t>(offset + before));
    const int error = got < 0 ? errno : 0;
    bytes.resize(before + (got < 0 ? 0 : static_cast<size_t>(got)));
    if (got == 0) break;
    if (got < 0 && error != EINTR) return PosixError(error, "read", path_);
  }
  return bytes;
}

}  // namespace weir
