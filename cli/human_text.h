// Numbers, durations and bytes as people read them on a terminal. Pure.
#ifndef WEIR_CLI_HUMAN_TEXT_H_
#define WEIR_CLI_HUMAN_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace weir::cli {

// 1234567 -> "1,234,567".
std::string FormatCount(int64_t count);

// "1 line", "1,234 lines".
std::string FormatCountOf(int64_t count, std::string_view singular);

// Decimal units: "512 B", "8.4 MB", "1.25 GB".
std::string FormatBytes(uint64_t bytes);

// Rows per second, rounded to what a glance takes in: "870", "12.3k", "1.46M".
std::string FormatRate(double per_second);

// "38 ms", "1.2 s", "3 min 07 s", "2 h 05 min".
std::string FormatElapsed(absl::Duration duration);

// Bytes from a file made safe for a terminal: control characters and invalid UTF-8 as \xNN, tab,
// newline and carriage return as \t, \n, \r, backslash doubled. Longer than `columns_max`
// characters is cut and ends in "...".
std::string EscapeForTerminal(std::string_view bytes, size_t columns_max);

// How many columns `text` takes, counting each UTF-8 character as one.
size_t ColumnCount(std::string_view text);

// At most the first `columns_max` characters of `text`.
std::string_view FirstColumns(std::string_view text, size_t columns_max);

}  // namespace weir::cli

#endif  // WEIR_CLI_HUMAN_TEXT_H_
