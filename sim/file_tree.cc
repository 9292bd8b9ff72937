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

FileNodePtr NewNode(FileType type, absl::Time now) {
  auto node = std::make_shared<FileNode>();
  node->type = type;
  node->modified = now;
  return node;
}

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

FileInfo FileNode::Info() const {
  return {.type = type, .size_bytes = bytes.size(), .modified = modified, .link_count = link_count};
}

FileTree::FileTree(absl::Time now) : root_(NewNode(FileType::kDirectory, now)) {}

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

void FileTree::Detach(const Place& place, absl::Time now) {
  place.folder->entries.erase(place.folder->entries.find(place.name));
  place.folder->modified = now;
  --place.node->link_count;
}

absl::StatusOr<FileNodePtr> FileTree::Create(std::string_view path, CreateMode mode,
                                             absl::Time now) {
  if (path == "/") return IsADirectory();
  WEIR_ASSIGN_OR_RETURN(const Place place, FindPlace(path));
  if (place.node == nullptr) {
    FileNodePtr node = NewNode(FileType::kFile, now);
    place.folder->entries.emplace(place.name, node);
    place.folder->modified = now;
    return node;
  }
  if (mode == CreateMode::kExclusive) return absl::AlreadyExistsError("it exists");
  if (IsDirectory(*place.node)) return IsADirectory();
  if (place.node->read_only) return ReadOnly();
  if (mode == CreateMode::kTruncate) {
    place.node->bytes.clear();
    place.node->modified = now;
  }
  return place.node;
}

absl::Status FileTree::Truncate(std::string_view path, uint64_t size_bytes, absl::Time now) {
  WEIR_ASSIGN_OR_RETURN(const FileNodePtr node, FindFile(path));
  if (node->read_only) return ReadOnly();
  node->bytes.resize(size_bytes);
  node->modified = now;
  return absl::OkStatus();
}

absl::Status FileTree::Rename(std::string_view from, std::string_view to, absl::Time now) {
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
    Detach(target, now);
  }
  target.folder->entries.emplace(target.name, source.node);
  target.folder->modified = now;
  ++source.node->link_count;
  Detach(source, now);
  return absl::OkStatus();
}

absl::Status FileTree::Link(std::string_view from, std::string_view to, absl::Time now) {
  WEIR_ASSIGN_OR_RETURN(const FileNodePtr node, Find(from));
  if (IsDirectory(*node)) return absl::PermissionDeniedError("a directory has one name");
  if (node->read_only) return ReadOnly();
  WEIR_ASSIGN_OR_RETURN(const Place target, FindPlace(to));
  if (target.node != nullptr) return absl::AlreadyExistsError("it exists");
  target.folder->entries.emplace(target.name, node);
  target.folder->modified = now;
  ++node->link_count;
  return absl::OkStatus();
}

absl::Status FileTree::Remove(std::string_view path, absl::Time now) {
  WEIR_ASSIGN_OR_RETURN(const Place place, FindPlace(path));
  if (place.node == nullptr) return absl::NotFoundError("no such file");
  if (IsDirectory(*place.node)) return IsADirectory();
  if (place.node->read_only) return ReadOnly();
  Detach(place, now);
  return absl::OkStatus();
}

absl::Status FileTree::CreateDirectories(std::string_view path, absl::Time now) {
  FileNodePtr node = root_;
  for (std::string_view name = TakeName(path); !name.empty(); name = TakeName(path)) {
    FileNodePtr& entry = node->entries.try_emplace(std::string(name)).first->second;
    if (entry == nullptr) {
      entry = NewNode(FileType::kDirectory, now);
      node->modified = now;
    }
    if (!IsDirectory(*entry)) return NotADirectory();
    node = entry;
  }
  return absl::OkStatus();
}

absl::Status FileTree::RemoveDirectory(std::string_view path, absl::Time now) {
  WEIR_ASSIGN_OR_RETURN(const Place place, FindPlace(path));
  if (place.node == nullptr) return absl::NotFoundError("no such directory");
  if (!IsDirectory(*place.node)) return NotADirectory();
  if (!place.node->entries.empty()) return absl::FailedPreconditionError("not empty");
  Detach(place, now);
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
  const size_t slash = path.rfind('/');
  WEIR_RETURN_IF_ERROR(CreateDirectories(path.substr(0, slash), now));
  WEIR_ASSIGN_OR_RETURN(const Place place, FindPlace(path));
  if (place.node != nullptr) return absl::AlreadyExistsError("it exists");
  place.folder->entries.emplace(place.name, std::move(node));
  return absl::OkStatus();
}

absl::StatusOr<std::string> FileTree::Read(std::string_view path) const {
  WEIR_ASSIGN_OR_RETURN(const FileNodePtr node, FindFile(path));
  return node->bytes;
}

}  // namespace weir::sim
