#include "cli/csv_table.h"

#include <cstddef>

#include "cli/human_text.h"
#include "cli/text_table.h"

namespace weir::cli {
namespace {

constexpr size_t kFieldColumnsMax = 60;
constexpr size_t kLineColumnsMax = 200;

bool LooksLikeJson(std::string_view row) { return row.starts_with('{') || row.starts_with('['); }

}  // namespace

std::vector<std::string> SplitCsvRow(std::string_view row) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (size_t i = 0; i < row.size(); ++i) {
    const char c = row[i];
    if (c == '"' && quoted && i + 1 < row.size() && row[i + 1] == '"') {
      fields.back() += '"';
      ++i;
    } else if (c == '"' && (quoted || fields.back().empty())) {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  return fields;
}

std::string FormatCsvTable(std::span<const std::string> rows, std::string_view indent) {
  if (!rows.empty() && LooksLikeJson(rows.front())) {
    std::string text;
    for (const std::string& row : rows) {
      text.append(indent).append(EscapeForTerminal(row, kLineColumnsMax)).append("\n");
    }
    return text;
  }
  std::vector<std::vector<std::string>> table;
  for (const std::string& row : rows) {
    std::vector<std::string>& fields = table.emplace_back(SplitCsvRow(row));
    for (std::string& field : fields) field = EscapeForTerminal(field, kFieldColumnsMax);
  }
  return FormatTable(table, indent);
}

}  // namespace weir::cli
