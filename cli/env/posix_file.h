// The open files of PosixFileSystem: a file descriptor and the path for messages. kIo executors
// only, see there.
#ifndef WEIR_CLI_ENV_POSIX_FILE_H_
#define WEIR_CLI_ENV_POSIX_FILE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "core/env/file_system.h"

namespace weir {

// Dies unless the caller runs on an executor of kind kIo.
void CheckOnIoExecutor(std::string_view operation, std::string_view path);

// Owns a descriptor; -1 is none.
class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(other.Release()) {}
  FileDescriptor& operator=(FileDescriptor&&) = delete;
  ~FileDescriptor() { Close(); }

  int get() const { return fd_; }
  bool open() const { return fd_ >= 0; }
  // 0 or errno.
  int Close();

 private:
  int Release() {
    const int fd = fd_;
    fd_ = -1;
    return fd;
  }
  int fd_;
};

// Unbuffered: each Append is at least one write(2), so append in large pieces.
class PosixWritableFile final : public WritableFile {
 public:
  PosixWritableFile(FileDescriptor fd, std::string path)
      : fd_(std::move(fd)), path_(std::move(path)) {}
  absl::Status Append(std::string_view data) override;
  absl::Status Sync() override;
  absl::Status Close() override;

 private:
  absl::Status CheckUsable(std::string_view operation) const;

  FileDescriptor fd_;
  const std::string path_;
};

class PosixReadableFile final : public ReadableFile {
 public:
  PosixReadableFile(FileDescriptor fd, std::string path)
      : fd_(std::move(fd)), path_(std::move(path)) {}
  absl::StatusOr<std::string> ReadAt(uint64_t offset, size_t size) override;

 private:
  FileDescriptor fd_;
  const std::string path_;
};

// Holds flock(2) on its descriptor, which excludes other holders of this process, too.
class PosixFileLock final : public FileLock {
 public:
  explicit PosixFileLock(FileDescriptor fd) : fd_(std::move(fd)) {}

 private:
  FileDescriptor fd_;
};

}  // namespace weir

#endif  // WEIR_CLI_ENV_POSIX_FILE_H_
