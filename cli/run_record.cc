#include "cli/run_record.h"

#include <optional>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "core/base/hash.h"
#include "core/base/string_view.h"

namespace weir::cli {
namespace {

constexpr char kHead[] =
    "# What `weir run` remembers of this run. Delete this folder and the run is forgotten.\n";
constexpr char kEnd[] = "checksum: ";

std::optional<RunState> ParseRunState(std::string_view name) {
  for (const RunState state : {RunState::kRunning, RunState::kInterrupted, RunState::kFinished}) {
    if (RunStateName(state) == name) return state;
  }
  return std::nullopt;
}

void AppendLine(std::string& text, std::string_view name, std::string_view value) {
  if (!value.empty())
    absl::StrAppend(&text, ToAbsl(name), ": ", absl::Utf8SafeCEscape(ToAbsl(value)), "\n");
}

// False if `value` is not one of `name`.
bool Take(std::string_view name, std::string value, RunRecord& record) {
  if (name == "run") record.run_id = std::move(value);
  if (name == "job") record.job = std::move(value);
  if (name == "started") record.started = std::move(value);
  if (name == "checkpoints") record.checkpoints = std::move(value);
  if (name == "restore") record.restore = std::move(value);
  if (name == "result") {
    record.results.push_back(std::move(value));
    return !record.results.back().empty();
  }
  if (name == "summary") absl::StrAppend(&record.summary, value, "\n");
  if (name == "pid") return absl::SimpleAtoi(value, &record.pid);
  if (name == "starts") return absl::SimpleAtoi(value, &record.starts);
  if (name == "fresh") return absl::SimpleAtob(value, &record.fresh);
  if (name == "state") {
    const std::optional<RunState> state = ParseRunState(value);
    if (state.has_value()) record.state = *state;
    return state.has_value();
  }
  if (name == "argument") {
    record.arguments.push_back(absl::StrSplit(value, absl::MaxSplits('=', 1)));
  }
  return true;
}

std::string Checksum(std::string_view body) { return absl::StrFormat("%016x", StableHash64(body)); }

absl::Status Damaged(std::string_view path, std::string_view why) {
  return absl::DataLossError(absl::StrCat(
      ToAbsl(path), " is damaged: ", ToAbsl(why),
      ". What the run has written is untouched; --fresh starts over, --restore=CHECKPOINT goes "
      "on from a checkpoint"));
}

}  // namespace

std::string_view RunStateName(RunState state) {
  switch (state) {
    case RunState::kRunning:
      return "running";
    case RunState::kInterrupted:
      return "interrupted";
    case RunState::kFinished:
      return "finished";
  }
  return "unknown";
}

std::ostream& operator<<(std::ostream& out, const RunRecord& record) {
  return out << FormatRunRecord(record);
}

std::string FormatRunRecord(const RunRecord& record) {
  std::string text(kHead);
  AppendLine(text, "run", record.run_id);
  AppendLine(text, "job", record.job);
  for (const auto& [name, value] : record.arguments) {
    AppendLine(text, "argument", absl::StrCat(name, "=", value));
  }
  AppendLine(text, "state", RunStateName(record.state));
  AppendLine(text, "pid", absl::StrCat(record.pid));
  AppendLine(text, "started", record.started);
  AppendLine(text, "starts", absl::StrCat(record.starts));
  if (record.fresh) AppendLine(text, "fresh", "true");
  AppendLine(text, "checkpoints", record.checkpoints);
  AppendLine(text, "restore", record.restore);
  for (const std::string& result : record.results) AppendLine(text, "result", result);
  std::string_view summary = record.summary;
  if (summary.ends_with('\n')) summary.remove_suffix(1);
  if (!record.summary.empty()) {
    for (const absl::string_view line : absl::StrSplit(ToAbsl(summary), '\n')) {
      absl::StrAppend(&text, "summary: ", absl::Utf8SafeCEscape(line), "\n");
    }
  }
  return absl::StrCat(text, kEnd, Checksum(text), "\n");
}

absl::StatusOr<RunRecord> ParseRunRecord(std::string_view text, std::string_view path) {
  const size_t end = text.rfind(kEnd);
  if (end == std::string_view::npos) return Damaged(path, "it has no end");
  const std::string_view body = text.substr(0, end);
  if (text.substr(end) != absl::StrCat(kEnd, Checksum(body), "\n")) {
    return Damaged(path, "its checksum is wrong");
  }
  RunRecord record;
  for (const absl::string_view line : absl::StrSplit(ToAbsl(body), '\n')) {
    if (line.empty() || line.front() == '#') continue;
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(line, absl::MaxSplits(": ", 1));
    std::string value;
    if (!absl::CUnescape(parts.second, &value) ||
        !Take(ToStd(parts.first), std::move(value), record)) {
      return Damaged(path, absl::StrCat("the line \"", line, "\" says nothing"));
    }
  }
  if (record.run_id.empty() || record.checkpoints.empty()) {
    return Damaged(path, "it names no run");
  }
  return record;
}

}  // namespace weir::cli
