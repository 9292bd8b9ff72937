// PosixError: errno of a failed file operation as a Status of core/env/file_system.h. Pure.
#ifndef WEIR_CLI_ENV_POSIX_ERROR_H_
#define WEIR_CLI_ENV_POSIX_ERROR_H_

#include <string_view>

#include "absl/status/status.h"

namespace weir {

// "<operation> <path>: <text of the error>", e.g. "create /data/x: No space left on device".
absl::Status PosixError(int error, std::string_view operation, std::string_view path);

}  // namespace weir

#endif  // WEIR_CLI_ENV_POSIX_ERROR_H_
