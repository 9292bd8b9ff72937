#include "core/checkpoint/garbage.h"

#include <algorithm>
#include <utility>

#include "core/base/status_macros.h"
#include "core/checkpoint/checkpoint_names.h"
#include "core/checkpoint/manifest.h"

namespace weir {
namespace {

// What a process that died left behind when it opened the folder first.
bool IsHelloCandidate(const std::string& name) {
  return name.size() > kHelloName.size() && name.compare(0, kHelloName.size(), kHelloName) == 0 &&
         name[kHelloName.size()] == '.';
}

bool IsOldPointer(const std::string& name, const PointerRecord& published) {
  const std::optional<SeriesFileName> parsed = ParseSeriesName(kPointerSeries, name);
  if (!parsed.has_value()) return false;
  // A candidate that was linked is a second name of the pointer.
  return parsed->sequence < published.sequence ||
         (parsed->candidate && parsed->sequence == published.sequence);
}

// No deployment that may still succeed refers to it. Under one leader an older attempt may be that of a region which has run on
// while another one restarted: there the checkpoint alone decides, as ids only grow over attempts.
bool IsSettled(const CheckpointFileName& name, const PointerRecord& published,
               CheckpointId settled_through) {
  return name.attempt.epoch < published.attempt.epoch ||
         (name.attempt <= published.attempt && name.checkpoint <= settled_through);
}

}  // namespace

std::vector<std::string> DecideGarbage(const std::vector<DirectoryEntry>& entries,
                                       const std::set<std::string>& reachable,
                                       const PointerRecord& published,
                                       CheckpointId settled_through) {
  std::set<std::string> kept = reachable;
  for (const ManifestRef& ref : published.retained()) kept.insert(ref.name);
  std::vector<std::string> pointers, manifests, state;
  for (const DirectoryEntry& entry : entries) {
    if (entry.type != FileType::kFile || kept.count(entry.name) > 0) continue;
    if (IsOldPointer(entry.name, published) || IsHelloCandidate(entry.name))
      pointers.push_back(entry.name);
    const std::optional<CheckpointFileName> name = ParseCheckpointFileName(entry.name);
    if (!name.has_value() || !IsSettled(*name, published, settled_through)) continue;
    (name->kind == CheckpointFileName::Kind::kManifest ? manifests : state).push_back(entry.name);
  }
  pointers.insert(pointers.end(), manifests.begin(), manifests.end());
  pointers.insert(pointers.end(), state.begin(), state.end());
  return pointers;
}

CollectGarbageTask::CollectGarbageTask(FileSystem& file_system, std::string folder,
                                       PointerRecord published, CheckpointId settled_through)
    : file_system_(file_system),
      folder_(std::move(folder)),
      published_(std::move(published)),
      settled_through_(settled_through) {
  // What lies in another folder reaches nothing in this one.
  for (ManifestRef& ref : published_.retained()) {
    if (IsPlainFileName(ref.name)) to_read_.push_back(std::move(ref));
  }
}

absl::StatusOr<StepResult> CollectGarbageTask::ReadStep() {
  if (to_read_.empty()) {
    garbage_ = DecideGarbage(entries_, reachable_, published_, settled_through_);
    std::reverse(garbage_.begin(), garbage_.end());
    stage_ = Stage::kRemove;
    return StepResult::kMore;
  }
  if (!read_.has_value()) read_.emplace(file_system_, JoinPath(folder_, to_read_.back().name));
  WEIR_ASSIGN_OR_RETURN(const StepResult result, read_->Step());
  if (result == StepResult::kMore) return StepResult::kMore;
  WEIR_ASSIGN_OR_RETURN(const proto::CheckpointManifest manifest,
                        DecodeManifest(read_->bytes(), read_->path()));
  for (const proto::StateFile& file : ReachableFiles(manifest)) reachable_.insert(file.name());
  read_.reset();
  to_read_.pop_back();
  return StepResult::kMore;
}

absl::StatusOr<StepResult> CollectGarbageTask::Step() {
  switch (stage_) {
    case Stage::kList: {
      WEIR_ASSIGN_OR_RETURN(entries_, file_system_.List(folder_));
      stage_ = Stage::kRead;
      return StepResult::kMore;
    }
    case Stage::kRead:
      return ReadStep();
    case Stage::kRemove: {
      if (garbage_.empty()) {
        WEIR_RETURN_IF_ERROR(first_error_);
        return StepResult::kDone;
      }
      const absl::Status removed = file_system_.Remove(JoinPath(folder_, garbage_.back()));
      garbage_.pop_back();
      if (removed.ok()) ++removed_count_;
      if (!removed.ok() && !absl::IsNotFound(removed)) first_error_.Update(removed);
      return StepResult::kMore;
    }
  }
  return StepResult::kDone;
}

}  // namespace weir
