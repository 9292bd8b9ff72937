// The configuration file: Flink's flat form, one "key: value" per line.
//
//   # A comment; also behind a value, after a space.
//   heartbeat.interval: 5 s
//   state-dir: "/var/lib/weir"
//
// Says nothing about keys and values. Pure.
#ifndef WEIR_CLI_CONFIG_CONFIG_FILE_H_
#define WEIR_CLI_CONFIG_CONFIG_FILE_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace weir::cli {

struct ConfigLine {
  std::string key;
  std::string value;
  size_t line = 0;  // From 1 on.
};

// InvalidArgument naming `path`, the line and what is expected there; also for a key that comes twice.
absl::StatusOr<std::vector<ConfigLine>> ParseConfigFile(std::string_view text,
                                                        std::string_view path);

}  // namespace weir::cli

#endif  // WEIR_CLI_CONFIG_CONFIG_FILE_H_
