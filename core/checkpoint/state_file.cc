#include "core/checkpoint/state_file.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_format.h"
#include "core/base/check.h"
#include "core/base/hash.h"
#include "core/base/status_macros.h"
#include "core/checkpoint/checkpoint_names.h"
#include "core/checkpoint/sealed_file.h"

namespace weir {
namespace {

constexpr size_t kBlockBytes = 64 << 10;
constexpr size_t kVerifyBytes = 1 << 20;

}  // namespace

void StateChecksum::Update(std::string_view bytes) {
  if (!block_.empty()) {
    const size_t taken = std::min(bytes.size(), kBlockBytes - block_.size());
    block_.append(bytes.substr(0, taken));
    bytes.remove_prefix(taken);
    if (block_.size() < kBlockBytes) return;
    hash_ = StableHash64WithSeed(block_, hash_);
    block_.clear();
  }
  for (; bytes.size() >= kBlockBytes; bytes.remove_prefix(kBlockBytes)) {
    hash_ = StableHash64WithSeed(bytes.substr(0, kBlockBytes), hash_);
  }
  block_.assign(bytes);
}

uint64_t StateChecksum::Finish() const { return StableHash64WithSeed(block_, hash_); }

StateFileWriter::StateFileWriter(FileSystem& file_system, std::string folder, std::string name)
    : file_system_(file_system), folder_(std::move(folder)), name_(std::move(name)) {}

absl::Status StateFileWriter::Create() {
  WEIR_CHECK(stage_ == Stage::kNew);
  WEIR_ASSIGN_OR_RETURN(file_,
                        file_system_.Create(JoinPath(folder_, name_), CreateMode::kExclusive));
  stage_ = Stage::kWriting;
  return absl::OkStatus();
}

absl::Status StateFileWriter::Append(std::string_view bytes) {
  WEIR_CHECK(stage_ == Stage::kWriting);
  WEIR_RETURN_IF_ERROR(file_->Append(bytes));
  checksum_.Update(bytes);
  size_bytes_ += bytes.size();
  return absl::OkStatus();
}

absl::StatusOr<StepResult> StateFileWriter::FinishStep() {
  switch (stage_) {
    case Stage::kWriting:
      WEIR_RETURN_IF_ERROR(file_->Sync());
      stage_ = Stage::kClosing;
      return StepResult::kMore;
    case Stage::kClosing:
      WEIR_RETURN_IF_ERROR(file_->Close());
      file_ = nullptr;
      stage_ = Stage::kSyncFolder;
      return StepResult::kMore;
    case Stage::kSyncFolder:
      WEIR_RETURN_IF_ERROR(file_system_.SyncDirectory(folder_));
      handle_.set_name(name_);
      handle_.set_size_bytes(size_bytes_);
      handle_.set_checksum(checksum_.Finish());
      stage_ = Stage::kDone;
      return StepResult::kDone;
    case Stage::kNew:
    case Stage::kDone:
      break;
  }
  WEIR_CHECK(false) << "FinishStep before Create or after the end of " << name_;
  return StepResult::kDone;
}

const proto::StateFile& StateFileWriter::handle() const {
  WEIR_CHECK(stage_ == Stage::kDone);
  return handle_;
}

StateFileReader::StateFileReader(FileSystem& file_system, std::string folder,
                                 proto::StateFile handle)
    : file_system_(file_system),
      handle_(std::move(handle)),
      path_(JoinPath(folder, handle_.name())) {}

absl::Status StateFileReader::Open() {
  // A restore comes over the network: it must not reach out of the folder.
  if (!IsPlainFileName(handle_.name())) {
    return DamagedFile("state file", path_, "its name is none of a file in the checkpoint folder");
  }
  absl::StatusOr<std::unique_ptr<ReadableFile>> file = file_system_.OpenForRead(path_);
  if (absl::IsNotFound(file.status())) {
    return DamagedFile("state file", path_, "it is missing, and the checkpoint needs it");
  }
  WEIR_RETURN_IF_ERROR(file.status());
  file_ = *std::move(file);
  return absl::OkStatus();
}

absl::StatusOr<std::string> StateFileReader::Read(size_t size) {
  WEIR_CHECK(file_ != nullptr && size > 0);
  WEIR_ASSIGN_OR_RETURN(std::string bytes, file_->ReadAt(position_, size));
  checksum_.Update(bytes);
  position_ += bytes.size();
  if (position_ > handle_.size_bytes() || (bytes.empty() && position_ != handle_.size_bytes())) {
    return DamagedFile("state file", path_,
                       absl::StrFormat("it ends at byte %d, the checkpoint says %d", position_,
                                       handle_.size_bytes()));
  }
  if (bytes.empty() && checksum_.Finish() != handle_.checksum()) {
    return DamagedFile("state file", path_, "its checksum does not match");
  }
  return bytes;
}

VerifyStateFileTask::VerifyStateFileTask(FileSystem& file_system, std::string folder,
                                         proto::StateFile handle)
    : reader_(file_system, std::move(folder), std::move(handle)) {}

absl::StatusOr<StepResult> VerifyStateFileTask::Step() {
  if (!opened_) {
    WEIR_RETURN_IF_ERROR(reader_.Open());
    opened_ = true;
    return StepResult::kMore;
  }
  WEIR_ASSIGN_OR_RETURN(const std::string bytes, reader_.Read(kVerifyBytes));
  return bytes.empty() ? StepResult::kDone : StepResult::kMore;
}

}  // namespace weir
