// PosixFileSystem: FileSystem on the machine's files. Has no state; safe on any number of kIo
// executors.
//
// Dies when it or one of its files is used elsewhere than on a ThreadExecutor of kind kIo (closing
// by destruction excepted): a file call on another executor would stop everything that executor
// serves while the disk is slow.
#ifndef WEIR_CLI_ENV_POSIX_FILE_SYSTEM_H_
#define WEIR_CLI_ENV_POSIX_FILE_SYSTEM_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/env/file_system.h"

namespace weir {

class PosixFileSystem final : public FileSystem {
 public:
  absl::StatusOr<std::unique_ptr<WritableFile>> Create(const std::string& path,
                                                       CreateMode mode) override;
  absl::StatusOr<std::unique_ptr<ReadableFile>> OpenForRead(const std::string& path) override;
  absl::Status Truncate(const std::string& path, uint64_t size_bytes) override;
  absl::Status Rename(const std::string& from, const std::string& to) override;
  absl::Status Link(const std::string& from, const std::string& to) override;
  absl::Status Remove(const std::string& path) override;
  absl::Status CreateDirectories(const std::string& path) override;
  absl::Status RemoveDirectory(const std::string& path) override;
  absl::Status SyncDirectory(const std::string& path) override;
  absl::StatusOr<std::vector<DirectoryEntry>> List(const std::string& path) override;
  absl::StatusOr<FileInfo> Stat(const std::string& path) override;
  absl::StatusOr<std::string> Canonical(const std::string& path) override;
  absl::StatusOr<std::unique_ptr<FileLock>> TryLock(const std::string& path) override;
};

}  // namespace weir

#endif  // WEIR_CLI_ENV_POSIX_FILE_SYSTEM_H_
