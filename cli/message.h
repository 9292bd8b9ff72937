// What the weir binary says when something is wrong.
#ifndef WEIR_CLI_MESSAGE_H_
#define WEIR_CLI_MESSAGE_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace weir::cli {

// "weir: there is no job ...\n      See ...\n": the message made safe for a terminal line by line, and `hint` unless "". Pure.
std::string FormatError(const absl::Status& status, std::string_view hint);

// FormatError() on stderr.
void PrintError(const absl::Status& status, std::string_view hint);

}  // namespace weir::cli

#endif  // WEIR_CLI_MESSAGE_H_
