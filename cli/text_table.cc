#include "cli/text_table.h"

#include <algorithm>
#include <cstddef>

#include "cli/human_text.h"

namespace weir::cli {
namespace {

bool IsNumber(std::string_view text) {
  const bool starts_well =
      !text.empty() && ((text[0] >= '0' && text[0] <= '9') || (text.size() > 1 && text[0] == '-'));
  return starts_well && text.find_first_not_of("0123456789.eE+-") == std::string_view::npos;
}

struct Column {
  size_t width = 0;
  bool right = true;
};

std::vector<Column> MeasureColumns(const std::vector<std::vector<std::string>>& table) {
  std::vector<Column> columns;
  for (size_t row = 0; row < table.size(); ++row) {
    columns.resize(std::max(columns.size(), table[row].size()));
    for (size_t i = 0; i < table[row].size(); ++i) {
      columns[i].width = std::max(columns[i].width, ColumnCount(table[row][i]));
      if (row > 0 && !IsNumber(table[row][i])) columns[i].right = false;
    }
  }
  if (table.size() == 1) {
    for (Column& column : columns) column.right = false;
  }
  return columns;
}

}  // namespace

std::string FormatTable(const std::vector<std::vector<std::string>>& table,
                        std::string_view indent) {
  std::string text;
  const std::vector<Column> columns = MeasureColumns(table);
  for (const std::vector<std::string>& fields : table) {
    std::string line(indent);
    for (size_t i = 0; i < fields.size(); ++i) {
      const std::string padding(columns[i].width - ColumnCount(fields[i]), ' ');
      if (i > 0) line += "  ";
      line += columns[i].right ? padding + fields[i] : fields[i] + padding;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

}  // namespace weir::cli
