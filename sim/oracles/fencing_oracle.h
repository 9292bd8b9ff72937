// Fencing: a process that has accepted an attempt of a job accepts nothing older of that job any more. Judged by answers: a call
// answered OK, compared with what had been accepted when its request came; a stream accepted; a frame taken.
#ifndef WEIR_SIM_ORACLES_FENCING_ORACLE_H_
#define WEIR_SIM_ORACLES_FENCING_ORACLE_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "core/checkpoint/job_attempt.h"
#include "core/proto/control.pb.h"
#include "sim/oracles/oracle.h"

namespace weir::sim {

class FencingOracle final : public Oracle {
 public:
  explicit FencingOracle(OracleLog* log);

  void OnRequest(uint64_t life, uint64_t call, std::string_view method,
                 std::string_view request) override;
  void OnAnswer(uint64_t life, uint64_t call, const Address& callee, std::string_view method,
                std::string_view request, const absl::StatusOr<std::string>& response) override;
  void OnStreamAnswer(uint64_t life, const Address& acceptor, uint64_t stream,
                      std::string_view hello, const absl::Status& answer) override;
  void OnFrameTaken(const Address& acceptor, uint64_t stream, Lane lane,
                    std::string_view frame) override;

 private:
  struct Opened {
    uint64_t life = 0;
    std::string job;
    JobAttempt attempt;
  };
  // What had been accepted when a request came.
  struct Arrival {
    uint64_t leader = 0;
    JobAttempt attempt;
  };
  void Accept(uint64_t life, const Address& who, const std::string& what, const std::string& job,
              JobAttempt attempt, JobAttempt accepted_before);

  std::map<uint64_t, std::map<std::string, JobAttempt>> newest_;  // By life and job.
  std::map<uint64_t, uint64_t> newest_leader_;                    // By life.
  std::map<uint64_t, Arrival> arrivals_;                          // By call.
  std::map<uint64_t, Opened> streams_;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_ORACLES_FENCING_ORACLE_H_
