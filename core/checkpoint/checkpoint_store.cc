#include "core/checkpoint/checkpoint_store.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/base/check.h"
#include "core/base/status_macros.h"
#include "core/base/string_view.h"
#include "core/checkpoint/checkpoint_names.h"
#include "core/checkpoint/manifest.h"
#include "core/checkpoint/sealed_file.h"
#include "core/checkpoint/state_file.h"

namespace weir {
namespace {

// Each time somebody else publishes first, it is an attempt older than this one, which has few more to try.
constexpr int kClaimTriesMax = 64;

SeriesPlace Pointers(std::string folder) {
  return {std::move(folder), std::string(kPointerSeries)};
}

absl::StatusOr<PointerRecord> NewestRecord(const ReadNewestTask& newest) {
  if (newest.sequence() == 0) return PointerRecord();
  WEIR_ASSIGN_OR_RETURN(PointerRecord record, DecodePointer(newest.bytes(), newest.path()));
  if (record.sequence != newest.sequence()) {
    return DamagedFile(kPointerFile.name, newest.path(),
                       absl::StrFormat("it says that its number is %d", record.sequence));
  }
  return record;
}

}  // namespace

// ---- OpenStoreTask ----

OpenStoreTask::OpenStoreTask(FileSystem& file_system, std::string folder, Hello ours,
                             bool adopt_cluster_id)
    : file_system_(file_system),
      folder_(std::move(folder)),
      ours_(std::move(ours)),
      adopt_cluster_id_(adopt_cluster_id),
      path_(JoinPath(folder_, kHelloName)),
      candidate_(absl::StrFormat("%s.%016x-e%d", path_, ours_.process_incarnation,
                                 ours_.leader_epoch.value())),
      create_folder_(file_system, folder_) {}

absl::Status OpenStoreTask::Compare(std::string_view bytes) {
  absl::StatusOr<Hello> theirs = ParseHello(bytes);
  if (!theirs.ok()) return DamagedFile("hello", path_, ToStd(theirs.status().message()));
  theirs_ = *std::move(theirs);
  if (!adopt_cluster_id_ && theirs_.cluster_id != ours_.cluster_id) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "folder %s belongs to cluster '%s', this is cluster '%s'; choose another folder", folder_,
        theirs_.cluster_id, ours_.cluster_id));
  }
  if (theirs_.protocol_min > ours_.protocol_max || theirs_.protocol_max < ours_.protocol_min) {
    return absl::FailedPreconditionError(absl::StrFormat(
        "folder %s was made by a build that speaks protocol %d to %d, this one speaks %d to %d; "
        "use a build that speaks one of them or another folder",
        folder_, theirs_.protocol_min, theirs_.protocol_max, ours_.protocol_min,
        ours_.protocol_max));
  }
  return absl::OkStatus();
}

absl::StatusOr<StepResult> OpenStoreTask::Step() {
  switch (stage_) {
    case Stage::kCreateFolder: {
      WEIR_ASSIGN_OR_RETURN(const StepResult result, create_folder_.Step());
      if (result == StepResult::kDone) stage_ = Stage::kRead;
      return StepResult::kMore;
    }
    case Stage::kRead: {
      if (!read_.has_value()) read_.emplace(file_system_, path_, kHelloBytesMax);
      const absl::StatusOr<StepResult> result = read_->Step();
      if (absl::IsNotFound(result.status()) && !written_) {
        std::string bytes;
        EncodeHello(ours_, bytes);
        write_.emplace(file_system_, candidate_, std::move(bytes), /*durable_name=*/false);
        read_.reset();
        stage_ = Stage::kWrite;
        return StepResult::kMore;
      }
      WEIR_RETURN_IF_ERROR(result.status());
      if (*result == StepResult::kMore) return StepResult::kMore;
      WEIR_RETURN_IF_ERROR(Compare(read_->bytes()));
      // Also if it was there: whoever left it may have died before its name was durable.
      stage_ = Stage::kSyncFolder;
      return StepResult::kMore;
    }
    case Stage::kWrite: {
      const absl::StatusOr<StepResult> result = write_->Step();
      // Left by this process when it tried before, and perhaps not whole.
      if (absl::IsAlreadyExists(result.status()) && !std::exchange(removes_candidate_, true)) {
        stage_ = Stage::kRemoveOldCandidate;
        return StepResult::kMore;
      }
      WEIR_RETURN_IF_ERROR(result.status());
      if (*result == StepResult::kDone) stage_ = Stage::kLink;
      return StepResult::kMore;
    }
    case Stage::kRemoveOldCandidate: {
      const absl::Status removed = file_system_.Remove(candidate_);
      if (!removed.ok() && !absl::IsNotFound(removed)) return removed;
      stage_ = Stage::kRead;
      return StepResult::kMore;
    }
    case Stage::kLink: {
      const absl::Status linked = file_system_.Link(candidate_, path_);
      // Not found: collected as garbage, by somebody who has opened the folder.
      if (!linked.ok() && !absl::IsAlreadyExists(linked) && !absl::IsNotFound(linked))
        return linked;
      written_ = true;
      stage_ = Stage::kRead;
      return StepResult::kMore;
    }
    case Stage::kSyncFolder:
      WEIR_RETURN_IF_ERROR(file_system_.SyncDirectory(folder_));
      stage_ = Stage::kRemoveCandidate;
      return written_ ? StepResult::kMore : StepResult::kDone;
    case Stage::kRemoveCandidate: {
      const absl::Status removed = file_system_.Remove(candidate_);
      static_cast<void>(removed);  // A second name of a small file does no harm.
      return StepResult::kDone;
    }
  }
  return StepResult::kDone;
}

