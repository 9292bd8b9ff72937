#include "cli/config/load_config.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "cli/config/config_file.h"
#include "cli/config/config_options.h"
#include "cli/config/small_file.h"
#include "cli/paths.h"
#include "core/api/did_you_mean.h"
#include "core/base/status_macros.h"
#include "core/base/string_view.h"

namespace weir::cli {
namespace {

constexpr char kFileVariable[] = "WEIR_CONFIG";

// Variables that are no options.
constexpr std::string_view kOtherVariables[] = {kFileVariable, "WEIR_WORKING_DIRECTORY"};

absl::Status UnknownKey(std::string_view where, std::string_view key) {
  return absl::InvalidArgumentError(
      absl::StrCat(ToAbsl(where), "there is no option \"", ToAbsl(key), "\"",
                   DidYouMean(key, AllConfigKeys()), "; `weir config` lists them"));
}

// Collects the values in the order of precedence.
class Composer {
 public:
  explicit Composer(const ConfigInputs& inputs) : inputs_(inputs) {}

  void ApplyDefaults() {
    for (const ConfigOption* option : AllConfigOptions()) {
      ConfigEntry& entry = entries_[std::string(option->key)];
      entry.text = option == &kStateDir ? inputs_.default_state_directory
                                        : std::string(option->default_value);
      entry.where = "default";
    }
  }

  absl::Status ApplyFile() {
    if (inputs_.file_path.empty()) return absl::OkStatus();
    const std::string folder = AbsolutePath("..", inputs_.file_path);
    WEIR_ASSIGN_OR_RETURN(const std::vector<ConfigLine> lines,
                          ParseConfigFile(inputs_.file_text, inputs_.file_path));
    for (const ConfigLine& line : lines) {
      const std::string where = absl::StrCat(inputs_.file_path, ":", line.line);
      const ConfigOption* const option = FindConfigOption(line.key);
      if (option == nullptr) return UnknownKey(where + ": ", line.key);
      WEIR_RETURN_IF_ERROR(Set(*option, line.value, ConfigSource::kFile, where,
                               absl::StrCat(where, ": ", line.key), folder));
    }
    return absl::OkStatus();
  }

  absl::Status ApplyEnvironment() {
    for (const ConfigOption* option : AllConfigOptions()) {
      const std::string name = EnvironmentNameOf(option->key);
      const auto found = inputs_.environment.find(name);
      if (found == inputs_.environment.end() || found->second.empty()) continue;
      WEIR_RETURN_IF_ERROR(Set(*option, found->second, ConfigSource::kEnvironment,
                               "environment " + name, name, inputs_.user_directory));
    }
    return absl::OkStatus();
  }

  absl::Status ApplyFlags() {
    for (const std::string& setting : inputs_.dynamic) {
      const size_t equals = setting.find('=');
      if (equals == std::string::npos || equals == 0) {
        return absl::InvalidArgumentError(
            absl::StrCat("-D takes KEY=VALUE, not \"", setting, "\""));
      }
      const std::string key = setting.substr(0, equals);
      const ConfigOption* const option = FindConfigOption(key);
      if (option == nullptr) return UnknownKey("-D: ", key);
      const std::string where = "-D " + key;
      WEIR_RETURN_IF_ERROR(Set(*option, setting.substr(equals + 1), ConfigSource::kFlag, where,
                               where, inputs_.user_directory));
    }
    for (const auto& [option, value] : inputs_.flags) {
      const std::string where = absl::StrCat("--", ToAbsl(option->flag));
      std::string text = value;
      if (option == &kJobManagerRpcAddress) WEIR_RETURN_IF_ERROR(SetPort(text, where));
      WEIR_RETURN_IF_ERROR(
          Set(*option, text, ConfigSource::kFlag, where, where, inputs_.user_directory));
    }
    return absl::OkStatus();
  }

  // What is right alone may be wrong together.
  absl::Status CheckTogether() const {
    const Config config(entries_);
    if (config.Duration(kHeartbeatTimeout) <= config.Duration(kHeartbeatInterval)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "heartbeat.timeout (", Described(kHeartbeatTimeout), ") must be longer than ",
          "heartbeat.interval (", Described(kHeartbeatInterval), ")"));
    }
    if (!config.Boolean(kSslEnabled)) return absl::OkStatus();
    for (const ConfigOption* option : {&kSslCa, &kSslCertificate, &kSslKey}) {
      // A client of a server that asks for no certificate needs none.
      const bool needed = option == &kSslCa || config.Boolean(kSslMutual);
      if (!needed || config.HasValue(*option)) continue;
      return absl::InvalidArgumentError(absl::StrCat("security.ssl.enabled (",
                                                     Described(kSslEnabled), ") needs ",
                                                     ToAbsl(option->key), ", too: a PEM file"));
    }
    return absl::OkStatus();
  }

  std::map<std::string, ConfigEntry, std::less<>> entries() && { return std::move(entries_); }

 private:
  // Only what has no default may be empty.
  static absl::Status Check(const ConfigOption& option, const std::string& text) {
    if (!text.empty()) return CheckConfigValue(option, text);
    if (option.default_value.empty() && &option != &kStateDir) return absl::OkStatus();
    return absl::InvalidArgumentError(
        absl::StrCat("must be ", ExpectedValue(option), ", not empty"));
  }

