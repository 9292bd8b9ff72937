#include "cli/config/config_flags.h"

#include "CLI/Option.hpp"

namespace weir::cli {
namespace {

// CLI11 reads "--state-dir= --json" as the value "--json".
std::string CheckNoFlag(const std::string& value) {
  return value.starts_with("--") ? "needs a value, not " + value : "";
}

std::string TypeName(const ConfigOption& option) {
  if (option.flag == "jobmanager") return "HOST[:PORT]";
  switch (option.type) {
    case ConfigType::kString:
      return "WORD";
    case ConfigType::kPath:
      return "PATH";
    case ConfigType::kInteger:
    case ConfigType::kReal:
      return "N";
    case ConfigType::kBoolean:
      return "true|false";
    case ConfigType::kDuration:
      return "TIME";
    case ConfigType::kChoice:
      return std::string(option.choices);
  }
  return "";
}

// "-p,--parallelism"
std::string NamesOf(const ConfigOption& option) {
  const std::string shorter =
      option.short_flag != 0 ? std::string("-") + option.short_flag + "," : "";
  return shorter + "--" + std::string(option.flag);
}

std::string Describe(const ConfigOption& option) {
  std::string text(option.description);
  if (!option.default_value.empty()) text += " (default " + std::string(option.default_value) + ")";
  return text;
}

}  // namespace

ConfigFlags::ConfigFlags(std::vector<const ConfigOption*> options) {
  flags_.reserve(options.size());
  for (const ConfigOption* option : options) flags_.push_back({.option = option, .text = ""});
}

void ConfigFlags::Register(CLI::App& command) {
  for (Flag& flag : flags_) {
    flag.registered = command.add_option(NamesOf(*flag.option), flag.text, Describe(*flag.option))
                          ->check(CheckNoFlag)
                          ->type_name(TypeName(*flag.option));
  }
  command
      .add_option("--config", file_,
                  "Configuration file (default $WEIR_CONFIG, else ~/.config/weir/config.yaml)")
      ->check(CheckNoFlag)
      ->type_name("FILE");
  command.add_option("-D", dynamic_, "Set any option; `weir config` lists them")
      ->allow_extra_args(false)
      ->type_name("KEY=VALUE");
}

std::vector<std::pair<const ConfigOption*, std::string>> ConfigFlags::Given() const {
  std::vector<std::pair<const ConfigOption*, std::string>> given;
  for (const Flag& flag : flags_) {
    if (flag.registered != nullptr && flag.registered->count() > 0)
      given.emplace_back(flag.option, flag.text);
  }
  return given;
}

std::vector<std::string> ConfigFlags::Names() const {
  std::vector<std::string> names = {"config"};
  for (const Flag& flag : flags_) names.emplace_back(flag.option->flag);
  return names;
}

}  // namespace weir::cli
