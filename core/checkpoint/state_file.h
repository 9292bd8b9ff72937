// State files: where subtasks put snapshots. Written once, front to back, under a name that is never used again; read with their
// checksum verified. Each call is at most one operation on the FileSystem, so a snapshot is posted piece by piece. On an executor
// of kind kIo.
//
// The content is the state backend's; the checksum over it does not depend on how it was cut into pieces.
#ifndef WEIR_CORE_CHECKPOINT_STATE_FILE_H_
#define WEIR_CORE_CHECKPOINT_STATE_FILE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/checkpoint/storage_task.h"
#include "core/env/file_system.h"
#include "core/proto/manifest.pb.h"

namespace weir {

// XXH3-64 of blocks of 64 KiB, each seeded with the checksum of the blocks before it. Pure.
class StateChecksum {
 public:
  void Update(std::string_view bytes);
  uint64_t Finish() const;

 private:
  std::string block_;  // Less than a block.
  uint64_t hash_ = 0;
};

// Create, then Append any number of times, then FinishStep until kDone, after which content and name are durable and handle()
// may be sent. After an error the file is to be abandoned. CHECKs this order.
class StateFileWriter {
 public:
  // `name` from StateFileName.
  StateFileWriter(FileSystem& file_system, std::string folder, std::string name);

  absl::Status Create();
  absl::Status Append(std::string_view bytes);
  absl::StatusOr<StepResult> FinishStep();
  const proto::StateFile& handle() const;
  uint64_t size_bytes() const { return size_bytes_; }

 private:
  enum class Stage : uint8_t { kNew, kWriting, kClosing, kSyncFolder, kDone };
  FileSystem& file_system_;
  const std::string folder_;
  const std::string name_;
  Stage stage_ = Stage::kNew;
  std::unique_ptr<WritableFile> file_;
  StateChecksum checksum_;
  uint64_t size_bytes_ = 0;
  proto::StateFile handle_;
};

// Reads front to back. Everything it returned is to be believed only when Read has returned the empty end.
class StateFileReader {
 public:
  StateFileReader(FileSystem& file_system, std::string folder, proto::StateFile handle);

  // DataLoss if the file is missing.
  absl::Status Open();
  // The next up to `size` (> 0) bytes; empty at the end, when size and checksum were right. DataLoss naming the file if not.
  absl::StatusOr<std::string> Read(size_t size);
  const std::string& path() const { return path_; }

 private:
  FileSystem& file_system_;
  const proto::StateFile handle_;
  const std::string path_;
  std::unique_ptr<ReadableFile> file_;
  StateChecksum checksum_;
  uint64_t position_ = 0;
};

// Reads all of a file for its checksum.
class VerifyStateFileTask final : public StorageTask {
 public:
  VerifyStateFileTask(FileSystem& file_system, std::string folder, proto::StateFile handle);
  absl::StatusOr<StepResult> Step() override;

 private:
  StateFileReader reader_;
  bool opened_ = false;
};

}  // namespace weir

#endif  // WEIR_CORE_CHECKPOINT_STATE_FILE_H_
