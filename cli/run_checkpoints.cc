#include "cli/run_checkpoints.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/checkpoint/checkpoint_names.h"
#include "core/checkpoint/published_series.h"
#include "core/checkpoint/storage_task.h"

namespace weir::cli {
namespace {

constexpr char kFolder[] = "checkpoints-";

// 0: `name` is none of ours.
uint64_t NumberOf(const DirectoryEntry& entry) {
  uint64_t number = 0;
  if (entry.type != FileType::kDirectory || !entry.name.starts_with(kFolder)) return 0;
  if (!absl::SimpleAtoi(entry.name.substr(sizeof(kFolder) - 1), &number)) return 0;
  return entry.name == absl::StrCat(kFolder, number) ? number : 0;
}

bool IsOfACheckpoint(const DirectoryEntry& entry) {
  if (entry.type != FileType::kFile) return false;
  return entry.name == kHelloName || ParseCheckpointFileName(entry.name).has_value() ||
         ParseSeriesName(kPointerSeries, entry.name).has_value();
}

}  // namespace

std::string RunCheckpointsFolder(const std::string& base, uint64_t number) {
  return absl::StrCat(base, "/", kFolder, number);
}

absl::StatusOr<uint64_t> NewestRunCheckpoints(FileSystem& files, const std::string& base) {
  const absl::StatusOr<std::vector<DirectoryEntry>> entries = files.List(base);
  if (absl::IsNotFound(entries.status())) return 0;
  WEIR_RETURN_IF_ERROR(entries.status());
  uint64_t newest = 0;
  for (const DirectoryEntry& entry : *entries) newest = std::max(newest, NumberOf(entry));
  return newest;
}

absl::StatusOr<PointerRecord> ReadNewestPointer(FileSystem& files, const std::string& folder) {
  if (absl::IsNotFound(files.Stat(folder).status())) return PointerRecord();
  ReadNewestTask task(files, {.folder = folder, .series = std::string(kPointerSeries)});
  WEIR_RETURN_IF_ERROR(RunAllSteps(task));
  if (task.sequence() == 0) return PointerRecord();
  return DecodePointer(task.bytes(), task.path());
}

void DeleteRunCheckpoints(FileSystem& files, const std::string& base, const std::string& kept) {
  const absl::StatusOr<std::vector<DirectoryEntry>> folders = files.List(base);
  if (!folders.ok()) return;
  for (const DirectoryEntry& folder : *folders) {
    const std::string path = absl::StrCat(base, "/", folder.name);
    if (NumberOf(folder) == 0 || path == kept) continue;
    const absl::StatusOr<std::vector<DirectoryEntry>> entries = files.List(path);
    if (!entries.ok()) continue;
    for (const DirectoryEntry& entry : *entries) {
      if (IsOfACheckpoint(entry)) files.Remove(absl::StrCat(path, "/", entry.name)).IgnoreError();
    }
    files.RemoveDirectory(path).IgnoreError();  // Stays if it holds anything else.
  }
}

}  // namespace weir::cli
