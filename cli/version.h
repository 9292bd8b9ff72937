// The version of this source tree.
#ifndef WEIR_CLI_VERSION_H_
#define WEIR_CLI_VERSION_H_

#include <string_view>

namespace weir::cli {

inline constexpr std::string_view kVersion = "0.1.0-dev";

}  // namespace weir::cli

#endif  // WEIR_CLI_VERSION_H_
