// ConfigOption: one thing that can be configured, under Flink's name where Flink has it. Every option is a constant of
// config_options.h, which also lists them; this file has the form, and what a value of each type may look like. Pure.
#ifndef WEIR_CLI_CONFIG_CONFIG_OPTION_H_
#define WEIR_CLI_CONFIG_CONFIG_OPTION_H_

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace weir::cli {

enum class ConfigType : uint8_t {
  kString,
  kPath,  // Absolute once loaded; in a file it counts from the file's folder, elsewhere from the folder of the user.
  kInteger,  // Between `least` and `most`.
  kReal,     // Between `least` and `most`.
  kBoolean,  // true, false
  // Flink's "10 s", "500 ms", "1 min"; also "1m30s". Without a unit: milliseconds. Between `least` and `most` nanoseconds.
  kDuration,
  kChoice,  // One of `choices`, which are separated by "|".
};

struct ConfigOption {
  std::string_view key;
  ConfigType type = ConfigType::kString;
  std::string_view default_value;  // "" where the description says what happens then.
  std::string_view description;    // One line.
  std::string_view flag;  // Without dashes; "" if only -D, files and the environment set it.
  char short_flag = 0;    // As in Flink: 'p' for -p.
  std::string_view choices;
  double least = 0;
  double most = std::numeric_limits<double>::infinity();
};

// What a user may write for the option: "a whole number from 1 on", "a length of time such as 500 ms or 10 s".
std::string ExpectedValue(const ConfigOption& option);

// OK if `text` is a value of the option, else InvalidArgument "must be <expected>, not "<text>"".
absl::Status CheckConfigValue(const ConfigOption& option, std::string_view text);

// Of values; InvalidArgument as above.
absl::StatusOr<int64_t> ParseConfigInteger(const ConfigOption& option, std::string_view text);
absl::StatusOr<double> ParseConfigReal(const ConfigOption& option, std::string_view text);
absl::StatusOr<bool> ParseConfigBoolean(const ConfigOption& option, std::string_view text);
absl::StatusOr<absl::Duration> ParseConfigDuration(const ConfigOption& option,
                                                   std::string_view text);

// "heartbeat.interval" -> "WEIR_HEARTBEAT_INTERVAL": capitals, and every other character an underscore.
std::string EnvironmentNameOf(std::string_view key);

}  // namespace weir::cli

#endif  // WEIR_CLI_CONFIG_CONFIG_OPTION_H_
