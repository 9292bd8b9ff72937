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
#include "sim/file_node.h"

namespace weir::sim {

// Without ".", "..", repeated and trailing slashes; "/" for the root. As there are no symbolic
// links, ".." is resolved in the text, also behind names that do not exist. InvalidArgument unless
// absolute.
absl::StatusOr<std::string> NormalPath(std::string_view path);

class FileTree {
 public:
  explicit FileTree(absl::Time now);
  FileTree(const FileTree&) = delete;
  FileTree& operator=(const FileTree&) = delete;
  ~FileTree();

  absl::StatusOr<FileNodePtr> Find(std::string_view path) const;
  // FailedPrecondition if it is a folder.
  absl::StatusOr<FileNodePtr> FindFile(std::string_view path) const;
  // FailedPrecondition if it is not a folder.
  absl::StatusOr<FileNodePtr> FindDirectory(std::string_view path) const;

  absl::StatusOr<FileNodePtr> Create(std::string_view path, CreateMode mode, absl::Time now,
                                     ClientId client = kDurable);
  absl::Status Truncate(std::string_view path, uint64_t size_bytes, absl::Time now,
                        ClientId client = kDurable);
  absl::Status Rename(std::string_view from, std::string_view to, absl::Time now,
                      ClientId client = kDurable);
  absl::Status Link(std::string_view from, std::string_view to, absl::Time now,
                    ClientId client = kDurable);
  absl::Status Remove(std::string_view path, absl::Time now, ClientId client = kDurable);
  absl::Status CreateDirectories(std::string_view path, absl::Time now, ClientId client = kDurable);
  absl::Status RemoveDirectory(std::string_view path, absl::Time now, ClientId client = kDurable);
  absl::StatusOr<std::vector<DirectoryEntry>> List(std::string_view path) const;

  // On a file of this tree, which may have lost its name.
  void Append(const FileNodePtr& file, std::string_view data, absl::Time now,
              ClientId client = kDurable);
  // What `client` changed in the file becomes durable.
  void Sync(FileNode& file, ClientId client);
  // What it changed so far never will, unless it is written again.
  void GiveUp(FileNode& file, ClientId client);
  // The names in the folder become durable, whoever changed them: a client that sees a name can make it last.
  void SyncDirectory(FileNode& folder);

  // Puts `node` at `path`, durably; its folders are created. AlreadyExists if the name is taken.
  absl::Status Attach(std::string_view path, FileNodePtr node, absl::Time now);

  // A deep copy, with what is not durable. Read-only files are shared.
  std::unique_ptr<FileTree> Clone() const;
  // Leaves nothing.
  void Clear(absl::Time now);

  // The nodes that have a log, by id; a crash walks and changes them.
  using ChangedNodes = std::map<uint64_t, FileNodePtr>;
  ChangedNodes& changed() { return changed_; }
  // Forgets the nodes whose logs hold nothing that can be lost.
  void ForgetDurable();
  // Puts `node` (or nothing, if null) under the name and keeps the link counts. No log.
  static void SetEntry(FileNode& folder, std::string_view name, const FileNodePtr& node);

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
  FileNodePtr NewNode(FileType type, absl::Time now);
  void Cut(const FileNodePtr& file, uint64_t size_bytes, absl::Time now, ClientId client);
  void NoteChanged(const FileNodePtr& node) { changed_.try_emplace(node->id, node); }
  // Sets the entry and logs the change. `id` of 0: a change of its own.
  void ChangeEntry(const FileNodePtr& folder, std::string_view name, const FileNodePtr& node,
                   absl::Time now, ClientId client, uint64_t id = 0,
                   const FileNodePtr& other = nullptr);
  // Drops a log that holds nothing which can be lost.
  static bool DropIfDurable(FileNode& node);

  uint64_t last_node_id_ = 0;
  uint64_t last_change_id_ = 0;
  FileNodePtr root_;
  ChangedNodes changed_;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_FILE_TREE_H_
