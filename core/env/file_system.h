// FileSystem: POSIX files with the durability rules spelled out. Blocking, so it is called only
// from executors of kind kIo (both Envs CHECK this); actors post to one and go on when the answer
// comes back.
//
// Durability: bytes are durable after WritableFile::Sync; a name (create, rename, link, remove) is
// durable after SyncDirectory of its folder. Until then a crash may lose any of them, in any
// combination.
//
// Paths are absolute; others are InvalidArgument. Errors: NotFound, AlreadyExists,
// PermissionDenied, ResourceExhausted (disk full, quota), FailedPrecondition (not a directory, is a
// directory, not empty), Unavailable (lock held), DataLoss (I/O error), each with the path and the
// operation in the message.
#ifndef WEIR_CORE_ENV_FILE_SYSTEM_H_
#define WEIR_CORE_ENV_FILE_SYSTEM_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace weir {

enum class FileType : uint8_t { kFile, kDirectory, kOther };

struct FileInfo {
  FileType type = FileType::kFile;
  uint64_t size_bytes = 0;
  absl::Time modified;
  uint64_t link_count = 1;
};

struct DirectoryEntry {
  std::string name;  // Without the folder.
  FileType type = FileType::kFile;
};

// How Create treats a name that exists.
enum class CreateMode : uint8_t {
  kTruncate,   // Empties it.
  kExclusive,  // AlreadyExists.
  kAppend,     // Writes go behind what is there; creates it if missing.
};

// What was appended is seen by readers at once. Destroying it closes the file without syncing;
// Close() first if an error must be seen. After Close every method returns FailedPrecondition.
class WritableFile {
 public:
  virtual ~WritableFile() = default;
  // Appends all of `data`. After an error the file may hold any prefix of it.
  virtual absl::Status Append(std::string_view data) = 0;
  // Makes what was appended durable. After an error nothing that was not yet durable can be relied
  // on.
  virtual absl::Status Sync() = 0;
  virtual absl::Status Close() = 0;
};

class ReadableFile {
 public:
  virtual ~ReadableFile() = default;
  // Reads up to `size` bytes at `offset`; fewer only at the end of the file (empty: at or past it).
  virtual absl::StatusOr<std::string> ReadAt(uint64_t offset, size_t size) = 0;
};

// Advisory and exclusive between processes; released by its destruction or the end of the process.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

class FileSystem {
 public:
  virtual ~FileSystem() = default;

  virtual absl::StatusOr<std::unique_ptr<WritableFile>> Create(const std::string& path,
                                                               CreateMode mode) = 0;
  virtual absl::StatusOr<std::unique_ptr<ReadableFile>> OpenForRead(const std::string& path) = 0;

  // Cuts (or extends with zeros) to `size_bytes`.
  virtual absl::Status Truncate(const std::string& path, uint64_t size_bytes) = 0;

  // Replaces `to` atomically if it exists. Same file system only.
  virtual absl::Status Rename(const std::string& from, const std::string& to) = 0;
  // A second name for the file; AlreadyExists if `to` exists.
  virtual absl::Status Link(const std::string& from, const std::string& to) = 0;
  // Removes a file; NotFound if there is none.
  virtual absl::Status Remove(const std::string& path) = 0;

  // Creates the folder and its missing parents; OK if it exists.
  virtual absl::Status CreateDirectories(const std::string& path) = 0;
  // Removes an empty folder.
  virtual absl::Status RemoveDirectory(const std::string& path) = 0;
  virtual absl::Status SyncDirectory(const std::string& path) = 0;

  // Entries of a folder sorted by name, without "." and "..".
  virtual absl::StatusOr<std::vector<DirectoryEntry>> List(const std::string& path) = 0;
  // Follows symbolic links.
  virtual absl::StatusOr<FileInfo> Stat(const std::string& path) = 0;
  // The path without symbolic links, "." and "..".
  virtual absl::StatusOr<std::string> Canonical(const std::string& path) = 0;

  // Creates the file if missing and locks it, without waiting: Unavailable if another holder has it
  // (in this or another process).
  virtual absl::StatusOr<std::unique_ptr<FileLock>> TryLock(const std::string& path) = 0;
};

}  // namespace weir

#endif  // WEIR_CORE_ENV_FILE_SYSTEM_H_
