// OracleSet: all oracles of a run behind one observer.
#ifndef WEIR_SIM_ORACLES_ORACLE_SET_H_
#define WEIR_SIM_ORACLES_ORACLE_SET_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/oracles/checkpoint_oracle.h"
#include "sim/oracles/known_channels.h"
#include "sim/oracles/known_regions.h"
#include "sim/oracles/oracle.h"

namespace weir::sim {

struct OracleOptions {
  std::string checkpoint_folder;  // Absolute, below /shared, as the next.
  std::vector<std::string> output_folders;
  CheckCut check_cut;      // May be null.
  KnownChannels channels;  // Of the job, as the next.
  KnownRegions regions;
};

class OracleSet final : public Observer {
 public:
  explicit OracleSet(const OracleOptions& options);

  // Before anything happens in `world`, which outlives the last use of this object.
  void Attach(SimWorld* world) { log_.world = world; }
  // The job has ended in a healed world, which has come to rest.
  void AtEnd(bool finished);
  const std::optional<Violation>& first() const { return log_.first; }
  const std::map<std::string, uint64_t>& counts() const { return log_.counts; }
  const std::map<std::string, std::string>& part_origins() const { return log_.part_origins; }

  void OnRequest(uint64_t life, uint64_t call, std::string_view method,
                 std::string_view request) override;
  void OnAnswer(uint64_t life, uint64_t call, const Address& callee, std::string_view method,
                std::string_view request, const absl::StatusOr<std::string>& response) override;
  void OnStreamAnswer(uint64_t life, const Address& acceptor, uint64_t stream,
                      std::string_view hello, const absl::Status& answer) override;
  void OnCreditUsedUp(uint64_t stream) override;
  void OnFrameTaken(const Address& acceptor, uint64_t stream, Lane lane,
                    std::string_view frame) override;
  void OnFileCall(std::string_view process, std::string_view operation, std::string_view path,
                  const absl::Status& status) override;

 private:
  OracleLog log_;
  std::vector<std::unique_ptr<Oracle>> oracles_;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_ORACLES_ORACLE_SET_H_
