// A published series: files name-1, name-2, ... in a folder, of which the newest holds. Publishing is linking a synced candidate
// to the next name, which fails if anybody did so before: that is how processes which cannot see each other agree on who is
// first. Pointers, leader epochs and job records are such series. On an executor of kind kIo.
//
// Older files may be deleted, so a publisher that slept may find its name free although newer ones exist. It therefore looks
// again after linking and takes itself for fenced if it is not the newest; the newest is never deleted.
#ifndef WEIR_CORE_CHECKPOINT_PUBLISHED_SERIES_H_
#define WEIR_CORE_CHECKPOINT_PUBLISHED_SERIES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "core/checkpoint/file_tasks.h"
#include "core/checkpoint/storage_task.h"
#include "core/env/file_system.h"

namespace weir {

struct SeriesPlace {
  std::string folder;
  std::string series;  // "pointer"
};

// Publishes `bytes` as number `sequence`. When done they are durable and the newest. Aborted: somebody else has published this
// number or a later one. Other errors: see may_have_happened().
class PublishTask final : public StorageTask {
 public:
  // `writer` names the candidate and differs between all who ever try this number: "e1a2-7".
  PublishTask(FileSystem& file_system, SeriesPlace place, uint64_t sequence, std::string writer,
              std::string bytes);
  absl::StatusOr<StepResult> Step() override;

  // After an error that is not Aborted: false if the link was not tried, so that it certainly did not happen.
  bool may_have_happened() const { return linking_; }

 private:
  enum class Stage : uint8_t { kWrite, kLink, kLookAgain, kSyncFolder, kRemoveCandidate };
  absl::Status Fenced(uint64_t newest) const;

  FileSystem& file_system_;
  const SeriesPlace place_;
  const uint64_t sequence_;
  const std::string candidate_;
  WriteFileTask write_;
  Stage stage_ = Stage::kWrite;
  bool linking_ = false;
};

// Reads the newest of a series. Not finding any is no error.
class ReadNewestTask final : public StorageTask {
 public:
  ReadNewestTask(FileSystem& file_system, SeriesPlace place);
  absl::StatusOr<StepResult> Step() override;

  // When done. 0 and "" if the series is empty.
  uint64_t sequence() const { return sequence_; }
  const std::string& bytes() const { return bytes_; }
  const std::string& path() const { return path_; }

 private:
  FileSystem& file_system_;
  const SeriesPlace place_;
  int tries_ = 0;
  uint64_t sequence_ = 0;
  std::string path_;
  std::string bytes_;
  std::optional<ReadFileTask> read_;
};

// The newest number among `entries`, 0 if there is none. Pure.
uint64_t NewestOfSeries(std::string_view series, const std::vector<DirectoryEntry>& entries);

}  // namespace weir

#endif  // WEIR_CORE_CHECKPOINT_PUBLISHED_SERIES_H_
