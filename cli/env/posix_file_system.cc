#include "cli/env/posix_file_system.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/env/posix_error.h"
#include "cli/env/posix_file.h"
#include "core/base/status_macros.h"
#include "core/base/string_view.h"

namespace weir {
namespace {

// Every operation starts with this.
absl::Status CheckCall(std::string_view operation, const std::string& path) {
  CheckOnIoExecutor(operation, path);
  if (!path.empty() && path[0] == '/' && path.find('\0') == std::string::npos) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat(ToAbsl(operation), " '", path, "': the path must be absolute"));
}

absl::Status ResultOf(int result, std::string_view operation, const std::string& path) {
  return result == 0 ? absl::OkStatus() : PosixError(errno, operation, path);
}

FileDescriptor Open(const std::string& path, int flags) {
  int fd;
  do {
    fd = ::open(path.c_str(), flags | O_CLOEXEC, 0644);
  } while (fd < 0 && errno == EINTR);
  return FileDescriptor(fd);
}

FileType TypeOf(mode_t mode) {
  if (S_ISREG(mode)) return FileType::kFile;
  return S_ISDIR(mode) ? FileType::kDirectory : FileType::kOther;
}

bool IsDirectory(const std::string& path) {
  struct stat info;
  return ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

// Two paths for messages.
std::string FromTo(const std::string& from, const std::string& to) {
  return absl::StrCat(from, " -> ", to);
}

// Nothing if it has been removed meanwhile.
std::optional<DirectoryEntry> EntryOf(DIR* folder, const dirent& entry) {
  if (entry.d_type == DT_REG) return DirectoryEntry{entry.d_name, FileType::kFile};
  if (entry.d_type == DT_DIR) return DirectoryEntry{entry.d_name, FileType::kDirectory};
  // A symbolic link, which may lead nowhere, or a file system that does not say.
  struct stat info;
  if (::fstatat(::dirfd(folder), entry.d_name, &info, 0) == 0)
    return DirectoryEntry{entry.d_name, TypeOf(info.st_mode)};
  if (::fstatat(::dirfd(folder), entry.d_name, &info, AT_SYMLINK_NOFOLLOW) != 0 && errno == ENOENT)
    return std::nullopt;
  return DirectoryEntry{entry.d_name, FileType::kOther};
}

// The lock is on the file that has the name now, not on one that was removed between open and
// flock.
bool StillNamed(const FileDescriptor& fd, const std::string& path) {
  struct stat locked, named;
  return ::fstat(fd.get(), &locked) == 0 && ::stat(path.c_str(), &named) == 0 &&
         locked.st_dev == named.st_dev && locked.st_ino == named.st_ino;
}

}  // namespace

absl::StatusOr<std::unique_ptr<WritableFile>> PosixFileSystem::Create(const std::string& path,
                                                                      CreateMode mode) {
  WEIR_RETURN_IF_ERROR(CheckCall("create", path));
  int flags = O_WRONLY | O_CREAT;
  switch (mode) {
    case CreateMode::kTruncate:
      flags |= O_TRUNC;
      break;
    case CreateMode::kExclusive:
      flags |= O_EXCL;
      break;
    case CreateMode::kAppend:
      flags |= O_APPEND;
      break;
  }
  FileDescriptor fd = Open(path, flags);
  if (!fd.open()) return PosixError(errno, "create", path);
  return std::make_unique<PosixWritableFile>(std::move(fd), path);
}

absl::StatusOr<std::unique_ptr<ReadableFile>> PosixFileSystem::OpenForRead(
    const std::string& path) {
  WEIR_RETURN_IF_ERROR(CheckCall("open", path));
  FileDescriptor fd = Open(path, O_RDONLY);
  if (!fd.open()) return PosixError(errno, "open", path);
  struct stat info;
  if (::fstat(fd.get(), &info) != 0) return PosixError(errno, "open", path);
  // open(2) takes folders; the error would come at the first read.
  if (S_ISDIR(info.st_mode)) return PosixError(EISDIR, "open", path);
  return std::make_unique<PosixReadableFile>(std::move(fd), path);
}

absl::Status PosixFileSystem::Truncate(const std::string& path, uint64_t size_bytes) {
  WEIR_RETURN_IF_ERROR(CheckCall("truncate", path));
  int result;
  do {
    result = ::truncate(path.c_str(), static_cast<off_t>(size_bytes));
  } while (result != 0 && errno == EINTR);
  return ResultOf(result, "truncate", path);
}

absl::Status PosixFileSystem::Rename(const std::string& from, const std::string& to) {
  WEIR_RETURN_IF_ERROR(CheckCall("rename", from));
  WEIR_RETURN_IF_ERROR(CheckCall("rename to", to));
  if (::rename(from.c_str(), to.c_str()) == 0) return absl::OkStatus();
  // Both names of POSIX for "the folder in the way holds something".
  return PosixError(errno == EEXIST ? ENOTEMPTY : errno, "rename", FromTo(from, to));
}

absl::Status PosixFileSystem::Link(const std::string& from, const std::string& to) {
  WEIR_RETURN_IF_ERROR(CheckCall("link", from));
  WEIR_RETURN_IF_ERROR(CheckCall("link to", to));
  return ResultOf(::link(from.c_str(), to.c_str()), "link", FromTo(from, to));
}

absl::Status PosixFileSystem::Remove(const std::string& path) {
  WEIR_RETURN_IF_ERROR(CheckCall("remove", path));
  return ResultOf(::unlink(path.c_str()), "remove", path);
}

absl::Status PosixFileSystem::CreateDirectories(const std::string& path) {
  WEIR_RETURN_IF_ERROR(CheckCall("create folder", path));
  for (size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    const std::string prefix = path.substr(0, end);
    if (::mkdir(prefix.c_str(), 0755) != 0) {
      const int error = errno;  // Before IsDirectory() sets another.
      if (!IsDirectory(prefix)) {
        // Something else has the name: then a folder cannot.
        return PosixError(error == EEXIST ? ENOTDIR : error, "create folder", path);
      }
    }
    if (end == std::string::npos) return absl::OkStatus();
  }
}

absl::Status PosixFileSystem::RemoveDirectory(const std::string& path) {
  WEIR_RETURN_IF_ERROR(CheckCall("remove folder", path));
  if (::rmdir(path.c_str()) == 0) return absl::OkStatus();
  return PosixError(errno == EEXIST ? ENOTEMPTY : errno, "remove folder", path);
}

absl::Status PosixFileSystem::SyncDirectory(const std::string& path) {
  WEIR_RETURN_IF_ERROR(CheckCall("sync folder", path));
  FileDescriptor fd = Open(path, O_RDONLY | O_DIRECTORY);
  if (!fd.open()) return PosixError(errno, "sync folder", path);
  while (::fsync(fd.get()) != 0) {
    if (errno != EINTR) return PosixError(errno, "sync folder", path);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<DirectoryEntry>> PosixFileSystem::List(const std::string& path) {
  WEIR_RETURN_IF_ERROR(CheckCall("list", path));
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(path.c_str()), &::closedir);
  if (folder == nullptr) return PosixError(errno, "list", path);
  std::vector<DirectoryEntry> entries;
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(folder.get());
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    if (std::optional<DirectoryEntry> found = EntryOf(folder.get(), *entry))
      entries.push_back(*std::move(found));
  }
  if (errno != 0) return PosixError(errno, "list", path);
  std::sort(entries.begin(), entries.end(),
            [](const DirectoryEntry& a, const DirectoryEntry& b) { return a.name < b.name; });
  return entries;
}

absl::StatusOr<FileInfo> PosixFileSystem::Stat(const std::string& path) {
  WEIR_RETURN_IF_ERROR(CheckCall("stat", path));
  struct stat info;
  if (::stat(path.c_str(), &info) != 0) return PosixError(errno, "stat", path);
  FileInfo result;
  result.type = TypeOf(info.st_mode);
  result.size_bytes = static_cast<uint64_t>(info.st_size);
  result.modified = absl::TimeFromTimespec(info.st_mtim);
  result.link_count = info.st_nlink;
  return result;
}

absl::StatusOr<std::string> PosixFileSystem::Canonical(const std::string& path) {
  WEIR_RETURN_IF_ERROR(CheckCall("resolve", path));
  const std::unique_ptr<char, void (*)(void*)> resolved(::realpath(path.c_str(), nullptr),
                                                        &std::free);
  if (resolved == nullptr) return PosixError(errno, "resolve", path);
  return std::string(resolved.get());
}

absl::StatusOr<std::unique_ptr<FileLock>> PosixFileSystem::TryLock(const std::string& path) {
  WEIR_RETURN_IF_ERROR(CheckCall("lock", path));
  for (;;) {
    FileDescriptor fd = Open(path, O_RDWR | O_CREAT);
    if (!fd.open()) return PosixError(errno, "lock", path);
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno == EINTR) continue;
      if (errno != EWOULDBLOCK) return PosixError(errno, "lock", path);
      return absl::UnavailableError(
          absl::StrCat("lock ", path,
                       ": another holder has it; only one process may use this folder at a time"));
    }
    if (StillNamed(fd, path)) return std::make_unique<PosixFileLock>(std::move(fd));
  }
}

}  // namespace weir
