// Leaks: when the job has ended and the world has come to rest, no stream is open, no file of the finished run is left half done
// in its output folders, and the checkpoint folder holds what its newest pointer reaches and little else.
#ifndef WEIR_SIM_ORACLES_LEAK_ORACLE_H_
#define WEIR_SIM_ORACLES_LEAK_ORACLE_H_

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sim/oracles/oracle.h"

namespace weir::sim {

class LeakOracle final : public Oracle {
 public:
  // Folders are absolute and below /shared.
  LeakOracle(OracleLog* log, std::string checkpoint_folder,
             std::vector<std::string> output_folders);

  void AtEnd(bool finished) override;
  void OnFileCall(std::string_view process, std::string_view operation, std::string_view path,
                  const absl::Status& status) override;

 private:
  void CheckStreams();
  void CheckOutput(const std::string& folder);
  void CheckCheckpoints();

  const std::string checkpoint_folder_;
  const std::vector<std::string> output_folders_;
  // A power loss may undo a removal. Nobody waits until those of committed parts are durable: the next attempt would repeat them.
  std::set<std::string, std::less<>> removed_;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_ORACLES_LEAK_ORACLE_H_
