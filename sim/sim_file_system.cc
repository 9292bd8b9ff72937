#include "sim/sim_file_system.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/check.h"
#include "core/base/hash.h"
#include "core/base/status_macros.h"
#include "core/base/string_view.h"
#include "sim/digest.h"

namespace weir::sim {
namespace {

class SimWritableFile final : public WritableFile {
 public:
  SimWritableFile(FileSystemContext* context, SimVolume* volume, std::string path, FileNodePtr node)
      : context_(context), volume_(volume), path_(std::move(path)), node_(std::move(node)) {}

  absl::Status Append(std::string_view data) override {
    context_->Begin(*volume_, DiskWork::kTransfer, data.size());
    if (node_ == nullptr) return context_->End("append", path_, Closed());
    node_->bytes.append(data);
    node_->modified = context_->clock->Wall();
    return context_->End("append", path_, absl::OkStatus(), StableHash64(data));
  }

  absl::Status Sync() override {
    context_->Begin(*volume_, DiskWork::kSync);
    return context_->End("sync", path_, node_ == nullptr ? Closed() : absl::OkStatus());
  }

  absl::Status Close() override {
    context_->Begin(*volume_, DiskWork::kMetadata);
    const bool open = std::exchange(node_, nullptr) != nullptr;
    return context_->End("close", path_, open ? absl::OkStatus() : Closed());
  }

 private:
  static absl::Status Closed() { return absl::FailedPreconditionError("the file is closed"); }

  FileSystemContext* context_;
  SimVolume* volume_;
  const std::string path_;
  FileNodePtr node_;  // Null once closed.
};

class SimReadableFile final : public ReadableFile {
 public:
  SimReadableFile(FileSystemContext* context, SimVolume* volume, std::string path, FileNodePtr node)
      : context_(context), volume_(volume), path_(std::move(path)), node_(std::move(node)) {}

  absl::StatusOr<std::string> ReadAt(uint64_t offset, size_t size) override {
    const std::string& bytes = node_->bytes;
    const uint64_t end = bytes.size() - std::min<uint64_t>(offset, bytes.size());
    const size_t count = static_cast<size_t>(std::min<uint64_t>(size, end));
    context_->Begin(*volume_, DiskWork::kTransfer, count);
    WEIR_RETURN_IF_ERROR(context_->End("read", path_, absl::OkStatus(), MixWords(offset, count)));
    return count == 0 ? std::string() : bytes.substr(offset, count);
  }

 private:
  FileSystemContext* context_;
  SimVolume* volume_;
  const std::string path_;
  const FileNodePtr node_;
};

class SimFileLock final : public FileLock {
 public:
  SimFileLock(FileNodePtr node, uint64_t id) : node_(std::move(node)), id_(id) {
    node_->lock_holder = id_;
  }
  ~SimFileLock() override {
    if (node_->lock_holder == id_) node_->lock_holder = 0;
  }

