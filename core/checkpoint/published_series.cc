#include "core/checkpoint/published_series.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_format.h"
#include "core/base/check.h"
#include "core/base/status_macros.h"
#include "core/checkpoint/checkpoint_names.h"

namespace weir {
namespace {

// Each time the newest file vanishes between looking and opening, two newer ones were published.
constexpr int kReadTriesMax = 16;

}  // namespace

uint64_t NewestOfSeries(std::string_view series, const std::vector<DirectoryEntry>& entries) {
  uint64_t newest = 0;
  for (const DirectoryEntry& entry : entries) {
    const std::optional<SeriesFileName> name = ParseSeriesName(series, entry.name);
    if (name.has_value() && !name->candidate) newest = std::max(newest, name->sequence);
  }
  return newest;
}

PublishTask::PublishTask(FileSystem& file_system, SeriesPlace place, uint64_t sequence,
                         std::string writer, std::string bytes)
    : file_system_(file_system),
      place_(std::move(place)),
      sequence_(sequence),
      candidate_(JoinPath(place_.folder, CandidateName(place_.series, sequence, writer))),
      write_(file_system, candidate_, std::move(bytes), /*durable_name=*/false) {
  WEIR_CHECK_GT(sequence, 0u);
}

absl::Status PublishTask::Fenced(uint64_t newest) const {
  return absl::AbortedError(absl::StrFormat(
      "fenced: %s in %s was published by another process, this one wanted to publish number %d",
      SeriesName(place_.series, newest), place_.folder, sequence_));
}

absl::StatusOr<StepResult> PublishTask::Step() {
  switch (stage_) {
    case Stage::kWrite: {
      WEIR_ASSIGN_OR_RETURN(const StepResult result, write_.Step());
      if (result == StepResult::kDone) stage_ = Stage::kLink;
      return StepResult::kMore;
    }
    case Stage::kLink: {
      linking_ = true;
      const absl::Status linked = file_system_.Link(
          candidate_, JoinPath(place_.folder, SeriesName(place_.series, sequence_)));
      if (absl::IsAlreadyExists(linked)) return Fenced(sequence_);
      WEIR_RETURN_IF_ERROR(linked);
      stage_ = Stage::kLookAgain;
      return StepResult::kMore;
    }
    case Stage::kLookAgain: {
      WEIR_ASSIGN_OR_RETURN(const std::vector<DirectoryEntry> entries,
                            file_system_.List(place_.folder));
      const uint64_t newest = NewestOfSeries(place_.series, entries);
      if (newest > sequence_) return Fenced(newest);
      stage_ = Stage::kSyncFolder;
      return StepResult::kMore;
    }
    case Stage::kSyncFolder:
      WEIR_RETURN_IF_ERROR(file_system_.SyncDirectory(place_.folder));
      stage_ = Stage::kRemoveCandidate;
      return StepResult::kMore;
    case Stage::kRemoveCandidate: {
      // It is a second name for what is published. If it stays, garbage collection gets it.
      const absl::Status removed = file_system_.Remove(candidate_);
      static_cast<void>(removed);
      return StepResult::kDone;
    }
  }
  return StepResult::kDone;
}

ReadNewestTask::ReadNewestTask(FileSystem& file_system, SeriesPlace place)
    : file_system_(file_system), place_(std::move(place)) {}

absl::StatusOr<StepResult> ReadNewestTask::Step() {
  if (!read_.has_value()) {
    WEIR_ASSIGN_OR_RETURN(const std::vector<DirectoryEntry> entries,
                          file_system_.List(place_.folder));
    sequence_ = NewestOfSeries(place_.series, entries);
    if (sequence_ == 0) return StepResult::kDone;
    path_ = JoinPath(place_.folder, SeriesName(place_.series, sequence_));
    read_.emplace(file_system_, path_);
    return StepResult::kMore;
  }
  const absl::StatusOr<StepResult> result = read_->Step();
  if (absl::IsNotFound(result.status()) && ++tries_ < kReadTriesMax) {
    read_.reset();
    return StepResult::kMore;
  }
  WEIR_RETURN_IF_ERROR(result.status());
  if (*result == StepResult::kDone) bytes_ = read_->bytes();
  return *result;
}

}  // namespace weir
