// What a file sink has made visible in a folder: the rows of its parts. Read from the files, as a user would.
#ifndef WEIR_SIM_WORKLOADS_COMMITTED_ROWS_H_
#define WEIR_SIM_WORKLOADS_COMMITTED_ROWS_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "sim/file_tree.h"

namespace weir::sim {

// By path of a visible part on the shared volume: which attempt wrote it, and who made it visible.
using PartOrigins = std::map<std::string, std::string>;

struct CommittedRow {
  std::string text;
  std::string part;  // "/out/part-1-3.csv (subtask 1; written by e1a2, made visible by tm-2)"
};

// The lines of all CSV parts in `folder`, without headers, as they stand in the parts. DataLoss, naming the part, if one has
// another header than `header` or ends within a line.
absl::StatusOr<std::vector<CommittedRow>> ReadCommittedRows(FileTree& files,
                                                            std::string_view folder,
                                                            std::string_view header,
                                                            const PartOrigins& origins);

// What the rows of an output are called in messages: `name`, and its first `key_columns` columns say which row it is.
struct OutputName {
  std::string name;
  std::string header;
  size_t key_columns = 0;
};

// Of a job that was cancelled, rows may be missing; what is there must be right all the same.
enum class Extent : uint8_t { kWhole, kSoFar };

// Both are multisets of rows. The number of those that are right; DataLoss, naming the output and the first row (in the order of their bytes) that
// is missing or there too often: with its key and what is there in its place, or with the parts that it is in.
absl::StatusOr<uint64_t> CompareRows(const OutputName& output,
                                     const std::vector<CommittedRow>& committed,
                                     const std::vector<std::string>& expected,
                                     Extent extent = Extent::kWhole);

}  // namespace weir::sim

#endif  // WEIR_SIM_WORKLOADS_COMMITTED_ROWS_H_
