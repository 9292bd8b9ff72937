// ConfigFlags: the flags of one command that set options: --config=FILE, -D KEY=VALUE for any, and one of its own for some. A command
// holds one and calls Register() in its own.
#ifndef WEIR_CLI_CONFIG_CONFIG_FLAGS_H_
#define WEIR_CLI_CONFIG_CONFIG_FLAGS_H_

#include <string>
#include <utility>
#include <vector>

#include "CLI/App.hpp"
#include "cli/config/config_option.h"

namespace weir::cli {

class ConfigFlags {
 public:
  // --config and -D, and the own flags of `options`.
  explicit ConfigFlags(std::vector<const ConfigOption*> options = {});
  ConfigFlags(const ConfigFlags&) = delete;  // CLI11 keeps pointers into it.
  ConfigFlags& operator=(const ConfigFlags&) = delete;

  void Register(CLI::App& command);

  // After parsing.
  const std::string& file() const { return file_; }
  const std::vector<std::string>& dynamic() const { return dynamic_; }  // "KEY=VALUE"
  std::vector<std::pair<const ConfigOption*, std::string>> Given() const;
  // Their names without dashes, for hints about mistyped ones.
  std::vector<std::string> Names() const;

 private:
  struct Flag {
    const ConfigOption* option;
    std::string text;
    CLI::Option* registered = nullptr;
  };
  std::vector<Flag> flags_;
  std::string file_;
  std::vector<std::string> dynamic_;
};

}  // namespace weir::cli

#endif  // WEIR_CLI_CONFIG_CONFIG_FLAGS_H_
