// Reading a file that a user names: configuration, certificates.
#ifndef WEIR_CLI_CONFIG_SMALL_FILE_H_
#define WEIR_CLI_CONFIG_SMALL_FILE_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace weir::cli {

// The bytes of the file, at most 1 MiB. Errors name the path and `what` it is for.
absl::StatusOr<std::string> ReadSmallFile(const std::string& path, std::string_view what);

}  // namespace weir::cli

#endif  // WEIR_CLI_CONFIG_SMALL_FILE_H_
