#include "sim/file_tree.h"

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"

namespace weir::sim {
namespace {

absl::Status NotADirectory() { return absl::FailedPreconditionError("not a directory"); }
absl::Status IsADirectory() { return absl::FailedPreconditionError("is a directory"); }
absl::Status ReadOnly() { return absl::PermissionDeniedError("read-only"); }

// Takes the next name off `path`; empty at the end.
std::string_view TakeName(std::string_view& path) {
  while (!path.empty() && path.front() == '/') path.remove_prefix(1);
  const std::string_view name = path.substr(0, path.find('/'));
  path.remove_prefix(name.size());
  return name;
}

bool IsDirectory(const FileNode& node) { return node.type == FileType::kDirectory; }

}  // namespace

absl::StatusOr<std::string> NormalPath(std::string_view path) {
  if (path.empty() || path.front() != '/')
    return absl::InvalidArgumentError("not an absolute path");
  std::string normal;
  for (std::string_view name = TakeName(path); !name.empty(); name = TakeName(path)) {
    if (name == ".") continue;
    if (name == "..") {
      normal.resize(normal.empty() ? 0 : normal.rfind('/'));
    } else {
      normal.append("/").append(name);
    }
  }
  return normal.empty() ? "/" : normal;
}

FileTree::FileTree(absl::Time now) : root_(NewNode(FileType::kDirectory, now)) {}

FileTree::~FileTree() {
  // Logs may refer to each other's nodes in circles.
  for (const auto& [id, node] : changed_) node->name_changes.clear();
}

FileNodePtr FileTree::NewNode(FileType type, absl::Time now) {
  auto node = std::make_shared<FileNode>();
  node->type = type;
  node->id = ++last_node_id_;
  node->modified = now;
  return node;
}

absl::StatusOr<FileNodePtr> FileTree::Find(std::string_view path) const {
  FileNodePtr node = root_;
  for (std::string_view name = TakeName(path); !name.empty(); name = TakeName(path)) {
    if (!IsDirectory(*node)) return NotADirectory();
    const auto found = node->entries.find(name);
    if (found == node->entries.end()) return absl::NotFoundError("no such file or directory");
    node = found->second;
  }
  return node;
}

absl::StatusOr<FileNodePtr> FileTree::FindFile(std::string_view path) const {
  WEIR_ASSIGN_OR_RETURN(FileNodePtr node, Find(path));
  if (IsDirectory(*node)) return IsADirectory();
  return node;
}

absl::StatusOr<FileNodePtr> FileTree::FindDirectory(std::string_view path) const {
  WEIR_ASSIGN_OR_RETURN(FileNodePtr node, Find(path));
  if (!IsDirectory(*node)) return NotADirectory();
  return node;
}

absl::StatusOr<FileTree::Place> FileTree::FindPlace(std::string_view path) const {
  if (path == "/") return absl::FailedPreconditionError("is the root of a file system");
  const size_t slash = path.rfind('/');
  WEIR_ASSIGN_OR_RETURN(FileNodePtr folder, FindDirectory(path.substr(0, slash)));
  Place place{.folder = std::move(folder), .name = path.substr(slash + 1), .node = nullptr};
  const auto found = place.folder->entries.find(place.name);
  if (found != place.folder->entries.end()) place.node = found->second;
  return place;
}

void FileTree::SetEntry(FileNode& folder, std::string_view name, const FileNodePtr& node) {
  const auto found = folder.entries.find(name);
  if (found != folder.entries.end()) {
    --found->second->link_count;
    folder.entries.erase(found);
  }
  if (node == nullptr) return;
  ++node->link_count;
  folder.entries.emplace(name, node);
}

void FileTree::ChangeEntry(const FileNodePtr& folder, std::string_view name,
                           const FileNodePtr& node, absl::Time now, ClientId client, uint64_t id,
                           const FileNodePtr& other) {
  if (client != kDurable || !folder->name_changes.empty()) {
    const auto found = folder->entries.find(name);
    folder->name_changes.push_back(
        {.client = client,
         .id = id != 0 ? id : ++last_change_id_,
         .name = std::string(name),
         .before = found == folder->entries.end() ? nullptr : found->second,
         .after = node,
         .other = other});
    NoteChanged(folder);
  }
  SetEntry(*folder, name, node);
  folder->modified = now;
}

absl::StatusOr<FileNodePtr> FileTree::Create(std::string_view path, CreateMode mode, absl::Time now,
                                             ClientId client) {
  if (path == "/") return IsADirectory();
  WEIR_ASSIGN_OR_RETURN(const Place place, FindPlace(path));
  if (place.node == nullptr) {
    FileNodePtr node = NewNode(FileType::kFile, now);
    node->link_count = 0;
    ChangeEntry(place.folder, place.name, node, now, client);
    return node;
  }
  if (mode == CreateMode::kExclusive) return absl::AlreadyExistsError("it exists");
  if (IsDirectory(*place.node)) return IsADirectory();
  if (place.node->read_only) return ReadOnly();
  if (mode == CreateMode::kTruncate) Cut(place.node, 0, now, client);
  return place.node;
}

absl::Status FileTree::Truncate(std::string_view path, uint64_t size_bytes, absl::Time now,
                                ClientId client) {
  WEIR_ASSIGN_OR_RETURN(const FileNodePtr node, FindFile(path));
  if (node->read_only) return ReadOnly();
  if (size_bytes > node->bytes.size()) {
    Append(node, std::string(size_bytes - node->bytes.size(), '\0'), now, client);
  } else {
    Cut(node, size_bytes, now, client);
  }
  return absl::OkStatus();
}

absl::Status FileTree::Rename(std::string_view from, std::string_view to, absl::Time now,
                              ClientId client) {
  WEIR_ASSIGN_OR_RETURN(const Place source, FindPlace(from));
  if (source.node == nullptr) return absl::NotFoundError("no such file or directory");
  WEIR_ASSIGN_OR_RETURN(const Place target, FindPlace(to));
  if (source.node == target.node) return absl::OkStatus();
  if (source.node->read_only) return ReadOnly();
  if (IsDirectory(*source.node) && to.substr(0, from.size()) == from && to[from.size()] == '/') {
    return absl::FailedPreconditionError("a directory cannot move into itself");
  }
  if (target.node != nullptr) {
    if (target.node->read_only) return ReadOnly();
    if (IsDirectory(*target.node) != IsDirectory(*source.node)) {
      return IsDirectory(*target.node) ? IsADirectory() : NotADirectory();
    }
    if (!target.node->entries.empty()) return absl::FailedPreconditionError("not empty");
  }
  // A file may turn up under both names if only the folder of the new one is synced; a folder has
  // one parent, and nothing is lost by a sync of the old folder.
  const bool one_folder = source.folder == target.folder;
  const uint64_t id = ++last_change_id_;
  ChangeEntry(target.folder, target.name, source.node, now, client, id,
              !one_folder && IsDirectory(*source.node) ? source.folder : nullptr);
  ChangeEntry(source.folder, source.name, nullptr, now, client, id,
              one_folder ? nullptr : target.folder);
  return absl::OkStatus();
}

absl::Status FileTree::Link(std::string_view from, std::string_view to, absl::Time now,
                            ClientId client) {
  WEIR_ASSIGN_OR_RETURN(const FileNodePtr node, Find(from));
  if (IsDirectory(*node)) return absl::PermissionDeniedError("a directory has one name");
  if (node->read_only) return ReadOnly();
  WEIR_ASSIGN_OR_RETURN(const Place target, FindPlace(to));
  if (target.node != nullptr) return absl::AlreadyExistsError("it exists");
  ChangeEntry(target.folder, target.name, node, now, client);
  return absl::OkStatus();
}

absl::Status FileTree::Remove(std::string_view path, absl::Time now, ClientId client) {
  WEIR_ASSIGN_OR_RETURN(const Place place, FindPlace(path));
  if (place.node == nullptr) return absl::NotFoundError("no such file");
  if (IsDirectory(*place.node)) return IsADirectory();
  if (place.node->read_only) return ReadOnly();
  ChangeEntry(place.folder, place.name, nullptr, now, client);
  return absl::OkStatus();
}

absl::Status FileTree::CreateDirectories(std::string_view path, absl::Time now, ClientId client) {
  FileNodePtr node = root_;
  for (std::string_view name = TakeName(path); !name.empty(); name = TakeName(path)) {
    const auto found = node->entries.find(name);
    FileNodePtr entry = found == node->entries.end() ? nullptr : found->second;
    if (entry == nullptr) {
      entry = NewNode(FileType::kDirectory, now);
      entry->link_count = 0;
      ChangeEntry(node, name, entry, now, client);
    }
    if (!IsDirectory(*entry)) return NotADirectory();
    node = std::move(entry);
  }
  return absl::OkStatus();
}

absl::Status FileTree::RemoveDirectory(std::string_view path, absl::Time now, ClientId client) {
  WEIR_ASSIGN_OR_RETURN(const Place place, FindPlace(path));
  if (place.node == nullptr) return absl::NotFoundError("no such directory");
  if (!IsDirectory(*place.node)) return NotADirectory();
  if (!place.node->entries.empty()) return absl::FailedPreconditionError("not empty");
  ChangeEntry(place.folder, place.name, nullptr, now, client);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<DirectoryEntry>> FileTree::List(std::string_view path) const {
  WEIR_ASSIGN_OR_RETURN(const FileNodePtr folder, FindDirectory(path));
  std::vector<DirectoryEntry> entries;
  for (const auto& [name, node] : folder->entries) {
    entries.push_back({.name = name, .type = node->type});
  }
  return entries;
}

absl::Status FileTree::Attach(std::string_view path, FileNodePtr node, absl::Time now) {
  node->link_count = 0;
  const size_t slash = path.rfind('/');
  WEIR_RETURN_IF_ERROR(CreateDirectories(path.substr(0, slash), now));
  WEIR_ASSIGN_OR_RETURN(const Place place, FindPlace(path));
  if (place.node != nullptr) return absl::AlreadyExistsError("it exists");
  ChangeEntry(place.folder, place.name, node, now, kDurable);
  return absl::OkStatus();
}

absl::StatusOr<std::string> FileTree::Read(std::string_view path) const {
  WEIR_ASSIGN_OR_RETURN(const FileNodePtr node, FindFile(path));
  return node->bytes;
}

}  // namespace weir::sim