  absl::Status Set(const ConfigOption& option, const std::string& text, ConfigSource source,
                   std::string where, std::string_view subject, const std::string& folder) {
    if (const absl::Status valid = Check(option, text); !valid.ok()) {
      return absl::InvalidArgumentError(absl::StrCat(ToAbsl(subject), " ", valid.message()));
    }
    ConfigEntry& entry = entries_[std::string(option.key)];
    entry.text =
        option.type == ConfigType::kPath && !text.empty() ? AbsolutePath(text, folder) : text;
    entry.source = source;
    entry.where = std::move(where);
    return absl::OkStatus();
  }

  // Takes ":PORT" off "HOST:PORT" and sets the port. "[::1]:6123" is one, "::1" is not.
  absl::Status SetPort(std::string& address, const std::string& where) {
    const size_t colon = address.rfind(':');
    if (colon == std::string::npos) return absl::OkStatus();
    const bool bracketed = colon > 0 && address[colon - 1] == ']';
    if (!bracketed && address.find(':') != colon) return absl::OkStatus();
    const std::string port = address.substr(colon + 1);
    if (const absl::Status valid = CheckConfigValue(kJobManagerRpcPort, port); !valid.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat(where, ": the port ", valid.message(), "; write ", where, "=HOST:PORT"));
    }
    address.resize(colon);
    return Set(kJobManagerRpcPort, port, ConfigSource::kFlag, where, where, "/");
  }

  std::string Described(const ConfigOption& option) const {
    const ConfigEntry& entry = entries_.find(option.key)->second;
    return absl::StrCat(entry.text, ", ", entry.where);
  }

  const ConfigInputs& inputs_;
  std::map<std::string, ConfigEntry, std::less<>> entries_;
};

std::string Variable(const std::map<std::string, std::string>& environment, const char* name) {
  const auto found = environment.find(name);
  return found == environment.end() ? "" : found->second;
}

}  // namespace

absl::StatusOr<Config> ComposeConfig(const ConfigInputs& inputs) {
  Composer composer(inputs);
  composer.ApplyDefaults();
  WEIR_RETURN_IF_ERROR(composer.ApplyFile());
  WEIR_RETURN_IF_ERROR(composer.ApplyEnvironment());
  WEIR_RETURN_IF_ERROR(composer.ApplyFlags());
  WEIR_RETURN_IF_ERROR(composer.CheckTogether());
  return Config(std::move(composer).entries());
}

absl::StatusOr<Config> LoadConfig(const ConfigFlags& flags) {
  ConfigInputs inputs;
  inputs.flags = flags.Given();
  inputs.dynamic = flags.dynamic();
  inputs.environment = ProcessEnvironment();
  inputs.user_directory = UserDirectory();
  inputs.default_state_directory = StateDirectory();
  const std::string variable = Variable(inputs.environment, kFileVariable);
  const bool asked = !flags.file().empty() || !variable.empty();
  inputs.file_path =
      flags.file().empty()
          ? ChooseConfigFile(variable, Variable(inputs.environment, "XDG_CONFIG_HOME"),
                             Variable(inputs.environment, "HOME"), inputs.user_directory)
          : AbsolutePath(flags.file(), inputs.user_directory);
  if (!asked && (inputs.file_path.empty() || access(inputs.file_path.c_str(), F_OK) != 0)) {
    inputs.file_path.clear();
  } else {
    WEIR_ASSIGN_OR_RETURN(inputs.file_text,
                          ReadSmallFile(inputs.file_path, "the configuration file"));
  }
  return ComposeConfig(inputs);
}

std::string ChooseConfigFile(const std::string& variable, const std::string& xdg_config,
                             const std::string& home, const std::string& user_directory) {
  if (!variable.empty()) return AbsolutePath(variable, user_directory);
  if (xdg_config.starts_with('/')) return AbsolutePath("weir/config.yaml", xdg_config);
  if (home.starts_with('/')) return AbsolutePath(".config/weir/config.yaml", home);
  return "";
}

std::vector<std::pair<std::string, std::string>> MistypedVariables(
    const std::map<std::string, std::string>& environment) {
  std::vector<std::string> names(std::begin(kOtherVariables), std::end(kOtherVariables));
  for (const ConfigOption* option : AllConfigOptions())
    names.push_back(EnvironmentNameOf(option->key));
  std::vector<std::pair<std::string, std::string>> mistyped;
  for (const auto& [name, value] : environment) {
    if (!name.starts_with("WEIR_") || std::find(names.begin(), names.end(), name) != names.end())
      continue;
    if (std::string hint = DidYouMean(name, names); !hint.empty())
      mistyped.emplace_back(name, std::move(hint));
  }
  return mistyped;
}

std::map<std::string, std::string> ProcessEnvironment() {
  std::map<std::string, std::string> variables;
  for (char** next = environ; next != nullptr && *next != nullptr; ++next) {
    const char* const equals = std::strchr(*next, '=');
    if (equals != nullptr)
      variables.emplace(std::string(static_cast<const char*>(*next), equals), equals + 1);
  }
  return variables;
}

}  // namespace weir::cli
