#include "sim/sim_file_system.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/check.h"
#include "core/base/hash.h"
#include "core/base/status_macros.h"
#include "core/base/string_view.h"
#include "sim/digest.h"
#include "sim/observer.h"

namespace weir::sim {
namespace {

class SimWritableFile final : public WritableFile {
 public:
  SimWritableFile(FileSystemContext* context, SimVolume* volume, std::string path, FileNodePtr node)
      : context_(context), volume_(volume), path_(std::move(path)), node_(std::move(node)) {}

  absl::Status Append(std::string_view data) override {
    const absl::Status failure = context_->Begin(*volume_, DiskWork::kTransfer, DiskCall::kAllocate,
                                                 "append", path_, data.size());
    if (node_ == nullptr) return context_->End("append", path_, Closed());
    const std::string_view written =
        failure.ok() ? data : data.substr(0, volume_->DrawPart(data.size()));
    volume_->files.Append(node_, written, context_->clock->Wall(), context_->actor());
    return context_->End("append", path_, failure, StableHash64(written));
  }

  absl::Status Sync() override {
    const absl::Status failure =
        context_->Begin(*volume_, DiskWork::kSync, DiskCall::kSync, "sync", path_);
    if (node_ == nullptr) return context_->End("sync", path_, Closed());
    if (!failure.ok()) {
      volume_->files.GiveUp(*node_, context_->actor());
    } else if (context_->syncs()) {
      volume_->files.Sync(*node_, context_->actor());
    }
    return context_->End("sync", path_, failure);
  }

