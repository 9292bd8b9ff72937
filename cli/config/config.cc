#include "cli/config/config.h"

#include <utility>

#include "cli/config/config_options.h"
#include "core/base/check.h"

namespace weir::cli {

Config::Config(std::map<std::string, ConfigEntry, std::less<>> entries)
    : entries_(std::move(entries)) {
  for (const ConfigOption* option : AllConfigOptions()) {
    const ConfigEntry& value = entry(*option);
    if (!value.text.empty()) WEIR_CHECK_OK(CheckConfigValue(*option, value.text));
  }
}

const ConfigEntry& Config::entry(const ConfigOption& option) const {
  const auto found = entries_.find(option.key);
  WEIR_CHECK(found != entries_.end()) << option.key << " is missing in AllConfigOptions()";
  return found->second;
}

bool Config::IsSet(const ConfigOption& option) const {
  return entry(option).source != ConfigSource::kDefault;
}

const std::string& Config::TextOf(const ConfigOption& option, ConfigType type) const {
  WEIR_CHECK(option.type == type) << option.key << " is of another type";
  return entry(option).text;
}

const std::string& Config::String(const ConfigOption& option) const {
  WEIR_CHECK(option.type == ConfigType::kString || option.type == ConfigType::kPath ||
             option.type == ConfigType::kChoice)
      << option.key << " is no text";
  return entry(option).text;
}

int64_t Config::Integer(const ConfigOption& option) const {
  return *ParseConfigInteger(option, TextOf(option, ConfigType::kInteger));
}

double Config::Real(const ConfigOption& option) const {
  return *ParseConfigReal(option, TextOf(option, ConfigType::kReal));
}

bool Config::Boolean(const ConfigOption& option) const {
  return *ParseConfigBoolean(option, TextOf(option, ConfigType::kBoolean));
}

absl::Duration Config::Duration(const ConfigOption& option) const {
  return *ParseConfigDuration(option, TextOf(option, ConfigType::kDuration));
}

}  // namespace weir::cli
