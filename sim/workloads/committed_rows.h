// What a file sink has made visible in a folder: the rows of its parts. Read from the files, as a user would.
#ifndef WEIR_SIM_WORKLOADS_COMMITTED_ROWS_H_
#define WEIR_SIM_WORKLOADS_COMMITTED_ROWS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "sim/file_tree.h"

namespace weir::sim {

// The lines of all CSV parts in `folder`, without headers, as they stand in the parts. DataLoss, naming the part, if one has
// another header than `header` or ends within a line.
absl::StatusOr<std::vector<std::string>> ReadCommittedRows(FileTree& files, std::string_view folder,
                                                           std::string_view header);

// Both are multisets of rows. The number of them; DataLoss, naming `what` and the first row (in the order of their bytes) that is
// missing or there too often.
absl::StatusOr<uint64_t> CompareRows(std::string_view what, std::vector<std::string> committed,
                                     std::vector<std::string> expected);

}  // namespace weir::sim

#endif  // WEIR_SIM_WORKLOADS_COMMITTED_ROWS_H_
