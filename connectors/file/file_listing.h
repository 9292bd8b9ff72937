// Which files a FileSource reads, in which order, and how they are cut into splits.
#ifndef WEIR_CONNECTORS_FILE_FILE_LISTING_H_
#define WEIR_CONNECTORS_FILE_FILE_LISTING_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "connectors/file/file_split.h"
#include "core/env/file_system.h"

namespace weir {

struct ListedFile {
  std::string path;
  uint64_t size_bytes = 0;
  absl::Time modified;
  FileCompression compression = FileCompression::kNone;
  uint64_t fingerprint = 0;  // As in FileSplit.
};

// The files of `paths` in the order given. A folder stands for the files directly in it, oldest
// first and by name where the times are equal, so that rotated logs come in the order in which they
// were written; names that start with '.' or '_' are skipped (unfinished and marker files, as in
// Flink), and so is what is neither a file nor a link to one. Blocking: for an executor of kind kIo.
// NotFound, PermissionDenied or InvalidArgument with path and remedy.
absl::StatusOr<std::vector<ListedFile>> ListFiles(FileSystem& file_system,
                                                  const std::vector<std::string>& paths);

// Whether the file that `split` was cut from is still there: the same, or grown. Blocking: for an
// executor of kind kIo. NotFound or FailedPrecondition with path and remedy if it is not.
absl::Status CheckUnchanged(FileSystem& file_system, const FileSplit& split);

// The splits of `files` in reading order. Plain files are cut every `split_bytes_max`, or more
// finely if there would be too few splits for `parallelism` readers. Empty files have none. Pure.
std::vector<FileSplit> PlanFileSplits(const std::vector<ListedFile>& files,
                                      uint64_t split_bytes_max, int parallelism);

}  // namespace weir

#endif  // WEIR_CONNECTORS_FILE_FILE_LISTING_H_
