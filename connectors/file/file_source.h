// FileSource: the lines of files, plain, gzip or zstd, as records (Flink's FileSource with its
// TextLineInputFormat).
//
//   FileSource::Lines("/var/log/dpkg.log")
//   FileSource::Lines({"/var/log/apt", "/srv/archive/history.log.1.gz"})
//
// A path is a file or a folder (see ListFiles). A record is a line without its LF or CRLF, as bytes:
// nothing is decoded, invalid UTF-8 passes. Its SourcePosition is {index of the file in the listing,
// byte offset of the line's start in the uncompressed file}; rows and positions depend neither on
// parallelism nor on how files are cut into splits and blocks.
//
// Reads ahead by one block per split. Bounded: what is in the files when the job starts, to the byte.
// A line longer than line_bytes_max is skipped and reported as malformed; damaged compression, and
// files that disappear or shrink meanwhile, fail the job.
#ifndef WEIR_CONNECTORS_FILE_FILE_SOURCE_H_
#define WEIR_CONNECTORS_FILE_FILE_SOURCE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "core/operators/source.h"

namespace weir {

// All but rows_per_second are positive: a job with a source for which they are not is refused.
struct FileSourceOptions {
  uint64_t split_bytes_max = 64 << 20;
  size_t block_bytes = 1 << 20;  // Read at once; two per reader are in memory.
  size_t line_bytes_max = 16 << 20;
  size_t lines_per_chunk_max = 1024;
  int64_t rows_per_second =
      0;  // At most so many lines over all readers together; 0: as fast as possible.
};

class FileSource final : public Source<std::string_view> {
 public:
  // Paths are absolute.
  static FileSource Lines(std::string path, FileSourceOptions options = {});
  static FileSource Lines(std::vector<std::string> paths, FileSourceOptions options = {});

  std::unique_ptr<SplitEnumerator> NewEnumerator() const override;
  std::unique_ptr<SplitReader<std::string_view>> NewReader() const override;
  bool bounded() const override { return true; }
  std::string Describe() const override;
  absl::Status Validate() const override;

 private:
  FileSource(std::vector<std::string> paths, FileSourceOptions options)
      : paths_(std::move(paths)), options_(options) {}

  std::vector<std::string> paths_;
  FileSourceOptions options_;
};

}  // namespace weir

#endif  // WEIR_CONNECTORS_FILE_FILE_SOURCE_H_
