// main() of every binary that is linked with //:weir_main: the weir command line over the jobs that are in the binary.
#include <cstdio>
#include <exception>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "CLI/App.hpp"
#include "CLI/Config.hpp"
#include "CLI/Formatter.hpp"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/cluster_command.h"
#include "cli/command.h"
#include "cli/config_command.h"
#include "cli/end_command.h"
#include "cli/env/allocator.h"
#include "cli/health_command.h"
#include "cli/info_command.h"
#include "cli/jobmanager_command.h"
#include "cli/jobs_command.h"
#include "cli/list_command.h"
#include "cli/message.h"
#include "cli/rehearse_command.h"
#include "cli/run_command.h"
#include "cli/sim_command.h"
#include "cli/submit_command.h"
#include "cli/taskmanager_command.h"
#include "cli/version.h"
#include "cli/worker_command.h"
#include "core/api/did_you_mean.h"

namespace weir::cli {
namespace {

constexpr char kDescription[] =
    "Weir runs streaming jobs: event time, windows and watermarks, in one process or on a cluster.";

constexpr char kFooter[] = R"(
Start with:
  weir jobs                                         what there is to run
  weir run word_count --input=README.md             the most frequent words of a text
  weir run package_activity --input=/var/log/dpkg.log

`weir COMMAND --help` says more about a command.)";

// CLI11 only says that some command is missing.
absl::Status CheckCommand(const CLI::App& app, const std::string& word) {
  if (word.starts_with("-")) return absl::OkStatus();
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands(nullptr)) {
    if (command->get_name() == word) return absl::OkStatus();
    const bool hidden = command->get_group().empty();
    if (!hidden) names.push_back(command->get_name());
  }
  return absl::InvalidArgumentError(absl::StrCat("there is no command \"", word, "\"",
                                                 DidYouMean(word, names),
                                                 "; commands: ", absl::StrJoin(names, ", ")));
}

int Main(int argc, char** argv) {
  CLI::App app(kDescription, "weir");
  app.footer(kFooter);
  app.require_subcommand(1);
  app.set_version_flag("--version", "weir " + std::string(kVersion), "Print the version");
  app.failure_message([](const CLI::App* parsed, const CLI::Error& error) {
    const std::string command = parsed->get_subcommands().empty()
                                    ? "weir"
                                    : "weir " + parsed->get_subcommands().front()->get_name();
    return "weir: " + std::string(error.what()) + "\n      See `" + command + " --help`.\n";
  });

  std::vector<std::pair<CLI::App*, std::unique_ptr<Command>>> commands;
  const auto add = [&](std::unique_ptr<Command> command) {
    CLI::App* const subcommand = command->Register(app);
    commands.emplace_back(subcommand, std::move(command));
  };
  add(std::make_unique<RunCommand>());
  add(std::make_unique<JobsCommand>());
  add(std::make_unique<SubmitCommand>());
  add(std::make_unique<ListCommand>());
  add(std::make_unique<InfoCommand>());
  add(std::make_unique<EndCommand>(EndCommand::How::kStopWithCheckpoint));
  add(std::make_unique<EndCommand>(EndCommand::How::kCancel));
  add(std::make_unique<HealthCommand>());
  add(std::make_unique<ConfigCommand>());
  add(std::make_unique<SimCommand>());
  add(std::make_unique<ClusterCommand>());
  add(std::make_unique<JobManagerCommand>());
  add(std::make_unique<TaskManagerCommand>());
  add(std::make_unique<WorkerCommand>());
  add(std::make_unique<RehearseCommand>());

  if (argc == 1) {
    std::fputs(app.help().c_str(), stderr);
    return kExitUsage;
  }
  if (const absl::Status known = CheckCommand(app, argv[1]); !known.ok()) {
    PrintError(known, "See `weir --help`.");
    return kExitUsage;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // Zero for --help and --version.
    return app.exit(error) == 0 ? kExitOk : kExitUsage;
  }
  for (const auto& [subcommand, command] : commands) {
    if (subcommand->parsed()) return command->Run();
  }
  return kExitUsage;
}

}  // namespace
}  // namespace weir::cli

int main(int argc, char** argv) {
  weir::SetUpAllocator();
  try {
    return weir::cli::Main(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "weir: %s\n", error.what());
    return weir::cli::kExitFailed;
  }
}