  absl::Status Close() override {
    const absl::Status failure =
        context_->Begin(*volume_, DiskWork::kMetadata, DiskCall::kOther, "close", path_);
    const bool open = std::exchange(node_, nullptr) != nullptr;
    return context_->End("close", path_, open ? failure : Closed());
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
    const absl::Status failure =
        context_->Begin(*volume_, DiskWork::kTransfer, DiskCall::kRead, "read", path_, count);
    WEIR_RETURN_IF_ERROR(context_->End("read", path_, failure, MixWords(offset, count)));
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

absl::Status FileSystemContext::Begin(SimVolume& volume, DiskWork work, DiskCall call,
                                      std::string_view operation, std::string_view path,
                                      uint64_t size_bytes) {
  WEIR_CHECK(io_executors.contains(loop->current()))
      << "the file system of " << process << " was used outside of its executors of kind kIo";
  loop->Charge(volume.CostOf(work, size_bytes));
  ++calls;
  if (last_call->has_value() && !dying) [[unlikely]]
    CountDown(operation, path);
  if (!volume.faults.any() || dying) [[likely]]
    return absl::OkStatus();
  return volume.DrawError(call);
}

void FileSystemContext::CountDown(std::string_view operation, std::string_view path) {
  LastFileCall& last = **last_call;
  if (!last.operation.empty() && last.operation != operation) return;
  if (path.find(last.path_part) == std::string_view::npos) return;
  if (--last.countdown > 0) return;
  const bool takes_effect = last.takes_effect;
  last_call->reset();
  if (takes_effect) {
    dies_at_end = true;
  } else {
    Die();
  }
}

void FileSystemContext::Die() {
  dying = true;
  on_last_call();
}

absl::Status FileSystemContext::End(std::string_view operation, std::string_view path,
                                    const absl::Status& status, uint64_t payload_hash) {
  const uint64_t what = MixWords(StableHash64(operation), StableHash64(path));
  const uint64_t outcome = MixWords(static_cast<uint64_t>(status.code()), payload_hash);
  recorder->Add(EventKind::kFile, loop->now(), machine, MixWords(what, outcome), [&] {
    return absl::StrCat(process, " ", ToAbsl(operation), " ", ToAbsl(path), " ",
                        absl::StatusCodeToString(status.code()));
  });
  if (Observer* observer = recorder->observer(); observer != nullptr && !dying && !loop->muted()) {
    observer->OnFileCall(process, operation, path, status);
  }
  if (std::exchange(dies_at_end, false)) [[unlikely]]
    Die();
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
absl::Status SimFileSystem::Run(std::string_view operation, const std::string& path, DiskCall call,
                                Function&& function, DiskWork work) {
  const absl::StatusOr<Place> place = Resolve(path);
  absl::Status status =
      context_.Begin(place.ok() ? *place->volume : *context_.disk, work, call, operation, path);
  if (!place.ok()) {
    status = place.status();
  } else if (status.ok()) {
    status = function(*place);
  }
  return context_.End(operation, path, status);
}

template <typename Function>
absl::Status SimFileSystem::RunPair(std::string_view operation, const std::string& from,
                                    const std::string& to, DiskCall call, Function&& function) {
  const auto run = [&](const Place& source) -> absl::Status {
    WEIR_ASSIGN_OR_RETURN(const Place target, Resolve(to));
    if (source.volume != target.volume) {
      return absl::FailedPreconditionError("on different file systems");
    }
    return function(source.volume->files, source.path, target.path);
  };
  const absl::StatusOr<Place> place = Resolve(from);
  const std::string both = absl::StrCat(from, " to ", to);
  absl::Status status = context_.Begin(place.ok() ? *place->volume : *context_.disk,
                                       DiskWork::kMetadata, call, operation, both);
  if (!place.ok()) {
    status = place.status();
  } else if (status.ok()) {
    status = run(*place);
  }
  return context_.End(operation, both, status);
}

absl::StatusOr<std::unique_ptr<WritableFile>> SimFileSystem::Create(const std::string& path,
                                                                    CreateMode mode) {
  std::unique_ptr<WritableFile> file;
  const auto create = [&](const Place& place) -> absl::Status {
    WEIR_ASSIGN_OR_RETURN(FileNodePtr node,
                          place.volume->files.Create(place.path, mode, now(), context_.actor()));
    file = std::make_unique<SimWritableFile>(&context_, place.volume, path, std::move(node));
    return absl::OkStatus();
  };
  WEIR_RETURN_IF_ERROR(Run("create", path, DiskCall::kAllocate, create));
  return file;
}

absl::StatusOr<std::unique_ptr<ReadableFile>> SimFileSystem::OpenForRead(const std::string& path) {
  std::unique_ptr<ReadableFile> file;
  const auto open = [&](const Place& place) -> absl::Status {
    WEIR_ASSIGN_OR_RETURN(FileNodePtr node, place.volume->files.FindFile(place.path));
    file = std::make_unique<SimReadableFile>(&context_, place.volume, path, std::move(node));
    return absl::OkStatus();
  };
  WEIR_RETURN_IF_ERROR(Run("open", path, DiskCall::kRead, open));
  return file;
}

absl::Status SimFileSystem::Truncate(const std::string& path, uint64_t size_bytes) {
  return Run("truncate", path, DiskCall::kWrite, [&](const Place& place) {
    return place.volume->files.Truncate(place.path, size_bytes, now(), context_.actor());
  });
}

absl::Status SimFileSystem::Rename(const std::string& from, const std::string& to) {
  return RunPair("rename", from, to, DiskCall::kWrite,
                 [&](FileTree& files, const std::string& source, const std::string& target) {
                   return files.Rename(source, target, now(), context_.actor());
                 });
}

absl::Status SimFileSystem::Link(const std::string& from, const std::string& to) {
  return RunPair("link", from, to, DiskCall::kAllocate,
                 [&](FileTree& files, const std::string& source, const std::string& target) {
                   return files.Link(source, target, now(), context_.actor());
                 });
}

absl::Status SimFileSystem::Remove(const std::string& path) {
  return Run("remove", path, DiskCall::kWrite, [&](const Place& place) {
    return place.volume->files.Remove(place.path, now(), context_.actor());
  });
}

absl::Status SimFileSystem::CreateDirectories(const std::string& path) {
  return Run("create directories", path, DiskCall::kAllocate, [&](const Place& place) {
    return place.volume->files.CreateDirectories(place.path, now(), context_.actor());
  });
}

absl::Status SimFileSystem::RemoveDirectory(const std::string& path) {
  return Run("remove directory", path, DiskCall::kWrite, [&](const Place& place) {
    return place.volume->files.RemoveDirectory(place.path, now(), context_.actor());
  });
}

absl::Status SimFileSystem::SyncDirectory(const std::string& path) {
  const auto sync = [&](const Place& place) -> absl::Status {
    WEIR_ASSIGN_OR_RETURN(const FileNodePtr folder, place.volume->files.FindDirectory(place.path));
    if (context_.syncs()) place.volume->files.SyncDirectory(*folder);
    return absl::OkStatus();
  };
  return Run("sync directory", path, DiskCall::kSync, sync, DiskWork::kSync);
}

absl::StatusOr<std::vector<DirectoryEntry>> SimFileSystem::List(const std::string& path) {
  std::vector<DirectoryEntry> entries;
  const auto list = [&](const Place& place) -> absl::Status {
    WEIR_ASSIGN_OR_RETURN(entries, place.volume->files.List(place.path));
    return absl::OkStatus();
  };
  WEIR_RETURN_IF_ERROR(Run("list", path, DiskCall::kRead, list));
  return entries;
}

absl::StatusOr<FileInfo> SimFileSystem::Stat(const std::string& path) {
  FileInfo info;
  const auto stat = [&](const Place& place) -> absl::Status {
    WEIR_ASSIGN_OR_RETURN(const FileNodePtr node, place.volume->files.Find(place.path));
    info = node->Info();
    return absl::OkStatus();
  };
  WEIR_RETURN_IF_ERROR(Run("stat", path, DiskCall::kRead, stat));
  return info;
}

absl::StatusOr<std::string> SimFileSystem::Canonical(const std::string& path) {
  WEIR_RETURN_IF_ERROR(Run("canonical", path, DiskCall::kOther, [&](const Place& place) {
    return place.volume->files.Find(place.path).status();
  }));
  return NormalPath(path);
}

absl::StatusOr<std::unique_ptr<FileLock>> SimFileSystem::TryLock(const std::string& path) {
  std::unique_ptr<FileLock> lock;
  const auto take = [&](const Place& place) -> absl::Status {
    WEIR_ASSIGN_OR_RETURN(
        FileNodePtr node,
        place.volume->files.Create(place.path, CreateMode::kAppend, now(), context_.actor()));
    if (node->lock_holder != 0) return absl::UnavailableError("another holder has the lock");
    const uint64_t id = ++*context_.last_lock_id;
    context_.locks.push_back({.file = node, .id = id});
    lock = std::make_unique<SimFileLock>(std::move(node), id);
    return absl::OkStatus();
  };
  WEIR_RETURN_IF_ERROR(Run("lock", path, DiskCall::kAllocate, take));
  return lock;
}

void SimFileSystem::ReleaseLocks() {
  for (const HeldLock& lock : context_.locks) {
    const FileNodePtr file = lock.file.lock();
    if (file != nullptr && file->lock_holder == lock.id) file->lock_holder = 0;
  }
  context_.locks.clear();
}

}  // namespace weir::sim
