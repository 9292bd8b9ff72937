#include "sim/workloads/committed_rows.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "connectors/file/part_name.h"
#include "core/base/status_macros.h"
#include "core/base/string_view.h"

namespace weir::sim {
namespace {

// "/out/part-1-3.csv (subtask 1; written by e1a2, made visible by tm-2)"
std::string DescribePart(const std::string& path, const PartOrigins& origins) {
  const auto part = ParseVisiblePartName(std::string_view(path).substr(path.rfind('/') + 1));
  std::vector<std::string> known;
  if (part.has_value()) known.push_back(absl::StrCat("subtask ", part->subtask));
  if (const auto origin = origins.find(path); origin != origins.end()) {
    known.push_back(origin->second);
  }
  return known.empty() ? path : absl::StrCat(path, " (", absl::StrJoin(known, "; "), ")");
}

std::vector<std::string> KeyOf(const OutputName& output, const std::string& row) {
  std::vector<std::string> fields = absl::StrSplit(row, ',');
  fields.resize(std::min(fields.size(), output.key_columns));
  return fields;
}

// "window_start=..., key=3"; nothing without key columns.
std::string KeyText(const OutputName& output, const std::string& row) {
  const std::vector<std::string> columns = absl::StrSplit(output.header, ',');
  const std::vector<std::string> key = KeyOf(output, row);
  std::string text;
  for (size_t i = 0; i < key.size() && i < columns.size(); ++i) {
    absl::StrAppend(&text, i > 0 ? ", " : "", columns[i], "=", key[i]);
  }
  return text;
}

std::string PartsOf(const std::vector<CommittedRow>& rows, const std::string& text) {
  std::set<std::string> parts;
  for (const CommittedRow& row : rows) {
    if (row.text == text) parts.insert(row.part);
  }
  return absl::StrJoin(parts, " and ");
}

// What stands where `missing` should: a committed row of the same key that is not expected.
std::string InPlaceOf(const OutputName& output, const std::string& missing,
                      const std::map<std::string, int64_t>& surplus,
                      const std::vector<CommittedRow>& committed) {
  if (output.key_columns == 0) return "";
  for (const auto& [row, count] : surplus) {
    if (count <= 0 || KeyOf(output, row) != KeyOf(output, missing)) continue;
    return absl::StrCat("; in its place is \"", row, "\" in ", PartsOf(committed, row));
  }
  return "; there is no other of that key that is not expected";
}

}  // namespace

absl::StatusOr<std::vector<CommittedRow>> ReadCommittedRows(FileTree& files,
                                                            std::string_view folder,
                                                            std::string_view header,
                                                            const PartOrigins& origins) {
  std::vector<CommittedRow> rows;
  // A folder that nothing was committed to need not be there.
  const auto entries = files.List(folder);
  if (absl::IsNotFound(entries.status())) return rows;
  WEIR_RETURN_IF_ERROR(entries.status());
  for (const DirectoryEntry& entry : *entries) {
    if (entry.name.starts_with('.')) continue;
    const std::string path = absl::StrCat(ToAbsl(folder), "/", entry.name);
    const std::string part = DescribePart(path, origins);
    WEIR_ASSIGN_OR_RETURN(const std::string text, files.Read(path));
    if (!text.ends_with('\n'))
      return absl::DataLossError(absl::StrCat(part, " ends within a line"));
    const std::vector<std::string> lines = absl::StrSplit(text, '\n');
    if (lines.front() != header) {
      return absl::DataLossError(absl::StrCat(part, " begins with \"", lines.front(), "\""));
    }
    for (size_t i = 1; i + 1 < lines.size(); ++i) rows.push_back({lines[i], part});
  }
  return rows;
}

absl::StatusOr<uint64_t> CompareRows(const OutputName& output,
                                     const std::vector<CommittedRow>& committed,
                                     const std::vector<std::string>& expected, Extent extent) {
  std::map<std::string, int64_t> surplus;
  for (const CommittedRow& row : committed) ++surplus[row.text];
  for (const std::string& row : expected) --surplus[row];
  if (extent == Extent::kSoFar)
    std::erase_if(surplus, [](const auto& row) { return row.second < 0; });
  int64_t wrong = 0;
  for (const auto& [row, count] : surplus) wrong += count != 0 ? 1 : 0;
  for (const auto& [row, count] : surplus) {
    if (count == 0) continue;
    const std::string key = KeyText(output, row);
    return absl::DataLossError(absl::StrCat(
        output.name, ": row \"", row, "\"", key.empty() ? "" : absl::StrCat(" (", key, ")"), " is ",
        count < 0 ? "missing" : "not expected", " ", count < 0 ? -count : count, " times",
        count < 0 ? InPlaceOf(output, row, surplus, committed)
                  : absl::StrCat("; it is in ", PartsOf(committed, row)),
        "; ", wrong, " rows are wrong, ", expected.size(), " expected"));
  }
  return committed.size();
}

}  // namespace weir::sim
