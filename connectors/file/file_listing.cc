#include "connectors/file/file_listing.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/check.h"
#include "core/base/hash.h"
#include "core/base/status_macros.h"

namespace weir {
namespace {

// Splits are handed out one by one: a few per reader even out what differs between readers, and
// smaller ones than this are not worth their opening.
constexpr uint64_t kSplitsPerReader = 4;
constexpr uint64_t kSplitBytesWorthwhile = 1 << 20;

bool IsHidden(const std::string& name) { return name.starts_with('.') || name.starts_with('_'); }

// What somebody can do about it, where somebody can.
absl::Status Explained(const absl::Status& status, const std::string& path) {
  if (!absl::IsPermissionDenied(status)) return status;
  return absl::PermissionDeniedError(
      absl::StrCat("input ", path, " cannot be read (", status.message(),
                   "). Let the user who runs the job read it, or leave it out"));
}

absl::StatusOr<ListedFile> ListOne(FileSystem& file_system, std::string path,
                                   const FileInfo& info) {
  ListedFile file{std::move(path), info.size_bytes, info.modified, FileCompression::kNone, 0};
  if (file.size_bytes == 0) return file;
  const absl::StatusOr<std::unique_ptr<ReadableFile>> readable = file_system.OpenForRead(file.path);
  WEIR_RETURN_IF_ERROR(Explained(readable.status(), file.path));
  WEIR_ASSIGN_OR_RETURN(const std::string begin,
                        (*readable)->ReadAt(0, FingerprintBytes(file.size_bytes)));
  file.compression = DetectCompression(begin);
  file.fingerprint = StableHash64(begin);
  return file;
}

absl::Status ListFolder(FileSystem& file_system, const std::string& folder,
                        std::vector<ListedFile>& files) {
  const absl::StatusOr<std::vector<DirectoryEntry>> entries = file_system.List(folder);
  WEIR_RETURN_IF_ERROR(Explained(entries.status(), folder));
  const size_t first = files.size();
  for (const DirectoryEntry& entry : *entries) {
    if (IsHidden(entry.name) || entry.type == FileType::kDirectory) continue;
    const std::string path = absl::StrCat(folder, folder.ends_with('/') ? "" : "/", entry.name);
    const absl::StatusOr<FileInfo> info = file_system.Stat(path);
    if (absl::IsNotFound(info.status())) continue;  // A dangling link, or removed just now.
    WEIR_RETURN_IF_ERROR(Explained(info.status(), path));
    if (info->type != FileType::kFile) continue;
    WEIR_ASSIGN_OR_RETURN(files.emplace_back(), ListOne(file_system, path, *info));
  }
  std::sort(files.begin() + static_cast<ptrdiff_t>(first), files.end(),
            [](const ListedFile& a, const ListedFile& b) {
              return std::tie(a.modified, a.path) < std::tie(b.modified, b.path);
            });
  return absl::OkStatus();
}

absl::Status ListPath(FileSystem& file_system, const std::string& path,
                      std::vector<ListedFile>& files) {
  if (!path.starts_with('/')) {
    return absl::InvalidArgumentError(
        absl::StrCat("input \"", path, "\" is not an absolute path. Write one that starts with /"));
  }
  const absl::StatusOr<FileInfo> info = file_system.Stat(path);
  if (absl::IsNotFound(info.status())) {
    return absl::NotFoundError(absl::StrCat("input ", path,
                                            " does not exist. Name an existing file or folder "
                                            "that every machine of the job can read"));
  }
  WEIR_RETURN_IF_ERROR(Explained(info.status(), path));
  if (info->type == FileType::kDirectory) return ListFolder(file_system, path, files);
  if (info->type != FileType::kFile) {
    return absl::InvalidArgumentError(absl::StrCat(
        "input ", path, " is neither a file nor a folder. Copy what it yields into a file first"));
  }
  WEIR_ASSIGN_OR_RETURN(files.emplace_back(), ListOne(file_system, path, *info));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<ListedFile>> ListFiles(FileSystem& file_system,
                                                  const std::vector<std::string>& paths) {
  if (paths.empty()) {
    return absl::InvalidArgumentError(
        "a file source without input. Name at least one file or folder");
  }
  std::vector<ListedFile> files;
  for (const std::string& path : paths) WEIR_RETURN_IF_ERROR(ListPath(file_system, path, files));
  return files;
}

absl::Status CheckUnchanged(FileSystem& file_system, const FileSplit& split) {
  const auto changed = [&](auto... how) {
    return absl::FailedPreconditionError(absl::StrCat(
        "input ", split.path, how...,
        ", so the job cannot go on where it was. Put back the file as it was, or start over "
        "with --fresh"));
  };
  const absl::StatusOr<FileInfo> info = file_system.Stat(split.path);
  if (absl::IsNotFound(info.status())) return changed(" does not exist any more");
  WEIR_RETURN_IF_ERROR(info.status());
  if (info->type != FileType::kFile) return changed(" is not a file any more");
  if (info->size_bytes < split.file_size_bytes) {
    return changed(" has only ", info->size_bytes, " bytes now and had ", split.file_size_bytes);
  }
  WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<ReadableFile> readable,
                        file_system.OpenForRead(split.path));
  WEIR_ASSIGN_OR_RETURN(const std::string begin,
                        readable->ReadAt(0, FingerprintBytes(split.file_size_bytes)));
  if (StableHash64(begin) != split.fingerprint)
    return changed(" is another file now: it begins with other bytes");
  return absl::OkStatus();
}

std::vector<FileSplit> PlanFileSplits(const std::vector<ListedFile>& files,
                                      uint64_t split_bytes_max, int parallelism) {
  WEIR_CHECK_LT(0, split_bytes_max);
  WEIR_CHECK_LT(0, parallelism);
  uint64_t total = 0;
  for (const ListedFile& file : files) total += file.size_bytes;
  uint64_t split_bytes = split_bytes_max;
  if (parallelism > 1) {
    const uint64_t share = total / (static_cast<uint64_t>(parallelism) * kSplitsPerReader);
    split_bytes = std::min(split_bytes, std::max(share, kSplitBytesWorthwhile));
  }
  std::vector<FileSplit> splits;
  for (size_t i = 0; i < files.size(); ++i) {
    const ListedFile& file = files[i];
    FileSplit split{.path = file.path,
                    .container = static_cast<int32_t>(i),
                    .compression = file.compression,
                    .file_size_bytes = file.size_bytes,
                    .modified_unix_nanos = absl::ToUnixNanos(file.modified),
                    .fingerprint = file.fingerprint};
    if (file.compression != FileCompression::kNone) {
      split.end = kFileSplitEndUnknown;
      splits.push_back(split);
      continue;
    }
    for (uint64_t begin = 0; begin < file.size_bytes; begin = split.end) {
      split.begin = begin;
      split.end = begin + std::min(split_bytes, file.size_bytes - begin);
      splits.push_back(split);
    }
  }
  return splits;
}

}  // namespace weir
