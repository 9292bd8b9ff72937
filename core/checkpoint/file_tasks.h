// Whole small files, written durably and read, step by step. On an executor of kind kIo.
#ifndef WEIR_CORE_CHECKPOINT_FILE_TASKS_H_
#define WEIR_CORE_CHECKPOINT_FILE_TASKS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/checkpoint/storage_task.h"
#include "core/env/file_system.h"

namespace weir {

// Creates the file exclusively (AlreadyExists: a name was used twice), writes, syncs and closes it, and syncs its folder if
// `durable_name`. When done all of it is durable; after an error nothing may refer to it.
class WriteFileTask final : public StorageTask {
 public:
  WriteFileTask(FileSystem& file_system, std::string path, std::string bytes, bool durable_name);
  absl::StatusOr<StepResult> Step() override;
  const std::string& path() const { return path_; }

 private:
  enum class Stage : uint8_t { kCreate, kAppend, kSync, kClose, kSyncFolder };
  FileSystem& file_system_;
  const std::string path_;
  const std::string bytes_;
  const bool durable_name_;
  Stage stage_ = Stage::kCreate;
  std::unique_ptr<WritableFile> file_;
};

// Reads the whole file. NotFound if there is none; DataLoss if it is longer than `bytes_max`.
class ReadFileTask final : public StorageTask {
 public:
  ReadFileTask(FileSystem& file_system, std::string path, uint64_t bytes_max = uint64_t{1} << 31);
  absl::StatusOr<StepResult> Step() override;
  // When done.
  const std::string& bytes() const { return bytes_; }
  const std::string& path() const { return path_; }

 private:
  FileSystem& file_system_;
  const std::string path_;
  const uint64_t bytes_max_;
  std::unique_ptr<ReadableFile> file_;
  std::string bytes_;
};

// Creates a folder and its missing parents, durably. FailedPrecondition if a part of the path is no folder.
class CreateFolderTask final : public StorageTask {
 public:
  CreateFolderTask(FileSystem& file_system, std::string path);
  absl::StatusOr<StepResult> Step() override;

 private:
  enum class Stage : uint8_t { kFindMissing, kCreate, kSyncParents };
  FileSystem& file_system_;
  const std::string path_;
  std::string cursor_;
  Stage stage_ = Stage::kFindMissing;
  std::vector<std::string> parents_;  // Of what was missing; synced from the back.
};

}  // namespace weir

#endif  // WEIR_CORE_CHECKPOINT_FILE_TASKS_H_
