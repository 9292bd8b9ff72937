// LoadConfig: where the values of options come from. One precedence:
//
//   defaults < file < environment < flags
//
//   file         --config=FILE, else $WEIR_CONFIG, else weir/config.yaml in the user's folder for configuration, if it exists
//   environment  WEIR_<KEY>, e.g. WEIR_HEARTBEAT_INTERVAL; "" counts as not set
//   flags        -D KEY=VALUE for every option, and a flag of its own for some, which counts more
//
// A command calls it first thing in Run().
#ifndef WEIR_CLI_CONFIG_LOAD_CONFIG_H_
#define WEIR_CLI_CONFIG_LOAD_CONFIG_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/config/config.h"
#include "cli/config/config_flags.h"

namespace weir::cli {

// From the flags, this process's environment and the file. InvalidArgument, for exit code 2: an unknown key, with the nearest known
// ones, or a value that cannot be, with where it stands and what is expected; NotFound and others if the file cannot be read.
absl::StatusOr<Config> LoadConfig(const ConfigFlags& flags);

// What LoadConfig() reads.
struct ConfigInputs {
  std::vector<std::pair<const ConfigOption*, std::string>> flags;
  std::vector<std::string> dynamic;
  std::map<std::string, std::string> environment;
  std::string file_path;  // Absolute; "" for none.
  std::string file_text;
  std::string user_directory;           // What relative paths in flags and variables count from.
  std::string default_state_directory;  // Of kStateDir.
};
// The same, pure.
absl::StatusOr<Config> ComposeConfig(const ConfigInputs& inputs);

// The configuration file to read if no flag names one: `variable` is WEIR_CONFIG. Absolute; what is no absolute path in
// `xdg_config` or `home` counts as not set; "" if there is nowhere to look.
std::string ChooseConfigFile(const std::string& variable, const std::string& xdg_config,
                             const std::string& home, const std::string& user_directory);

// Variables of `environment` that begin with WEIR_ and look like a mistyped option: (name, what was meant).
std::vector<std::pair<std::string, std::string>> MistypedVariables(
    const std::map<std::string, std::string>& environment);
// Of this process.
std::map<std::string, std::string> ProcessEnvironment();

}  // namespace weir::cli

#endif  // WEIR_CLI_CONFIG_LOAD_CONFIG_H_
