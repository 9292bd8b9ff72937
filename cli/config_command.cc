#include "cli/config_command.h"

#include <cstdio>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/config/config_options.h"
#include "cli/config/load_config.h"
#include "cli/human_text.h"
#include "cli/message.h"
#include "cli/text_table.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace weir::cli {
namespace {

constexpr char kFooter[] = R"(
  defaults < file < environment < flags

The file is --config=FILE, else $WEIR_CONFIG, else ~/.config/weir/config.yaml, with lines such as

  heartbeat.interval: 5 s

The same as a variable is WEIR_HEARTBEAT_INTERVAL="5 s", and on a command line -D heartbeat.interval=5s.)";

constexpr size_t kValueColumnsMax = 100;

std::string_view NameOf(ConfigSource source) {
  switch (source) {
    case ConfigSource::kDefault:
      return "default";
    case ConfigSource::kFile:
      return "file";
    case ConfigSource::kEnvironment:
      return "environment";
    case ConfigSource::kFlag:
      return "flag";
  }
  return "";
}

std::string_view NameOf(ConfigType type) {
  switch (type) {
    case ConfigType::kString:
      return "string";
    case ConfigType::kPath:
      return "path";
    case ConfigType::kInteger:
      return "integer";
    case ConfigType::kReal:
      return "real";
    case ConfigType::kBoolean:
      return "boolean";
    case ConfigType::kDuration:
      return "duration";
    case ConfigType::kChoice:
      return "choice";
  }
  return "";
}

std::string FormatDescriptions() {
  std::string text;
  for (const ConfigOption* option : AllConfigOptions()) {
    text +=
        fmt::format("{}\n    {}\n    {}", option->key, option->description, ExpectedValue(*option));
    if (!option->default_value.empty()) text += fmt::format("; default {}", option->default_value);
    if (!option->flag.empty()) text += fmt::format("; flag --{}", option->flag);
    text += "\n";
  }
  return text;
}

}  // namespace

std::string FormatConfig(const Config& config) {
  std::vector<std::vector<std::string>> table = {{"option", "value", "from"}};
  for (const ConfigOption* option : AllConfigOptions()) {
    const ConfigEntry& entry = config.entry(*option);
    table.push_back({std::string(option->key),
                     entry.text.empty() ? "-" : EscapeForTerminal(entry.text, kValueColumnsMax),
                     EscapeForTerminal(entry.where, kValueColumnsMax)});
  }
  return FormatTable(table, "");
}

std::string FormatConfigAsJson(const Config& config) {
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (const ConfigOption* option : AllConfigOptions()) {
    const ConfigEntry& entry = config.entry(*option);
    all.push_back({{"key", option->key},
                   {"value", entry.text},
                   {"source", NameOf(entry.source)},
                   {"where", entry.where},
                   {"type", NameOf(option->type)},
                   {"default", option->default_value},
                   {"description", option->description},
                   {"environment", EnvironmentNameOf(option->key)},
                   {"flag", option->flag}});
  }
  // A path need not be UTF-8; JSON has to be.
  return all.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

CLI::App* ConfigCommand::Register(CLI::App& app) {
  CLI::App* const command =
      app.add_subcommand("config", "Print every option, its value, and where that comes from");
  command->add_flag("--json", json_, "Print JSON");
  command->add_flag("--describe", describe_, "Say what each option is and may be");
  config_flags_.Register(*command);
  command->footer(kFooter);
  return command;
}

ExitCode ConfigCommand::Run() {
  if (describe_) {
    std::fputs(FormatDescriptions().c_str(), stdout);
    return kExitOk;
  }
  const absl::StatusOr<Config> config = LoadConfig(config_flags_);
  if (!config.ok()) {
    PrintError(config.status(), "");
    return kExitUsage;
  }
  for (const auto& [name, hint] : MistypedVariables(ProcessEnvironment())) {
    std::fputs(
        fmt::format("weir: the variable {} is no option{}\n", EscapeForTerminal(name, 200), hint)
            .c_str(),
        stderr);
  }
  std::fputs((json_ ? FormatConfigAsJson(*config) : FormatConfig(*config)).c_str(), stdout);
  return kExitOk;
}

}  // namespace weir::cli
