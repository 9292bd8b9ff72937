// The names of files in a checkpoint folder. Those that a deployment writes carry its JobAttempt and the checkpoint, so no name
// is used twice; docs/formats/checkpoint.md lists them. Pure.
#ifndef WEIR_CORE_CHECKPOINT_CHECKPOINT_NAMES_H_
#define WEIR_CORE_CHECKPOINT_CHECKPOINT_NAMES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/ids.h"
#include "core/checkpoint/job_attempt.h"

namespace weir {

inline constexpr std::string_view kHelloName = "hello";
inline constexpr std::string_view kPointerSeries = "pointer";

// "manifest-7-e1a2"
std::string ManifestName(CheckpointId checkpoint, JobAttempt attempt);
// "state-7-e1a2-3-0": the `number`th file that `subtask` writes for the checkpoint.
std::string StateFileName(CheckpointId checkpoint, JobAttempt attempt, SubtaskId subtask,
                          uint64_t number);
// "pointer-9"
std::string SeriesName(std::string_view series, uint64_t sequence);
// "pointer-9.e1a2-4": what is linked to "pointer-9". `writer` differs between all who try.
std::string CandidateName(std::string_view series, uint64_t sequence, std::string_view writer);

// What a name in a checkpoint folder says.
struct CheckpointFileName {
  enum class Kind : uint8_t { kManifest, kState };
  Kind kind = Kind::kManifest;
  CheckpointId checkpoint;
  JobAttempt attempt;
  friend bool operator==(const CheckpointFileName&, const CheckpointFileName&) = default;
};
// Nothing for every other name: whose it is is not known, so nobody deletes it.
std::optional<CheckpointFileName> ParseCheckpointFileName(std::string_view name);

struct SeriesFileName {
  uint64_t sequence = 0;
  bool candidate = false;
  friend bool operator==(const SeriesFileName&, const SeriesFileName&) = default;
};
// Of "<series>-<n>" and its candidates; nothing for every other name.
std::optional<SeriesFileName> ParseSeriesName(std::string_view series, std::string_view name);

// "" , ".", "..", and what holds a slash or a zero byte name no file inside a folder.
bool IsPlainFileName(std::string_view name);

std::string JoinPath(std::string_view folder, std::string_view name);
// `name` itself if it is absolute.
std::string ResolvePath(std::string_view folder, std::string_view name);
// What is before the last slash; "/" for what lies in the root.
std::string FolderOf(std::string_view path);

}  // namespace weir

#endif  // WEIR_CORE_CHECKPOINT_CHECKPOINT_NAMES_H_
