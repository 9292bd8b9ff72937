// Rows of text as an aligned table for a terminal. Pure.
#ifndef WEIR_CLI_TEXT_TABLE_H_
#define WEIR_CLI_TEXT_TABLE_H_

#include <string>
#include <string_view>
#include <vector>

namespace weir::cli {

// `table` aligned, the first row being the header; columns with nothing but numbers below it are right-aligned. Fields are printed as
// they are. Each line starts with `indent`.
std::string FormatTable(const std::vector<std::vector<std::string>>& table,
                        std::string_view indent);

}  // namespace weir::cli

#endif  // WEIR_CLI_TEXT_TABLE_H_
