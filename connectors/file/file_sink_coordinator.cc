#include "connectors/file/file_sink_coordinator.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "connectors/file/part_committable.h"
#include "connectors/file/part_name.h"
#include "connectors/file/run_marker.h"
#include "core/base/status_macros.h"

namespace weir {
namespace {

constexpr size_t kReportRowsMax = 10;
constexpr size_t kReportBytesMax = 64 * 1024;  // Read of each part.
constexpr size_t kNamesInMessageMax = 3;

// "a, b, c, ..."
std::string SomeOf(const std::vector<std::string>& names) {
  std::string text;
  for (size_t i = 0; i < std::min(names.size(), kNamesInMessageMax); ++i) {
    absl::StrAppend(&text, i == 0 ? "" : ", ", names[i]);
  }
  if (names.size() > kNamesInMessageMax) text += ", ...";
  return text;
}

std::string Parent(const std::string& path) {
  const size_t slash = path.find_last_of('/');
  return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

// Creates `directory` and makes the names of all folders that were missing durable.
absl::Status CreateDurably(FileSystem& files, const std::string& directory) {
  WEIR_RETURN_IF_ERROR(files.CreateDirectories(directory));
  // All of them: whoever made one may have died, or failed, before its name was durable.
  for (std::string path = directory; path != "/"; path = Parent(path)) {
    const absl::Status status = files.SyncDirectory(Parent(path));
    // A folder may let us create entries and yet not open it, and file systems that nobody creates folders in, automounters
    // for one, have nothing to sync.
    if (!absl::IsPermissionDenied(status) && !absl::IsInvalidArgument(status))
      WEIR_RETURN_IF_ERROR(status);
  }
  return absl::OkStatus();
}

absl::Status Unusable(const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat("preparing the output folder: ", status.message(),
                                                  ". Choose another --output"));
}

struct FolderContents {
  std::vector<std::string> parts;
  std::vector<std::string> unfinished;
  std::vector<std::string> new_markers;  // That somebody did not get to finish.
  std::vector<std::string> foreign;
};

absl::StatusOr<FolderContents> Sort(FileSystem& files, const std::string& directory) {
  WEIR_ASSIGN_OR_RETURN(const std::vector<DirectoryEntry> entries, files.List(directory));
  FolderContents contents;
  for (const DirectoryEntry& entry : entries) {
    const bool is_file = entry.type == FileType::kFile;
    if (is_file && entry.name == kRunMarkerName) continue;
    if (is_file && ParseVisiblePartName(entry.name).has_value()) {
      contents.parts.push_back(entry.name);
    } else if (is_file && ParseInProgressPartName(entry.name).has_value()) {
      contents.unfinished.push_back(entry.name);
    } else if (is_file && entry.name.starts_with(kNewRunMarkerPrefix)) {
      contents.new_markers.push_back(entry.name);
    } else {
      contents.foreign.push_back(entry.name);
    }
  }
  return contents;
}

absl::Status Delete(FileSystem& files, const std::string& directory,
                    const std::vector<std::string>& names) {
  if (names.empty()) return absl::OkStatus();
  for (const std::string& name : names) {
    const absl::Status status = files.Remove(absl::StrCat(directory, "/", name));
    if (!absl::IsNotFound(status)) WEIR_RETURN_IF_ERROR(status);
  }
  return files.SyncDirectory(directory);
}

// Those of `unfinished` that were left by writers which begin again, and that no committable names.
absl::StatusOr<std::vector<std::string>> Aborted(const std::vector<std::string>& unfinished,
                                                 const SinkRun& run) {
  std::set<std::string> kept;
  for (const std::string& bytes : run.committables) {
    WEIR_ASSIGN_OR_RETURN(PartCommittable part, DecodePartCommittable(bytes));
    kept.insert(std::move(part.temporary));
  }
  std::vector<std::string> aborted;
  for (const std::string& name : unfinished) {
    const std::optional<InProgressPartName> part = ParseInProgressPartName(name);
    const bool older = std::tie(part->epoch, part->attempt) < std::tie(run.epoch, run.attempt);
    if (older && run.begins(part->part.subtask) && !kept.contains(name)) aborted.push_back(name);
  }
  return aborted;
}

// Appends lines of the file at `path` until there are kReportRowsMax; a last line that is longer
// than what is read is cut.
absl::Status AppendFirstLines(FileSystem& files, const std::string& path, bool skip_first,
                              std::vector<std::string>& lines) {
  WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<ReadableFile> file, files.OpenForRead(path));
  WEIR_ASSIGN_OR_RETURN(const std::string bytes, file->ReadAt(0, kReportBytesMax));
  std::string_view rest = bytes;
  while (!rest.empty() && lines.size() < kReportRowsMax) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    if (!skip_first) lines.emplace_back(rest.substr(0, end));
    if (end == rest.size() && bytes.size() == kReportBytesMax && !skip_first) lines.back() += "...";
    skip_first = false;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status FileSinkCoordinator::Prepare(Env& env, const SinkRun& run) {
  FileSystem& files = env.file_system();
  if (!directory_.starts_with('/')) {
    return absl::InvalidArgumentError(
        absl::StrCat("output folder \"", directory_,
                     "\" is not an absolute path. Write one that starts with /"));
  }
  if (const absl::Status status = CreateDurably(files, directory_); !status.ok()) {
    return Unusable(status);
  }
  absl::StatusOr<FolderContents> contents = Sort(files, directory_);
  if (!contents.ok()) return Unusable(contents.status());
  WEIR_ASSIGN_OR_RETURN(const std::optional<std::string> owner, ReadRunMarker(files, directory_));
  const bool own = owner == run.run_id;
  if (!contents->foreign.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat(directory_, " holds files that are no results of a job (",
                     SomeOf(contents->foreign), "). Choose another --output"));
  }
  if (run.restored && !own) {
    return absl::FailedPreconditionError(absl::StrCat(
        directory_, owner.has_value() ? " belongs to another run" : " is not as the run left it",
        ", so the run cannot go on there. Put the folder back, or start over with --fresh"));
  }
  const bool holds_results =
      !contents->parts.empty() || (owner.has_value() && !contents->unfinished.empty());
  if (!own && holds_results) {
    const std::vector<std::string>& names =
        contents->parts.empty() ? contents->unfinished : contents->parts;
    return absl::FailedPreconditionError(
        absl::StrCat(directory_, " holds results of another run (", SomeOf(names),
                     "). Choose another --output, or delete the folder if nobody needs them"));
  }
  if (run.whole() && !run.restored && !contents->parts.empty() && !overwrite_) {
    return absl::FailedPreconditionError(
        absl::StrCat(directory_, " holds earlier results (", SomeOf(contents->parts),
                     "). Choose another --output, or run again with --fresh to delete them"));
  }
  absl::StatusOr<std::vector<std::string>> garbage = Aborted(contents->unfinished, run);
  WEIR_RETURN_IF_ERROR(garbage.status());
  const bool starts_over = run.whole() && own && !run.restored && overwrite_;
  if (starts_over) {
    *garbage = contents->unfinished;
    garbage->insert(garbage->end(), contents->parts.begin(), contents->parts.end());
  }
  if (!own) garbage->clear();
  // A marker that is there already may have been left by a try that ended before its name was durable.
  absl::Status status =
      own ? files.SyncDirectory(directory_) : WriteRunMarker(files, directory_, run);
  garbage->insert(garbage->end(), contents->new_markers.begin(), contents->new_markers.end());
  if (status.ok()) status = Delete(files, directory_, *garbage);
  return status.ok() ? status : Unusable(status);
}

absl::StatusOr<SinkReport> FileSinkCoordinator::Report(Env& env) {
  FileSystem& files = env.file_system();
  WEIR_ASSIGN_OR_RETURN(const FolderContents contents, Sort(files, directory_));
  // Whoever finds one later loses nothing.
  static_cast<void>(Delete(files, directory_, contents.unfinished));
  std::vector<PartName> parts;
  for (const std::string& name : contents.parts) parts.push_back(*ParseVisiblePartName(name));
  std::sort(parts.begin(), parts.end());  // By number: as text, part-10 comes before part-2.
  SinkReport report{.where = directory_, .first_rows = {}};
  for (const PartName& part : parts) {
    if (report.first_rows.size() >= kReportRowsMax) break;
    const bool skip_header = has_header_ && !report.first_rows.empty();
    WEIR_RETURN_IF_ERROR(AppendFirstLines(files, absl::StrCat(directory_, "/", part.Visible()),
                                          skip_header, report.first_rows));
  }
  return report;
}

}  // namespace weir
