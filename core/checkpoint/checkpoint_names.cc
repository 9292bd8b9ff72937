#include "core/checkpoint/checkpoint_names.h"

#include <charconv>

#include "absl/strings/str_cat.h"
#include "core/base/string_view.h"

namespace weir {
namespace {

// Takes a decimal number off the front, as it is written: no sign, no leading zero.
template <class T>
bool TakeNumber(std::string_view& text, T& value) {
  if (text.empty() || (text[0] == '0' && text.size() > 1 && text[1] >= '0' && text[1] <= '9')) {
    return false;
  }
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return true;
}

bool Take(std::string_view& text, std::string_view prefix) {
  if (text.substr(0, prefix.size()) != prefix) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// "<checkpoint>-e<epoch>a<attempt>"
bool TakeStamp(std::string_view& text, CheckpointFileName& name) {
  uint64_t checkpoint = 0, epoch = 0;
  uint32_t attempt = 0;
  if (!TakeNumber(text, checkpoint) || !Take(text, "-e") || !TakeNumber(text, epoch) ||
      !Take(text, "a") || !TakeNumber(text, attempt)) {
    return false;
  }
  name.checkpoint = CheckpointId(checkpoint);
  name.attempt = {LeaderEpoch(epoch), AttemptNumber(attempt)};
  return true;
}

}  // namespace

std::string ManifestName(CheckpointId checkpoint, JobAttempt attempt) {
  return absl::StrCat("manifest-", checkpoint.value(), "-", attempt.ToString());
}

std::string StateFileName(CheckpointId checkpoint, JobAttempt attempt, SubtaskId subtask,
                          uint64_t number) {
  return absl::StrCat("state-", checkpoint.value(), "-", attempt.ToString(), "-", subtask.value(),
                      "-", number);
}

std::string SeriesName(std::string_view series, uint64_t sequence) {
  return absl::StrCat(ToAbsl(series), "-", sequence);
}

std::string CandidateName(std::string_view series, uint64_t sequence, std::string_view writer) {
  return absl::StrCat(ToAbsl(series), "-", sequence, ".", ToAbsl(writer));
}

std::optional<CheckpointFileName> ParseCheckpointFileName(std::string_view name) {
  CheckpointFileName parsed;
  if (Take(name, "manifest-")) {
    parsed.kind = CheckpointFileName::Kind::kManifest;
    if (!TakeStamp(name, parsed) || !name.empty()) return std::nullopt;
    return parsed;
  }
  if (!Take(name, "state-")) return std::nullopt;
  parsed.kind = CheckpointFileName::Kind::kState;
  uint32_t subtask = 0;
  uint64_t number = 0;
  if (!TakeStamp(name, parsed) || !Take(name, "-") || !TakeNumber(name, subtask) ||
      !Take(name, "-") || !TakeNumber(name, number) || !name.empty()) {
    return std::nullopt;
  }
  return parsed;
}

std::optional<SeriesFileName> ParseSeriesName(std::string_view series, std::string_view name) {
  SeriesFileName parsed;
  if (!Take(name, series) || !Take(name, "-") || !TakeNumber(name, parsed.sequence)) {
    return std::nullopt;
  }
  if (parsed.sequence == 0) return std::nullopt;
  if (name.empty()) return parsed;
  if (!Take(name, ".") || name.empty()) return std::nullopt;
  parsed.candidate = true;
  return parsed;
}

bool IsPlainFileName(std::string_view name) {
  return !name.empty() && name != "." && name != ".." &&
         name.find_first_of(std::string_view("/\0", 2)) == std::string_view::npos;
}

std::string JoinPath(std::string_view folder, std::string_view name) {
  const bool slash = !folder.empty() && folder.back() == '/';
  return absl::StrCat(ToAbsl(folder), slash ? "" : "/", ToAbsl(name));
}

std::string ResolvePath(std::string_view folder, std::string_view name) {
  if (!name.empty() && name.front() == '/') return std::string(name);
  return JoinPath(folder, name);
}

std::string FolderOf(std::string_view path) {
  const size_t slash = path.find_last_of('/');
  if (slash == std::string_view::npos || slash == 0) return "/";
  return std::string(path.substr(0, slash));
}

}  // namespace weir
