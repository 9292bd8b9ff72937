#include "sim/oracles/checkpoint_oracle.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "connectors/file/part_committable.h"
#include "connectors/file/part_name.h"
#include "core/base/status_macros.h"
#include "core/base/string_view.h"
#include "core/checkpoint/checkpoint_names.h"
#include "core/checkpoint/manifest.h"
#include "core/checkpoint/published_series.h"

namespace weir::sim {
namespace {

std::string_view NameOf(std::string_view path) { return path.substr(path.rfind('/') + 1); }

}  // namespace

CheckpointOracle::CheckpointOracle(OracleLog* log, std::string checkpoint_folder,
                                   std::vector<std::string> output_folders, CheckCut check_cut)
    : Oracle(log),
      checkpoint_folder_(std::move(checkpoint_folder)),
      output_folders_(std::move(output_folders)),
      check_cut_(std::move(check_cut)) {
  log->counts["images"];
  log->counts["parts"];
  log->counts["commits_between_failures"];
  if (check_cut_) log->counts["cuts"];
}

void CheckpointOracle::OnFileCall(std::string_view process, std::string_view operation,
                                  std::string_view path, const absl::Status& status) {
  if (!status.ok()) return;
  if (operation == "link" || operation == "rename") {
    const size_t middle = path.find(" to ");
    const std::string_view from = path.substr(0, middle);
    const std::string_view to = path.substr(middle + 4);
    const std::string folder = FolderOf(to);
    if (folder == checkpoint_folder_) {
      const std::optional<SeriesFileName> name = ParseSeriesName(kPointerSeries, NameOf(to));
      if (name.has_value() && !name->candidate) OnPointer(std::string(process), std::string(to));
    } else if (std::find(output_folders_.begin(), output_folders_.end(), folder) !=
               output_folders_.end()) {
      OnVisiblePart(std::string(process), from, to);
    }
  } else if (operation == "remove" && FolderOf(path) == checkpoint_folder_ &&
             ParseCheckpointFileName(NameOf(path)).has_value() &&
             NameOf(path).starts_with("manifest")) {
    if (const absl::Status kept = CheckNewestDurable(); !kept.ok()) {
      log().Report("retained checkpoint", std::string(process),
                   absl::StrCat("after ", ToAbsl(path), " was removed: ", kept.message()));
    }
  }
}

void CheckpointOracle::OnPointer(const std::string& process, const std::string& path) {
  const absl::StatusOr<std::string> bytes =
      world().shared_files().Read(world().InSharedVolume(path));
  absl::StatusOr<PointerRecord> read =
      bytes.ok() ? DecodePointer(*bytes, path) : absl::StatusOr<PointerRecord>(bytes.status());
  if (!read.ok()) {
    return log().Report(
        "commit order", process,
        absl::StrCat(path, " became visible and is no pointer: ", read.status().message()));
  }
  const PointerRecord pointer = *std::move(read);
  published_ = true;
  const std::unique_ptr<FileTree> image = Image();
  if (const absl::StatusOr<PointerRecord> durable = NewestPointer(*image); durable.ok()) {
    if (pointer.attempt < durable->attempt) {
      log().Report("fencing", process,
                   absl::StrCat(path, " was published by ", pointer.attempt.ToString(), " after ",
                                durable->attempt.ToString(), " had published"));
    }
    if (pointer.manifest.checkpoint < durable->manifest.checkpoint) {
      log().Report(
          "commit order", process,
          absl::StrCat(path, " goes back to checkpoint ", pointer.manifest.checkpoint.value(),
                       " from ", durable->manifest.checkpoint.value()));
    }
  }
  if (const absl::Status there = CheckRetained(*image, pointer); !there.ok()) {
    log().Report("commit order", process,
                 absl::StrCat(path, " became visible although a power loss now would leave it ",
                              "without what it names: ", there.message()));
  }
  if (pointer.committed_through > committed_through_) {
    const bool first = committed_through_ == CheckpointId();
    if (!first && committed_by_ < pointer.attempt) ++log().counts["commits_between_failures"];
    committed_through_ = pointer.committed_through;
    committed_by_ = pointer.attempt;
  }
  CollectCommittables(*image);
  CheckNewCut(process, *image, pointer.manifest);
}

void CheckpointOracle::CheckNewCut(const std::string& process, const FileTree& image,
                                   const ManifestRef& ref) {
  if (!check_cut_ || ref.none() || std::exchange(last_cut_, ref.name) == ref.name) return;
  const std::string path = ResolvePath(checkpoint_folder_, ref.name);
  const absl::StatusOr<std::string> bytes = image.Read(world().InSharedVolume(path));
  if (!bytes.ok()) return;  // Reported already.
  const absl::StatusOr<proto::CheckpointManifest> manifest = DecodeManifest(*bytes, path);
  if (!manifest.ok()) return;
  ++log().counts["cuts"];
  const absl::Status cut = check_cut_(*manifest, [&](const std::string& name) {
    return image.Read(world().InSharedVolume(ResolvePath(FolderOf(path), name)));
  });
  if (!cut.ok()) log().Report("consistent cut", process, std::string(cut.message()));
}

std::unique_ptr<FileTree> CheckpointOracle::Image() {
  ++log().counts["images"];
  return world().PostCrashImage("shared", CrashLoss::kAll);
}

absl::Status CheckpointOracle::CheckRetained(const FileTree& image,
                                             const PointerRecord& pointer) const {
  for (const ManifestRef& ref : pointer.retained()) {
    const std::string path = ResolvePath(checkpoint_folder_, ref.name);
    WEIR_ASSIGN_OR_RETURN(const std::string bytes, image.Read(world().InSharedVolume(path)));
    WEIR_ASSIGN_OR_RETURN(const proto::CheckpointManifest manifest, DecodeManifest(bytes, path));
    for (const proto::StateFile& file : ReachableFiles(manifest)) {
      const std::string state = world().InSharedVolume(ResolvePath(FolderOf(path), file.name()));
      WEIR_ASSIGN_OR_RETURN(const std::string durable, image.Read(state));
      WEIR_ASSIGN_OR_RETURN(const std::string visible, world().shared_files().Read(state));
      if (durable.size() == file.size_bytes() && durable == visible) continue;
      return absl::DataLossError(
          absl::StrCat(state, " has ", durable.size(), " durable bytes of ", file.size_bytes()));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<PointerRecord> CheckpointOracle::NewestPointer(const FileTree& image) const {
  WEIR_ASSIGN_OR_RETURN(const std::vector<DirectoryEntry> entries,
                        image.List(world().InSharedVolume(checkpoint_folder_)));
  const uint64_t newest = NewestOfSeries(kPointerSeries, entries);
  if (newest == 0) return PointerRecord();
  const std::string path =
      absl::StrCat(checkpoint_folder_, "/", SeriesName(kPointerSeries, newest));
  WEIR_ASSIGN_OR_RETURN(const std::string bytes, image.Read(world().InSharedVolume(path)));
  return DecodePointer(bytes, path);
}

absl::Status CheckpointOracle::CheckNewestDurable() {
  const std::unique_ptr<FileTree> image = Image();
  WEIR_ASSIGN_OR_RETURN(const PointerRecord pointer, NewestPointer(*image));
  return CheckRetained(*image, pointer);
}

void CheckpointOracle::CollectCommittables(const FileTree& image) {
  const absl::StatusOr<PointerRecord> pointer = NewestPointer(image);
  if (!pointer.ok() || pointer->manifest.none()) return;
  const std::string path = ResolvePath(checkpoint_folder_, pointer->manifest.name);
  const absl::StatusOr<std::string> bytes = image.Read(world().InSharedVolume(path));
  if (!bytes.ok()) return;  // Reported already.
  const absl::StatusOr<proto::CheckpointManifest> manifest = DecodeManifest(*bytes, path);
  if (!manifest.ok()) return;
  for (const proto::OperatorState& stored : manifest->operators()) {
    for (const auto& subtask : stored.subtasks()) {
      for (const std::string& committable : subtask.committables()) {
        const absl::StatusOr<PartCommittable> part = DecodePartCommittable(committable);
        if (part.ok()) committables_.emplace(part->temporary, part->visible);
      }
    }
  }
}

void CheckpointOracle::OnVisiblePart(const std::string& process, std::string_view from_path,
                                     std::string_view to_path) {
  const std::string_view from = NameOf(from_path), to = NameOf(to_path);
  if (!ParseVisiblePartName(to).has_value()) return;
  ++log().counts["parts"];
  const std::optional<InProgressPartName> written = ParseInProgressPartName(from);
  log().part_origins[world().InSharedVolume(to_path)] =
      absl::StrCat("written by ",
                   written.has_value() ? JobAttempt{written->epoch, written->attempt}.ToString()
                                       : "nobody known",
                   ", made visible by ", process);
  const std::pair<std::string, std::string> part(from, to);
  if (!committables_.contains(part)) CollectCommittables(*Image());
  if (committables_.contains(part)) return;
  log().Report("commit order", process,
               absl::StrCat(ToAbsl(to), " became visible, and no durable checkpoint holds it"));
}

void CheckpointOracle::AtEnd(bool finished) {
  if (!finished && !published_) return;  // It was cancelled before that.
  if (const absl::Status kept = CheckNewestDurable(); !kept.ok()) {
    log().Report("retained checkpoint", "",
                 absl::StrCat("at the end, after a power loss: ", kept.message()));
  }
}

}  // namespace weir::sim