 private:
  const FileNodePtr node_;
  const uint64_t id_;
};

}  // namespace

void FileSystemContext::Begin(SimVolume& volume, DiskWork work, uint64_t size_bytes) {
  WEIR_CHECK(io_executors.contains(loop->current()))
      << "the file system of " << process << " was used outside of its executors of kind kIo";
  loop->Charge(volume.CostOf(work, size_bytes));
}

absl::Status FileSystemContext::End(std::string_view operation, std::string_view path,
                                    const absl::Status& status, uint64_t payload_hash) {
  const uint64_t what = MixWords(StableHash64(operation), StableHash64(path));
  const uint64_t outcome = MixWords(static_cast<uint64_t>(status.code()), payload_hash);
  recorder->Add(EventKind::kFile, loop->now(), machine, MixWords(what, outcome), [&] {
    return absl::StrCat(process, " ", ToAbsl(operation), " ", ToAbsl(path), " ",
                        absl::StatusCodeToString(status.code()));
  });
  if (status.ok()) return status;
  return absl::Status(status.code(),
                      absl::StrCat(ToAbsl(operation), " ", ToAbsl(path), ": ", status.message()));
}

absl::StatusOr<SimFileSystem::Place> SimFileSystem::Resolve(const std::string& path) const {
  WEIR_ASSIGN_OR_RETURN(std::string normal, NormalPath(path));
  const std::string& mount = context_.shared_path;
  if (normal.compare(0, mount.size(), mount) != 0) return Place{context_.disk, std::move(normal)};
  if (normal.size() == mount.size()) return Place{context_.shared, "/"};
  if (normal[mount.size()] != '/') return Place{context_.disk, std::move(normal)};
  return Place{context_.shared, normal.substr(mount.size())};
}

template <typename Function>
absl::Status SimFileSystem::Run(std::string_view operation, const std::string& path,
                                Function&& function, DiskWork work) {
  const absl::StatusOr<Place> place = Resolve(path);
  context_.Begin(place.ok() ? *place->volume : *context_.disk, work);
  return context_.End(operation, path, place.ok() ? function(*place) : place.status());
}

template <typename Function>
absl::Status SimFileSystem::RunPair(std::string_view operation, const std::string& from,
                                    const std::string& to, Function&& function) {
  const auto run = [&](const Place& source) -> absl::Status {
    WEIR_ASSIGN_OR_RETURN(const Place target, Resolve(to));
    if (source.volume != target.volume) {
      return absl::FailedPreconditionError("on different file systems");
    }
    return function(source.volume->files, source.path, target.path);
  };
  const absl::StatusOr<Place> place = Resolve(from);
  context_.Begin(place.ok() ? *place->volume : *context_.disk, DiskWork::kMetadata);
  return context_.End(operation, absl::StrCat(from, " to ", to),
                      place.ok() ? run(*place) : place.status());
}

absl::StatusOr<std::unique_ptr<WritableFile>> SimFileSystem::Create(const std::string& path,
                                                                    CreateMode mode) {
  std::unique_ptr<WritableFile> file;
  WEIR_RETURN_IF_ERROR(Run("create", path, [&](const Place& place) -> absl::Status {
    WEIR_ASSIGN_OR_RETURN(FileNodePtr node, place.volume->files.Create(place.path, mode, now()));
    file = std::make_unique<SimWritableFile>(&context_, place.volume, path, std::move(node));
    return absl::OkStatus();
  }));
  return file;
}

absl::StatusOr<std::unique_ptr<ReadableFile>> SimFileSystem::OpenForRead(const std::string& path) {
  std::unique_ptr<ReadableFile> file;
  WEIR_RETURN_IF_ERROR(Run("open", path, [&](const Place& place) -> absl::Status {
    WEIR_ASSIGN_OR_RETURN(FileNodePtr node, place.volume->files.FindFile(place.path));
    file = std::make_unique<SimReadableFile>(&context_, place.volume, path, std::move(node));
    return absl::OkStatus();
  }));
  return file;
}

absl::Status SimFileSystem::Truncate(const std::string& path, uint64_t size_bytes) {
  return Run("truncate", path, [&](const Place& place) {
    return place.volume->files.Truncate(place.path, size_bytes, now());
  });
}

absl::Status SimFileSystem::Rename(const std::string& from, const std::string& to) {
  return RunPair("rename", from, to,
                 [&](FileTree& files, const std::string& source, const std::string& target) {
                   return files.Rename(source, target, now());
                 });
}

absl::Status SimFileSystem::Link(const std::string& from, const std::string& to) {
  return RunPair("link", from, to,
                 [&](FileTree& files, const std::string& source, const std::string& target) {
                   return files.Link(source, target, now());
                 });
}

absl::Status SimFileSystem::Remove(const std::string& path) {
  return Run("remove", path,
             [&](const Place& place) { return place.volume->files.Remove(place.path, now()); });
}

absl::Status SimFileSystem::CreateDirectories(const std::string& path) {
  return Run("create directories", path, [&](const Place& place) {
    return place.volume->files.CreateDirectories(place.path, now());
  });
}

absl::Status SimFileSystem::RemoveDirectory(const std::string& path) {
  return Run("remove directory", path, [&](const Place& place) {
    return place.volume->files.RemoveDirectory(place.path, now());
  });
}

absl::Status SimFileSystem::SyncDirectory(const std::string& path) {
  return Run(
      "sync directory", path,
      [&](const Place& place) { return place.volume->files.FindDirectory(place.path).status(); },
      DiskWork::kSync);
}

absl::StatusOr<std::vector<DirectoryEntry>> SimFileSystem::List(const std::string& path) {
  std::vector<DirectoryEntry> entries;
  WEIR_RETURN_IF_ERROR(Run("list", path, [&](const Place& place) -> absl::Status {
    WEIR_ASSIGN_OR_RETURN(entries, place.volume->files.List(place.path));
    return absl::OkStatus();
  }));
  return entries;
}

absl::StatusOr<FileInfo> SimFileSystem::Stat(const std::string& path) {
  FileInfo info;
  WEIR_RETURN_IF_ERROR(Run("stat", path, [&](const Place& place) -> absl::Status {
    WEIR_ASSIGN_OR_RETURN(const FileNodePtr node, place.volume->files.Find(place.path));
    info = node->Info();
    return absl::OkStatus();
  }));
  return info;
}

absl::StatusOr<std::string> SimFileSystem::Canonical(const std::string& path) {
  WEIR_RETURN_IF_ERROR(Run("canonical", path, [&](const Place& place) {
    return place.volume->files.Find(place.path).status();
  }));
  return NormalPath(path);
}

absl::StatusOr<std::unique_ptr<FileLock>> SimFileSystem::TryLock(const std::string& path) {
  std::unique_ptr<FileLock> lock;
  WEIR_RETURN_IF_ERROR(Run("lock", path, [&](const Place& place) -> absl::Status {
    WEIR_ASSIGN_OR_RETURN(FileNodePtr node,
                          place.volume->files.Create(place.path, CreateMode::kAppend, now()));
    if (node->lock_holder != 0) return absl::UnavailableError("another holder has the lock");
    lock = std::make_unique<SimFileLock>(std::move(node), ++*context_.last_lock_id);
    return absl::OkStatus();
  }));
  return lock;
}

}  // namespace weir::sim
