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
  const std::string& text = TextOf(option, ConfigType::kInteger);
  return text.empty() ? 0 : *ParseConfigInteger(option, text);
}

double Config::Real(const ConfigOption& option) const {
  const std::string& text = TextOf(option, ConfigType::kReal);
  return text.empty() ? 0 : *ParseConfigReal(option, text);
}

bool Config::Boolean(const ConfigOption& option) const {
  const std::string& text = TextOf(option, ConfigType::kBoolean);
  return !text.empty() && *ParseConfigBoolean(option, text);
}

absl::Duration Config::Duration(const ConfigOption& option) const {
  const std::string& text = TextOf(option, ConfigType::kDuration);
  return text.empty() ? absl::ZeroDuration() : *ParseConfigDuration(option, text);
}

}  // namespace weir::cli