// ---- WriteManifestTask ----

WriteManifestTask::WriteManifestTask(FileSystem& file_system, std::string folder,
                                     const proto::CheckpointManifest& manifest) {
  absl::StatusOr<std::string> bytes = EncodeManifest(manifest);
  encoded_ = bytes.status();
  if (!bytes.ok()) return;
  const JobAttempt attempt = {LeaderEpoch(manifest.leader_epoch()),
                              AttemptNumber(manifest.attempt())};
  ref_.checkpoint = CheckpointId(manifest.checkpoint_id());
  ref_.name = ManifestName(ref_.checkpoint, attempt);
  ref_.size_bytes = bytes->size();
  ref_.checksum = SealedChecksum(*bytes);
  write_.emplace(file_system, JoinPath(folder, ref_.name), *std::move(bytes),
                 /*durable_name=*/true);
}

absl::StatusOr<StepResult> WriteManifestTask::Step() {
  WEIR_RETURN_IF_ERROR(encoded_);
  return write_->Step();
}

// ---- PublishPointerTask ----

PublishPointerTask::PublishPointerTask(FileSystem& file_system, std::string folder,
                                       const PointerRecord& record, uint64_t write)
    : publish_(file_system, Pointers(std::move(folder)), record.sequence,
               absl::StrCat(record.attempt.ToString(), "-", write), EncodePointer(record)) {}

// ---- ClaimPointerTask ----

absl::StatusOr<PointerClaim> DecideClaim(const PointerRecord& previous,
                                         const ClaimPointerTask::Options& options) {
  if (previous.sequence > 0 && previous.attempt >= options.attempt) {
    return absl::AbortedError(absl::StrFormat("fenced: pointer %d was published by %s, this is %s",
                                              previous.sequence, previous.attempt.ToString(),
                                              options.attempt.ToString()));
  }
  if (options.restore.has_value() && !previous.manifest.none() &&
      previous.manifest != *options.restore && !options.restore_if_new) {
    return absl::FailedPreconditionError(absl::StrFormat(
        "cannot restore %s: the checkpoint folder already holds checkpoint %d; use another folder",
        options.restore->name, previous.manifest.checkpoint.value()));
  }
  PointerClaim claim;
  claim.record = previous;
  claim.record.sequence = previous.sequence + 1;
  claim.record.attempt = options.attempt;
  if (options.restore.has_value() && previous.manifest.none())
    claim.record.manifest = *options.restore;
  const uint64_t after_published = claim.record.manifest.checkpoint.value() + 1;
  const uint64_t unused = options.next_checkpoint.value() > 0
                              ? options.next_checkpoint.value()
                              : previous.reserved_through.value() + 1;
  claim.first_checkpoint = CheckpointId(std::max(after_published, unused));
  claim.record.reserved_through =
      std::max(previous.reserved_through,
               CheckpointId(claim.first_checkpoint.value() - 1 + kCheckpointIdsReserved));
  return claim;
}

ClaimPointerTask::ClaimPointerTask(FileSystem& file_system, std::string folder, Options options)
    : file_system_(file_system), folder_(std::move(folder)), options_(std::move(options)) {}

absl::Status ClaimPointerTask::Prepare() {
  WEIR_ASSIGN_OR_RETURN(previous_, NewestRecord(*read_));
  WEIR_ASSIGN_OR_RETURN(const PointerClaim claim, DecideClaim(previous_, options_));
  claimed_ = claim.record;
  first_checkpoint_ = claim.first_checkpoint;
  // Write 0 of the attempt; those that follow count from 1. A further try has another sequence number.
  publish_.emplace(file_system_, folder_, claimed_, 0);
  return absl::OkStatus();
}

absl::StatusOr<StepResult> ClaimPointerTask::Step() {
  if (publish_.has_value()) {
    const absl::StatusOr<StepResult> result = publish_->Step();
    if (!absl::IsAborted(result.status()) || ++tries_ >= kClaimTriesMax) return result;
    // An older attempt was faster once more, or a newer one has come: the newest pointer says which.
    publish_.reset();
    read_.reset();
    return StepResult::kMore;
  }
  if (!read_.has_value()) read_.emplace(file_system_, Pointers(folder_));
  WEIR_ASSIGN_OR_RETURN(const StepResult result, read_->Step());
  if (result == StepResult::kDone) WEIR_RETURN_IF_ERROR(Prepare());
  return StepResult::kMore;
}

