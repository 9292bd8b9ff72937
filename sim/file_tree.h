// FileTree: the files of one simulated disk or shared volume, in memory.
//
// It survives the processes that use it. Files are nodes that names refer to, so open files outlive
// their names and hard links share their bytes. No symbolic links. Folders are kept in byte order
// of names. Pure: costs no time, draws nothing; whoever writes says what time it is.
//
// Paths here are absolute and normal (see NormalPath). Errors say what is wrong but not with which
// operation and path: the caller adds both. Codes are those of core/env/file_system.h.
#ifndef WEIR_SIM_FILE_TREE_H_
#define WEIR_SIM_FILE_TREE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/env/file_system.h"

namespace weir::sim {

// Without ".", "..", repeated and trailing slashes; "/" for the root. As there are no symbolic
// links, ".." is resolved in the text, also behind names that do not exist. InvalidArgument unless
// absolute.
absl::StatusOr<std::string> NormalPath(std::string_view path);

struct FileNode {
  FileType type = FileType::kFile;
  std::string bytes;
  absl::Time modified;
  uint64_t link_count = 1;
  bool read_only = false;
  uint64_t lock_holder = 0;  // 0: nobody.
  std::map<std::string, std::shared_ptr<FileNode>, std::less<>> entries;

  FileInfo Info() const;
};

using FileNodePtr = std::shared_ptr<FileNode>;

class FileTree {
 public:
  explicit FileTree(absl::Time now);
  FileTree(const FileTree&) = delete;
  FileTree& operator=(const FileTree&) = delete;

  absl::StatusOr<FileNodePtr> Find(std::string_view path) const;
  // FailedPrecondition if it is a folder.
  absl::StatusOr<FileNodePtr> FindFile(std::string_view path) const;
  // FailedPrecondition if it is not a folder.
  absl::StatusOr<FileNodePtr> FindDirectory(std::string_view path) const;

  absl::StatusOr<FileNodePtr> Create(std::string_view path, CreateMode mode, absl::Time now);
  absl::Status Truncate(std::string_view path, uint64_t size_bytes, absl::Time now);
  absl::Status Rename(std::string_view from, std::string_view to, absl::Time now);
  absl::Status Link(std::string_view from, std::string_view to, absl::Time now);
  absl::Status Remove(std::string_view path, absl::Time now);
  absl::Status CreateDirectories(std::string_view path, absl::Time now);
  absl::Status RemoveDirectory(std::string_view path, absl::Time now);
  absl::StatusOr<std::vector<DirectoryEntry>> List(std::string_view path) const;

  // Puts `node` at `path`, whose folders are created. AlreadyExists if the name is taken.
  absl::Status Attach(std::string_view path, FileNodePtr node, absl::Time now);

  // The whole content of a file, for tests and oracles.
  absl::StatusOr<std::string> Read(std::string_view path) const;

 private:
  // A name in a folder that exists; the name itself may be missing.
  struct Place {
    FileNodePtr folder;
    std::string_view name;
    FileNodePtr node;  // Null if missing.
  };

  // FailedPrecondition for the root, which has no name.
  absl::StatusOr<Place> FindPlace(std::string_view path) const;
  static void Detach(const Place& place, absl::Time now);

  FileNodePtr root_;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_FILE_TREE_H_
