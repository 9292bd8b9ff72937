#include "connectors/file/run_marker.h"

#include <memory>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "connectors/file/part_name.h"
#include "core/base/hash.h"
#include "core/base/status_macros.h"
#include "core/base/string_view.h"

namespace weir {
namespace {

constexpr std::string_view kFirstLine = "weir-run 1\n";
constexpr size_t kRunIdBytesMax = 4096;

}  // namespace

absl::StatusOr<std::optional<std::string>> ReadRunMarker(FileSystem& files,
                                                         const std::string& directory) {
  const std::string path = absl::StrCat(directory, "/", ToAbsl(kRunMarkerName));
  const absl::StatusOr<std::unique_ptr<ReadableFile>> file = files.OpenForRead(path);
  if (absl::IsNotFound(file.status())) return std::nullopt;
  WEIR_RETURN_IF_ERROR(file.status());
  WEIR_ASSIGN_OR_RETURN(const std::string text,
                        (*file)->ReadAt(0, kFirstLine.size() + kRunIdBytesMax + 2));
  std::string_view id = text;
  const bool whole = id.starts_with(kFirstLine) && id.ends_with('\n') &&
                     id.find('\n', kFirstLine.size()) == id.size() - 1;
  if (!whole) {
    return absl::DataLossError(
        absl::StrCat(path,
                     " is damaged, so nobody knows whose results these are. Choose another "
                     "--output, or delete the folder"));
  }
  id.remove_prefix(kFirstLine.size());
  id.remove_suffix(1);
  return std::string(id);
}

absl::Status WriteRunMarker(FileSystem& files, const std::string& directory, const SinkRun& run) {
  if (run.run_id.size() > kRunIdBytesMax || run.run_id.find('\n') != std::string::npos) {
    return absl::InvalidArgumentError("the id of a run has a line end or is longer than 4 KiB");
  }
  const std::string temporary =
      absl::StrCat(directory, "/", ToAbsl(kNewRunMarkerPrefix), "e", run.epoch.value(), "a",
                   run.attempt.value(), "-", absl::Hex(StableHash64(run.run_id), absl::kZeroPad16));
  WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<WritableFile> file,
                        files.Create(temporary, CreateMode::kTruncate));
  WEIR_RETURN_IF_ERROR(file->Append(absl::StrCat(ToAbsl(kFirstLine), run.run_id, "\n")));
  WEIR_RETURN_IF_ERROR(file->Sync());
  WEIR_RETURN_IF_ERROR(file->Close());
  WEIR_RETURN_IF_ERROR(
      files.Rename(temporary, absl::StrCat(directory, "/", ToAbsl(kRunMarkerName))));
  return files.SyncDirectory(directory);
}

}  // namespace weir