// ---- LoadCheckpointTask ----

LoadCheckpointTask::LoadCheckpointTask(FileSystem& file_system, std::string folder, ManifestRef ref,
                                       VerifyFiles verify)
    : file_system_(file_system),
      ref_(std::move(ref)),
      verify_(verify),
      path_(ResolvePath(folder, ref_.name)),
      files_folder_(FolderOf(path_)),
      read_(file_system, path_) {
  WEIR_CHECK(!ref_.none());
}

absl::Status LoadCheckpointTask::Decode() {
  const std::string& bytes = read_.bytes();
  WEIR_ASSIGN_OR_RETURN(manifest_, DecodeManifest(bytes, path_));
  if (bytes.size() != ref_.size_bytes || SealedChecksum(bytes) != ref_.checksum ||
      CheckpointId(manifest_.checkpoint_id()) != ref_.checkpoint) {
    return DamagedFile(kManifestFile.name, path_, "it is not the one that the pointer names");
  }
  files_ = ReachableFiles(manifest_);
  decoded_ = true;
  return absl::OkStatus();
}

absl::StatusOr<StepResult> LoadCheckpointTask::NextFile() {
  if (next_file_ == files_.size()) return StepResult::kDone;
  const proto::StateFile& file = files_[next_file_];
  const std::string path = JoinPath(files_folder_, file.name());
  if (checksum_ != nullptr) {
    WEIR_ASSIGN_OR_RETURN(const StepResult result, checksum_->Step());
    if (result == StepResult::kMore) return StepResult::kMore;
    checksum_ = nullptr;
    ++next_file_;
    return StepResult::kMore;
  }
  const absl::StatusOr<FileInfo> info = file_system_.Stat(path);
  if (absl::IsNotFound(info.status())) {
    return DamagedFile("state file", path, absl::StrCat("it is missing, and ", path_, " needs it"));
  }
  WEIR_RETURN_IF_ERROR(info.status());
  if (info->type != FileType::kFile || info->size_bytes != file.size_bytes()) {
    return DamagedFile(
        "state file", path,
        absl::StrFormat("it has %d bytes, %s says %d", info->size_bytes, path_, file.size_bytes()));
  }
  if (verify_ == VerifyFiles::kChecksums) {
    checksum_ = std::make_unique<VerifyStateFileTask>(file_system_, files_folder_, file);
  } else {
    ++next_file_;
  }
  return StepResult::kMore;
}

absl::StatusOr<StepResult> LoadCheckpointTask::Step() {
  if (decoded_) return NextFile();
  const absl::StatusOr<StepResult> result = read_.Step();
  if (absl::IsNotFound(result.status())) {
    return DamagedFile(kManifestFile.name, path_, "it is missing, and the pointer names it");
  }
  WEIR_RETURN_IF_ERROR(result.status());
  if (*result == StepResult::kDone) WEIR_RETURN_IF_ERROR(Decode());
  return StepResult::kMore;
}

// ---- FindCheckpointTask ----

FindCheckpointTask::FindCheckpointTask(FileSystem& file_system, std::string path)
    : file_system_(file_system), path_(std::move(path)) {}

absl::StatusOr<StepResult> FindCheckpointTask::Step() {
  if (!newest_.has_value() && !read_.has_value()) {
    WEIR_ASSIGN_OR_RETURN(const FileInfo info, file_system_.Stat(path_));
    if (info.type == FileType::kDirectory) {
      newest_.emplace(file_system_, Pointers(path_));
    } else {
      read_.emplace(file_system_, path_);
    }
    return StepResult::kMore;
  }
  if (read_.has_value()) {
    WEIR_ASSIGN_OR_RETURN(const StepResult result, read_->Step());
    if (result == StepResult::kMore) return StepResult::kMore;
    WEIR_ASSIGN_OR_RETURN(const proto::CheckpointManifest manifest,
                          DecodeManifest(read_->bytes(), path_));
    ref_ = {path_, read_->bytes().size(), SealedChecksum(read_->bytes()),
            CheckpointId(manifest.checkpoint_id())};
    return StepResult::kDone;
  }
  WEIR_ASSIGN_OR_RETURN(const StepResult result, newest_->Step());
  if (result == StepResult::kMore) return StepResult::kMore;
  WEIR_ASSIGN_OR_RETURN(const PointerRecord record, NewestRecord(*newest_));
  if (record.manifest.none()) {
    return absl::NotFoundError(
        absl::StrCat(path_, " holds no checkpoint; name a checkpoint folder or a manifest in one"));
  }
  ref_ = record.manifest;
  ref_.name = ResolvePath(path_, ref_.name);
  return StepResult::kDone;
}

}  // namespace weir
