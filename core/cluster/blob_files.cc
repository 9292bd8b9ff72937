#include "core/cluster/blob_files.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "core/base/sha256.h"
#include "core/base/status_macros.h"
#include "core/base/string_view.h"

namespace weir {
namespace {

constexpr std::string_view kUpload = ".upload-";

// Of a name of ours; nothing for any other.
struct BlobName {
  std::optional<BlobKey> key;  // Absent: being written.
  uint64_t epoch = 0;
};

std::optional<uint64_t> ParseNumber(std::string_view text) {
  uint64_t number = 0;
  const bool digits = !text.empty() && std::all_of(text.begin(), text.end(),
                                                   [](char c) { return c >= '0' && c <= '9'; });
  if (!digits || !absl::SimpleAtoi(ToAbsl(text), &number)) return std::nullopt;
  return number;
}

std::optional<BlobName> ParseBlobName(std::string_view name) {
  if (name.starts_with(kUpload)) {
    name.remove_prefix(kUpload.size());
    const std::optional<uint64_t> epoch = ParseNumber(name.substr(0, name.find('-')));
    if (!epoch.has_value()) return std::nullopt;
    return BlobName{std::nullopt, *epoch};
  }
  if (name.size() < kSha256HexSize + 2 || name[kSha256HexSize] != '-') return std::nullopt;
  const absl::StatusOr<BlobKey> key = BlobKey::Parse(name.substr(0, kSha256HexSize));
  const std::optional<uint64_t> epoch = ParseNumber(name.substr(kSha256HexSize + 1));
  if (!key.ok() || !epoch.has_value()) return std::nullopt;
  return BlobName{*key, *epoch};
}

}  // namespace

std::string BlobPlace::PathOf(const BlobKey& key) const {
  return absl::StrCat(folder, "/", key.hex(), "-", epoch.value());
}

WriteBlobTask::WriteBlobTask(FileSystem& file_system, BlobPlace place, BlobKey key, uint64_t write,
                             std::string bytes)
    : file_system_(file_system),
      place_(std::move(place)),
      path_(place_.PathOf(key)),
      candidate_(
          absl::StrCat(place_.folder, "/", ToAbsl(kUpload), place_.epoch.value(), "-", write)),
      write_(file_system, candidate_, std::move(bytes), false) {}

absl::StatusOr<StepResult> WriteBlobTask::Step() {
  switch (stage_) {
    case Stage::kWrite: {
      WEIR_ASSIGN_OR_RETURN(const StepResult result, write_.Step());
      if (result == StepResult::kDone) stage_ = Stage::kLink;
      return StepResult::kMore;
    }
    case Stage::kLink: {
      // Whoever linked it before had the same bytes.
      const absl::Status linked = file_system_.Link(candidate_, path_);
      if (!linked.ok() && !absl::IsAlreadyExists(linked)) return linked;
      stage_ = Stage::kSyncFolder;
      return StepResult::kMore;
    }
    case Stage::kSyncFolder:
      WEIR_RETURN_IF_ERROR(file_system_.SyncDirectory(place_.folder));
      stage_ = Stage::kRemoveCandidate;
      return StepResult::kMore;
    case Stage::kRemoveCandidate:
      // What is left is garbage, and goes as such.
      file_system_.Remove(candidate_).IgnoreError();
      return StepResult::kDone;
  }
  return StepResult::kDone;
}

ClaimBlobTask::ClaimBlobTask(FileSystem& file_system, BlobPlace place, BlobKey key)
    : file_system_(file_system), place_(std::move(place)), key_(std::move(key)) {}

absl::StatusOr<StepResult> ClaimBlobTask::Step() {
  switch (stage_) {
    case Stage::kStat: {
      const absl::StatusOr<FileInfo> info = file_system_.Stat(place_.PathOf(key_));
      if (info.ok()) {
        size_bytes_ = info->size_bytes;
        // Whoever made the name may not have got as far as this.
        stage_ = Stage::kSyncFolder;
        return StepResult::kMore;
      }
      if (!absl::IsNotFound(info.status())) return info.status();
      stage_ = Stage::kList;
      return StepResult::kMore;
    }
    case Stage::kList: {
      WEIR_ASSIGN_OR_RETURN(const std::vector<DirectoryEntry> entries,
                            file_system_.List(place_.folder));
      for (const DirectoryEntry& entry : entries) {
        const std::optional<BlobName> name = ParseBlobName(entry.name);
        if (name.has_value() && name->key == key_) names_.push_back(entry.name);
      }
      stage_ = Stage::kLink;
      return StepResult::kMore;
    }
    case Stage::kLink: {
      if (names_.empty()) {
        return absl::NotFoundError(
            absl::StrCat("the blob ", key_.hex(), " is not in ", place_.folder));
      }
      const std::string name = std::move(names_.back());
      names_.pop_back();
      const absl::Status linked =
          file_system_.Link(absl::StrCat(place_.folder, "/", name), place_.PathOf(key_));
      // Its leader may have removed it meanwhile.
      if (absl::IsNotFound(linked)) return StepResult::kMore;
      if (!linked.ok() && !absl::IsAlreadyExists(linked)) return linked;
      stage_ = Stage::kStat;
      return StepResult::kMore;
    }
    case Stage::kSyncFolder:
      WEIR_RETURN_IF_ERROR(file_system_.SyncDirectory(place_.folder));
      return StepResult::kDone;
  }
  return StepResult::kDone;
}

ReadBlobPieceTask::ReadBlobPieceTask(FileSystem& file_system, std::string path, uint64_t offset,
                                     size_t bytes_max)
    : file_system_(file_system), path_(std::move(path)), offset_(offset), bytes_max_(bytes_max) {}

absl::StatusOr<StepResult> ReadBlobPieceTask::Step() {
  if (!sized_) {
    WEIR_ASSIGN_OR_RETURN(const FileInfo info, file_system_.Stat(path_));
    sized_ = true;
    size_bytes_ = info.size_bytes;
    if (offset_ <= size_bytes_) return StepResult::kMore;
    return absl::DataLossError(
        absl::StrCat(path_, " ends at byte ", size_bytes_, ", before byte ", offset_));
  }
  if (file_ == nullptr) {
    WEIR_ASSIGN_OR_RETURN(file_, file_system_.OpenForRead(path_));
    return StepResult::kMore;
  }
  WEIR_ASSIGN_OR_RETURN(bytes_, file_->ReadAt(offset_, bytes_max_));
  return StepResult::kDone;
}

std::vector<std::string> DecideBlobGarbage(const std::vector<DirectoryEntry>& entries,
                                           LeaderEpoch ours, const std::set<BlobKey>& needed) {
  std::set<BlobKey> claimed;
  for (const DirectoryEntry& entry : entries) {
    const std::optional<BlobName> name = ParseBlobName(entry.name);
    if (name.has_value() && name->key.has_value() && name->epoch == ours.value())
      claimed.insert(*name->key);
  }
  std::vector<std::string> garbage;
  for (const DirectoryEntry& entry : entries) {
    const std::optional<BlobName> name = ParseBlobName(entry.name);
    if (!name.has_value() || name->epoch > ours.value()) continue;
    const bool is_needed = name->key.has_value() && needed.contains(*name->key) &&
                           (name->epoch == ours.value() || !claimed.contains(*name->key));
    if (!is_needed) garbage.push_back(entry.name);
  }
  return garbage;
}

CollectBlobsTask::CollectBlobsTask(FileSystem& file_system, BlobPlace place,
                                   std::set<BlobKey> needed)
    : file_system_(file_system), place_(std::move(place)), needed_(std::move(needed)) {}

absl::StatusOr<StepResult> CollectBlobsTask::Step() {
  if (!garbage_.has_value()) {
    WEIR_ASSIGN_OR_RETURN(const std::vector<DirectoryEntry> entries,
                          file_system_.List(place_.folder));
    garbage_ = DecideBlobGarbage(entries, place_.epoch, needed_);
  } else {
    file_system_.Remove(absl::StrCat(place_.folder, "/", garbage_->back())).IgnoreError();
    garbage_->pop_back();
  }
  return garbage_->empty() ? StepResult::kDone : StepResult::kMore;
}

}  // namespace weir
