// The part of FileTree that keeps the logs of what is not durable.
#include <algorithm>
#include <utility>

#include "sim/file_tree.h"

namespace weir::sim {
namespace {

bool IsDurable(const DataChange& change) { return change.client == kDurable; }
bool IsDurableName(const NameChange& change) { return change.client == kDurable; }

// Copies nodes with all that they refer to.
class Copier {
 public:
  FileNodePtr Copy(const FileNodePtr& node) {
    if (node == nullptr || node->read_only) return node;
    FileNodePtr& copy = copies_[node->id];
    if (copy != nullptr) return copy;
    copy = std::make_shared<FileNode>();
    const FileNodePtr result = copy;  // The map may move on below.
    result->type = node->type;
    result->id = node->id;
    result->bytes = node->bytes;
    result->modified = node->modified;
    result->link_count = node->link_count;
    result->data_changes = node->data_changes;
    for (const auto& [name, entry] : node->entries) result->entries.emplace(name, Copy(entry));
    for (const NameChange& change : node->name_changes) {
      result->name_changes.push_back({.client = change.client,
                                      .id = change.id,
                                      .name = change.name,
                                      .before = Copy(change.before),
                                      .after = Copy(change.after),
                                      .other = Copy(change.other.lock())});
    }
    return result;
  }

 private:
  std::map<uint64_t, FileNodePtr> copies_;
};

}  // namespace

void FileTree::Append(const FileNodePtr& file, std::string_view data, absl::Time now,
                      ClientId client) {
  std::vector<DataChange>& log = file->data_changes;
  const uint64_t begin = file->bytes.size();
  const uint64_t end = begin + data.size();
  file->bytes.append(data);
  file->modified = now;
  if (data.empty() || (client == kDurable && log.empty())) return;
  if (!log.empty() && log.back().client == client && !log.back().cut && !log.back().given_up) {
    log.back().end = end;
    return;
  }
  log.push_back({.client = client, .begin = begin, .end = end, .removed = {}});
  NoteChanged(file);
}

void FileTree::Cut(const FileNodePtr& file, uint64_t size_bytes, absl::Time now, ClientId client) {
  std::vector<DataChange>& log = file->data_changes;
  file->modified = now;
  if (size_bytes == file->bytes.size()) return;
  if (client != kDurable || !log.empty()) {
    log.push_back({.client = client,
                   .cut = true,
                   .begin = size_bytes,
                   .end = file->bytes.size(),
                   .removed = file->bytes.substr(size_bytes)});
    NoteChanged(file);
  }
  file->bytes.resize(size_bytes);
}

bool FileTree::DropIfDurable(FileNode& node) {
  if (!std::all_of(node.data_changes.begin(), node.data_changes.end(), IsDurable) ||
      !std::all_of(node.name_changes.begin(), node.name_changes.end(), IsDurableName)) {
    return false;
  }
  node.data_changes.clear();
  node.name_changes.clear();
  return true;
}

void FileTree::ForgetDurable() {
  for (auto at = changed_.begin(); at != changed_.end();) {
    at = DropIfDurable(*at->second) ? changed_.erase(at) : std::next(at);
  }
}

void FileTree::Sync(FileNode& file, ClientId client) {
  if (file.data_changes.empty()) return;
  for (DataChange& change : file.data_changes) {
    if (change.client == client && !change.given_up) change.client = kDurable;
  }
  if (DropIfDurable(file)) changed_.erase(file.id);
}

void FileTree::GiveUp(FileNode& file, ClientId client) {
  for (DataChange& change : file.data_changes) {
    if (change.client == client) change.given_up = true;
  }
}

void FileTree::SyncDirectory(FileNode& folder) {
  if (folder.name_changes.empty()) return;
  for (NameChange& change : folder.name_changes) {
    change.client = kDurable;
    const FileNodePtr other = change.other.lock();
    if (other == nullptr) continue;
    for (NameChange& half : other->name_changes) {
      if (half.id == change.id) half.client = kDurable;
    }
  }
  ForgetDurable();
}

std::unique_ptr<FileTree> FileTree::Clone() const {
  auto clone = std::make_unique<FileTree>(root_->modified);
  Copier copier;
  clone->last_node_id_ = last_node_id_;
  clone->last_change_id_ = last_change_id_;
  clone->root_ = copier.Copy(root_);
  for (const auto& [id, node] : changed_) clone->changed_[id] = copier.Copy(node);
  return clone;
}

void FileTree::Clear(absl::Time now) {
  for (const auto& [id, node] : changed_) node->name_changes.clear();
  changed_.clear();
  root_ = NewNode(FileType::kDirectory, now);
}

}  // namespace weir::sim
