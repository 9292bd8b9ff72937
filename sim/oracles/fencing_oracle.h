// Fencing: a process that has accepted an attempt of a region of a job accepts nothing older of that region any more; regions restart
// at different times. Judged by answers: a call answered OK, compared with what had been accepted when its request came; a
// stream accepted; a frame taken.
#ifndef WEIR_SIM_ORACLES_FENCING_ORACLE_H_
#define WEIR_SIM_ORACLES_FENCING_ORACLE_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/checkpoint/job_attempt.h"
#include "core/proto/control.pb.h"
#include "sim/oracles/known_channels.h"
#include "sim/oracles/known_regions.h"
#include "sim/oracles/oracle.h"

namespace weir::sim {

class FencingOracle final : public Oracle {
 public:
  explicit FencingOracle(OracleLog* log, KnownChannels channels = {}, KnownRegions regions = {});

  void OnRequest(uint64_t life, uint64_t call, std::string_view method,
                 std::string_view request) override;
  void OnAnswer(uint64_t life, uint64_t call, const Address& callee, std::string_view method,
                std::string_view request, const absl::StatusOr<std::string>& response) override;
  void OnStreamAnswer(uint64_t life, const Address& acceptor, uint64_t stream,
                      std::string_view hello, const absl::Status& answer) override;
  void OnFrameTaken(const Address& acceptor, uint64_t stream, Lane lane,
                    std::string_view frame) override;

 private:
  using Region = std::pair<std::string, int>;  // Of a job.
  struct Opened {
    uint64_t life = 0;
    Region region;
    JobAttempt attempt;
  };
  // What had been accepted when a request came.
  struct Arrival {
    uint64_t leader = 0;
    std::map<Region, JobAttempt> attempts;
  };
  // Those that a message is about.
  std::set<Region> RegionsOf(const std::string& job, const std::vector<uint32_t>& subtasks) const;
  void Accept(uint64_t life, const Address& who, const std::string& what, const Region& region,
              JobAttempt attempt, JobAttempt accepted_before);

  const KnownChannels known_channels_;
  const KnownRegions known_regions_;
  std::map<uint64_t, std::map<Region, JobAttempt>> newest_;  // By life.
  std::map<uint64_t, uint64_t> newest_leader_;               // By life.
  std::map<uint64_t, Arrival> arrivals_;                     // By call.
  std::map<uint64_t, Opened> streams_;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_ORACLES_FENCING_ORACLE_H_
