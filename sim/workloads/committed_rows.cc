#include "sim/workloads/committed_rows.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/base/status_macros.h"
#include "core/base/string_view.h"

namespace weir::sim {

absl::StatusOr<std::vector<std::string>> ReadCommittedRows(FileTree& files, std::string_view folder,
                                                           std::string_view header) {
  std::vector<std::string> rows;
  // A folder that nothing was committed to need not be there.
  const auto entries = files.List(folder);
  if (absl::IsNotFound(entries.status())) return rows;
  WEIR_RETURN_IF_ERROR(entries.status());
  for (const DirectoryEntry& entry : *entries) {
    if (entry.name.starts_with('.')) continue;
    const std::string path = absl::StrCat(ToAbsl(folder), "/", entry.name);
    WEIR_ASSIGN_OR_RETURN(const std::string text, files.Read(path));
    if (!text.ends_with('\n'))
      return absl::DataLossError(absl::StrCat(path, " ends within a line"));
    std::vector<std::string> lines = absl::StrSplit(text, '\n');
    if (lines.front() != header) {
      return absl::DataLossError(absl::StrCat(path, " begins with \"", lines.front(), "\""));
    }
    rows.insert(rows.end(), lines.begin() + 1, lines.end() - 1);
  }
  return rows;
}

absl::StatusOr<uint64_t> CompareRows(std::string_view what, std::vector<std::string> committed,
                                     std::vector<std::string> expected) {
  std::map<std::string, int64_t> surplus;
  for (std::string& row : committed) ++surplus[std::move(row)];
  for (const std::string& row : expected) --surplus[row];
  int64_t wrong = 0;
  for (const auto& [row, count] : surplus) wrong += count != 0 ? 1 : 0;
  for (const auto& [row, count] : surplus) {
    if (count == 0) continue;
    return absl::DataLossError(absl::StrCat(ToAbsl(what), ": row \"", row, "\" is ",
                                            count < 0 ? "missing" : "not expected", " ",
                                            count < 0 ? -count : count, " times; ", wrong,
                                            " rows are wrong, ", expected.size(), " expected"));
  }
  return expected.size();
}

}  // namespace weir::sim
