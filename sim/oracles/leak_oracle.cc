#include "sim/oracles/leak_oracle.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "connectors/file/part_name.h"

namespace weir::sim {
namespace {

// Manifests and state files of a few checkpoints, pointers and their candidates. Far below what a run writes.
constexpr size_t kCheckpointFilesMax = 150;

}  // namespace

LeakOracle::LeakOracle(OracleLog* log, std::string checkpoint_folder,
                       std::vector<std::string> output_folders)
    : Oracle(log),
      checkpoint_folder_(std::move(checkpoint_folder)),
      output_folders_(std::move(output_folders)) {
  log->counts["leak_checks"];
}

void LeakOracle::OnFileCall(std::string_view, std::string_view operation, std::string_view path,
                            const absl::Status& status) {
  if (operation == "remove" && status.ok()) removed_.emplace(path);
}

void LeakOracle::AtEnd(bool finished) {
  ++log().counts["leak_checks"];
  CheckStreams();
  if (finished) {
    for (const std::string& folder : output_folders_) CheckOutput(folder);
  }
  CheckCheckpoints();
}

void LeakOracle::CheckStreams() {
  const size_t open = world().open_streams();
  if (open == 0) return;
  log().Report("leak", "", absl::StrCat(open, " streams are open after the end of the job"));
}

void LeakOracle::CheckOutput(const std::string& folder) {
  const auto entries = world().shared_files().List(world().InSharedVolume(folder));
  if (!entries.ok()) return;  // Nothing was written there.
  for (const DirectoryEntry& entry : *entries) {
    if (!ParseInProgressPartName(entry.name).has_value()) continue;
    if (removed_.contains(absl::StrCat(folder, "/", entry.name))) continue;
    log().Report("leak", "",
                 absl::StrCat(folder, "/", entry.name, " is left after the end of the job"));
  }
}

void LeakOracle::CheckCheckpoints() {
  const auto entries = world().shared_files().List(world().InSharedVolume(checkpoint_folder_));
  if (!entries.ok() || entries->size() <= kCheckpointFilesMax) return;
  log().Report("leak", "",
               absl::StrCat(checkpoint_folder_, " holds ", entries->size(),
                            " files after the end of the job"));
}

}  // namespace weir::sim
