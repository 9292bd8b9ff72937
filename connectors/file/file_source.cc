#include "connectors/file/file_source.h"

#include <span>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "connectors/file/file_listing.h"
#include "connectors/file/file_split.h"
#include "connectors/file/file_split_reader.h"
#include "core/base/status_macros.h"
#include "core/base/string_view.h"

namespace weir {
namespace {

class FileSplitEnumerator final : public SplitEnumerator {
 public:
  FileSplitEnumerator(std::vector<std::string> paths, FileSourceOptions options)
      : paths_(std::move(paths)), options_(options) {}

  absl::StatusOr<std::vector<SourceSplit>> DiscoverSplits(Env& env, int parallelism) override {
    WEIR_ASSIGN_OR_RETURN(files_, ListFiles(env.file_system(), paths_));
    std::vector<SourceSplit> splits;
    for (const FileSplit& split : PlanFileSplits(files_, options_.split_bytes_max, parallelism)) {
      const SplitId id(static_cast<SplitId::rep>(splits.size()));
      splits.push_back({id, EncodeFileSplit(split)});
    }
    return splits;
  }

  absl::Status Restore(Env& env, std::span<const SourceSplit> unfinished,
                       std::span<const SourceSplit> finished) override {
    files_.clear();
    for (const SourceSplit& split : finished) {
      WEIR_ASSIGN_OR_RETURN(const FileSplit file, DecodeFileSplit(split.payload));
      Remember(file);
    }
    std::string checked;  // Splits of one file follow each other as a rule.
    for (const SourceSplit& split : unfinished) {
      WEIR_ASSIGN_OR_RETURN(const FileSplit file, DecodeFileSplit(split.payload));
      Remember(file);
      if (file.path == checked) continue;
      WEIR_RETURN_IF_ERROR(CheckUnchanged(env.file_system(), file));
      checked = file.path;
    }
    return absl::OkStatus();
  }

  std::string DescribePosition(SourcePosition position) const override {
    if (!position.known()) return "unknown place";
    const size_t index = static_cast<size_t>(position.container);
    if (index >= files_.size() || files_[index].path.empty()) {
      return absl::StrCat("file ", position.container, ", byte ", position.offset);
    }
    const ListedFile& file = files_[index];
    const bool plain = file.compression == FileCompression::kNone;
    return absl::StrCat(file.path, plain ? ", byte " : ", uncompressed byte ", position.offset);
  }

  uint64_t total_bytes() const override {
    uint64_t total = 0;
    for (const ListedFile& file : files_) total += file.size_bytes;
    return total;
  }

 private:
  void Remember(const FileSplit& split) {
    const size_t index = static_cast<size_t>(split.container);
    if (index >= files_.size()) files_.resize(index + 1);
    files_[index] = {split.path, split.file_size_bytes,
                     absl::FromUnixNanos(split.modified_unix_nanos), split.compression,
                     split.fingerprint};
  }

  const std::vector<std::string> paths_;
  const FileSourceOptions options_;
  std::vector<ListedFile> files_;  // By container. After a restore, unknown ones have no path.
};

}  // namespace

FileSource FileSource::Lines(std::string path, FileSourceOptions options) {
  return Lines(std::vector<std::string>{std::move(path)}, options);
}

FileSource FileSource::Lines(std::vector<std::string> paths, FileSourceOptions options) {
  return FileSource(std::move(paths), options);
}

std::unique_ptr<SplitEnumerator> FileSource::NewEnumerator() const {
  return std::make_unique<FileSplitEnumerator>(paths_, options_);
}

std::unique_ptr<SplitReader<std::string_view>> FileSource::NewReader() const {
  return std::make_unique<FileSplitReader>(
      FileSplitReaderOptions{options_.block_bytes, options_.line_bytes_max,
                             options_.lines_per_chunk_max, options_.rows_per_second});
}

std::string FileSource::Describe() const {
  std::string text = absl::StrCat("file(", absl::StrJoin(paths_, ", "));
  // Of the options only this one shows in the rows.
  if (options_.line_bytes_max != FileSourceOptions().line_bytes_max) {
    absl::StrAppend(&text, ", line_bytes_max=", options_.line_bytes_max);
  }
  return text + ")";
}

absl::Status FileSource::Validate() const {
  const auto check = [](absl::string_view option, uint64_t value) {
    if (value > 0) return absl::OkStatus();
    return absl::InvalidArgumentError(
        absl::StrCat("FileSourceOptions::", option, " is 0; it must be positive"));
  };
  WEIR_RETURN_IF_ERROR(check("split_bytes_max", options_.split_bytes_max));
  WEIR_RETURN_IF_ERROR(check("block_bytes", options_.block_bytes));
  WEIR_RETURN_IF_ERROR(check("line_bytes_max", options_.line_bytes_max));
  WEIR_RETURN_IF_ERROR(check("lines_per_chunk_max", options_.lines_per_chunk_max));
  if (options_.rows_per_second >= 0) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("FileSourceOptions::rows_per_second is ",
                                                 options_.rows_per_second,
                                                 "; it must be zero or more"));
}

}  // namespace weir
