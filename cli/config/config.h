// Config: the value of every option (config_options.h) and where it came from. Values are checked when they are loaded, so the
// getters cannot fail. Immutable.
#ifndef WEIR_CLI_CONFIG_CONFIG_H_
#define WEIR_CLI_CONFIG_CONFIG_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/time/time.h"
#include "cli/config/config_option.h"

namespace weir::cli {

enum class ConfigSource : uint8_t { kDefault, kFile, kEnvironment, kFlag };

struct ConfigEntry {
  std::string text;
  ConfigSource source = ConfigSource::kDefault;
  std::string where;  // "default", "FILE:LINE", "environment VARIABLE", "--parallelism", "-D KEY".
};

class Config {
 public:
  // `options` and their values, all of which are valid: CHECKed.
  explicit Config(std::map<std::string, ConfigEntry, std::less<>> entries);

  // The option must be of that type. kString, kPath and kChoice are strings; a path is absolute, or "".
  const std::string& String(const ConfigOption& option) const;
  int64_t Integer(const ConfigOption& option) const;
  double Real(const ConfigOption& option) const;
  bool Boolean(const ConfigOption& option) const;
  absl::Duration Duration(const ConfigOption& option) const;

  const ConfigEntry& entry(const ConfigOption& option) const;
  // False where there is no default and the user gave none; numbers are 0 then.
  bool HasValue(const ConfigOption& option) const { return !entry(option).text.empty(); }
  // The user said something about it.
  bool IsSet(const ConfigOption& option) const;

 private:
  const std::string& TextOf(const ConfigOption& option, ConfigType type) const;

  std::map<std::string, ConfigEntry, std::less<>> entries_;  // By key.
};

}  // namespace weir::cli

#endif  // WEIR_CLI_CONFIG_CONFIG_H_
