#include "core/cluster/folder_storage.h"

#include <utility>

#include "core/base/status_macros.h"
#include "core/checkpoint/checkpoint_names.h"
#include "core/checkpoint/state_file.h"

namespace weir {
namespace {

class FileUpload final : public StateUpload {
 public:
  FileUpload(FileSystem& file_system, std::string folder, std::string name)
      : writer_(file_system, std::move(folder), std::move(name)) {}
  absl::Status Create() override { return writer_.Create(); }
  absl::Status Append(std::string_view bytes) override { return writer_.Append(bytes); }
  absl::StatusOr<bool> Finish() override {
    WEIR_ASSIGN_OR_RETURN(const StepResult result, writer_.FinishStep());
    return result == StepResult::kDone;
  }
  proto::StateFile handle() const override { return writer_.handle(); }

 private:
  StateFileWriter writer_;
};

class FileDownload final : public StateDownload {
 public:
  FileDownload(FileSystem& file_system, std::string folder, proto::StateFile file)
      : reader_(file_system, std::move(folder), std::move(file)) {}
  absl::Status Open() override { return reader_.Open(); }
  absl::StatusOr<std::string> Read(size_t size) override { return reader_.Read(size); }

 private:
  StateFileReader reader_;
};

class FolderStorage final : public StateStorage {
 public:
  FolderStorage(FileSystem& file_system, std::string folder, std::string restore_folder,
                JobAttempt attempt)
      : file_system_(file_system),
        folder_(std::move(folder)),
        restore_folder_(std::move(restore_folder)),
        attempt_(attempt) {}

  std::unique_ptr<StateUpload> NewUpload(CheckpointId checkpoint, SubtaskId subtask,
                                         uint64_t number) override {
    return std::make_unique<FileUpload>(file_system_, folder_,
                                        StateFileName(checkpoint, attempt_, subtask, number));
  }
  std::unique_ptr<StateDownload> NewDownload(const proto::StateFile& file) override {
    return std::make_unique<FileDownload>(file_system_, restore_folder_, file);
  }

 private:
  FileSystem& file_system_;
  const std::string folder_;
  const std::string restore_folder_;
  const JobAttempt attempt_;
};

}  // namespace

std::shared_ptr<StateStorage> NewFolderStorage(FileSystem& file_system, std::string folder,
                                               std::string restore_folder, JobAttempt attempt) {
  return std::make_shared<FolderStorage>(file_system, std::move(folder), std::move(restore_folder),
                                         attempt);
}

}  // namespace weir
