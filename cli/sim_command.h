// `weir sim`: seeded runs of whole clusters in which machines, networks, disks and clocks break.
#ifndef WEIR_CLI_SIM_COMMAND_H_
#define WEIR_CLI_SIM_COMMAND_H_

#include <cstdint>
#include <string>

#include "cli/command.h"
#include "sim/campaign.h"
#include "sim/seed_report.h"

namespace weir::cli {

// How a failed run is told, with what replays it; pure. `replay`: how this binary's `weir` is called.
std::string DescribeFailure(const sim::SeedReport& report, const std::string& replay);

class SimCommand final : public Command {
 public:
  CLI::App* Register(CLI::App& app) override;
  ExitCode Run() override;

 private:
  absl::Status CheckOptions();
  ExitCode PrintDigests();
  ExitCode RunTraced();
  ExitCode RunSeeds();
  ExitCode CompareWithSecondRun(const sim::CampaignTotals& totals) const;
  sim::CampaignOptions Campaign() const;

  CLI::App* command_ = nullptr;
  std::string job_;
  uint64_t seed_ = 0;
  uint64_t seeds_ = 100;
  uint64_t first_seed_ = 1;
  int processes_ = 0;
  uint64_t seconds_ = 0;  // 0: no limit.
  bool until_failure_ = false;
  bool check_determinism_ = false;
  bool print_digests_ = false;
  std::string trace_;
  std::string faults_;
};

}  // namespace weir::cli

#endif  // WEIR_CLI_SIM_COMMAND_H_
