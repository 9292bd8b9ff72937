// CSV rows as an aligned table for a terminal. Pure.
#ifndef WEIR_CLI_CSV_TABLE_H_
#define WEIR_CLI_CSV_TABLE_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir::cli {

// The fields of one row of RFC 4180 text.
std::vector<std::string> SplitCsvRow(std::string_view row);

// `rows` aligned, the first being the header; columns with nothing but numbers below it are
// right-aligned. Fields are escaped and cut to 60 columns. Each line starts with `indent`. Rows
// that are no CSV (JSON lines) come one to a line.
std::string FormatCsvTable(std::span<const std::string> rows, std::string_view indent);

}  // namespace weir::cli

#endif  // WEIR_CLI_CSV_TABLE_H_
