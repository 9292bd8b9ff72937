#include "core/checkpoint/file_tasks.h"

#include <utility>

#include "core/base/check.h"
#include "core/base/status_macros.h"
#include "core/checkpoint/checkpoint_names.h"
#include "core/checkpoint/sealed_file.h"

namespace weir {
namespace {

constexpr size_t kReadBytes = 1 << 20;

}  // namespace

WriteFileTask::WriteFileTask(FileSystem& file_system, std::string path, std::string bytes,
                             bool durable_name)
    : file_system_(file_system),
      path_(std::move(path)),
      bytes_(std::move(bytes)),
      durable_name_(durable_name) {}

absl::StatusOr<StepResult> WriteFileTask::Step() {
  switch (stage_) {
    case Stage::kCreate: {
      WEIR_ASSIGN_OR_RETURN(file_, file_system_.Create(path_, CreateMode::kExclusive));
      stage_ = Stage::kAppend;
      return StepResult::kMore;
    }
    case Stage::kAppend:
      WEIR_RETURN_IF_ERROR(file_->Append(bytes_));
      stage_ = Stage::kSync;
      return StepResult::kMore;
    case Stage::kSync:
      WEIR_RETURN_IF_ERROR(file_->Sync());
      stage_ = Stage::kClose;
      return StepResult::kMore;
    case Stage::kClose:
      WEIR_RETURN_IF_ERROR(file_->Close());
      file_ = nullptr;
      stage_ = Stage::kSyncFolder;
      return durable_name_ ? StepResult::kMore : StepResult::kDone;
    case Stage::kSyncFolder:
      WEIR_RETURN_IF_ERROR(file_system_.SyncDirectory(FolderOf(path_)));
      return StepResult::kDone;
  }
  return StepResult::kDone;
}

ReadFileTask::ReadFileTask(FileSystem& file_system, std::string path, uint64_t bytes_max)
    : file_system_(file_system), path_(std::move(path)), bytes_max_(bytes_max) {}

absl::StatusOr<StepResult> ReadFileTask::Step() {
  if (file_ == nullptr) {
    WEIR_ASSIGN_OR_RETURN(file_, file_system_.OpenForRead(path_));
    return StepResult::kMore;
  }
  WEIR_ASSIGN_OR_RETURN(const std::string chunk, file_->ReadAt(bytes_.size(), kReadBytes));
  bytes_ += chunk;
  if (bytes_.size() > bytes_max_)
    return DamagedFile("file", path_, "it is longer than any of its kind");
  if (chunk.size() == kReadBytes) return StepResult::kMore;
  file_ = nullptr;
  return StepResult::kDone;
}

CreateFolderTask::CreateFolderTask(FileSystem& file_system, std::string path)
    : file_system_(file_system), path_(std::move(path)), cursor_(path_) {}

absl::StatusOr<StepResult> CreateFolderTask::Step() {
  switch (stage_) {
    case Stage::kFindMissing: {
      const absl::StatusOr<FileInfo> info = file_system_.Stat(cursor_);
      if (info.ok() || cursor_ == "/") {
        stage_ = Stage::kCreate;
        return StepResult::kMore;
      }
      if (!absl::IsNotFound(info.status())) return info.status();
      cursor_ = FolderOf(cursor_);
      parents_.push_back(cursor_);
      return StepResult::kMore;
    }
    case Stage::kCreate:
      WEIR_RETURN_IF_ERROR(file_system_.CreateDirectories(path_));
      stage_ = Stage::kSyncParents;
      // Whoever saw the folder first may have died before its name was durable.
      if (parents_.empty()) parents_.push_back(FolderOf(path_));
      return StepResult::kMore;
    case Stage::kSyncParents: {
      WEIR_CHECK(!parents_.empty());
      WEIR_RETURN_IF_ERROR(file_system_.SyncDirectory(parents_.back()));
      parents_.pop_back();
      return parents_.empty() ? StepResult::kDone : StepResult::kMore;
    }
  }
  return StepResult::kDone;
}

}  // namespace weir
