// Restore equals snapshot: what the operators of an attempt start from is what the checkpoint that it claims has recorded. An
// attempt claims a checkpoint with the first pointer that it publishes; every subtask then reports the content hashes of the
// tables that it restored. Per operator, they add up to those in the manifest, whatever the parallelism; and no
// checkpoint of the attempt completes before all key groups were reported.
//
// Splits with their positions and committables travel in the deployment: in it each of the checkpoint is once. An attempt deploys
// whole regions; what it leaves alone has restored what the attempt claimed in which it was deployed.
//
// Counts "region_restarts": attempts that deployed a part of the job; and "splits_back": splits that were assigned once more in one of
// them.
#ifndef WEIR_SIM_ORACLES_RESTORE_ORACLE_H_
#define WEIR_SIM_ORACLES_RESTORE_ORACLE_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>

#include "core/checkpoint/job_attempt.h"
#include "core/proto/control.pb.h"
#include "core/proto/manifest.pb.h"
#include "sim/oracles/known_regions.h"
#include "sim/oracles/oracle.h"

namespace weir::sim {

class RestoreOracle final : public Oracle {
 public:
  // The folder is absolute and below /shared.
  RestoreOracle(OracleLog* log, std::string checkpoint_folder, KnownRegions regions = {});

  void OnFileCall(std::string_view process, std::string_view operation, std::string_view path,
                  const absl::Status& status) override;
  void OnRequest(uint64_t life, uint64_t call, std::string_view method,
                 std::string_view request) override;

 private:
  struct Recorded {
    uint64_t content_hash = 0;
    uint32_t key_groups = 0;
  };
  struct Reported {
    std::map<uint32_t, proto::RestoredState> by_index;
    bool complete = false;
  };
  // What an attempt starts from.
  struct Claim {
    uint64_t checkpoint = 0;
    proto::CheckpointManifest manifest;
    std::map<std::string, Recorded> recorded;  // By uid: operators with tables.
    std::map<std::string, Reported> reported;
  };
  void OnSplits(const proto::SourceEventRequest& request);
  void OnRestored(Claim& claim, const JobAttempt& attempt, const proto::RestoredState& state);
  void OnDeployment(const Claim& claim, const JobAttempt& attempt,
                    const proto::DeployTasksRequest& request);
  // Subtasks of operators with a uid, by uid and index.
  using Deployed = std::map<std::string, std::set<int>>;
  // What `request` deploys; reports a region of which it deploys a part.
  Deployed DeployedBy(const JobAttempt& attempt, const proto::DeployTasksRequest& request);
  // The attempt of its leader up to `attempt` in which the operator was deployed last.
  JobAttempt DeployedIn(const std::string& uid, const JobAttempt& attempt) const;

  const std::string checkpoint_folder_;
  const KnownRegions regions_;
  std::map<std::string, std::set<JobAttempt>> deployments_;  // By uid.
  std::set<JobAttempt> partial_;
  // By epoch, vertex and split: in which attempt it was assigned last.
  std::map<std::tuple<LeaderEpoch, std::string, uint32_t>, AttemptNumber> assigned_;
  std::map<JobAttempt, Claim> claims_;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_ORACLES_RESTORE_ORACLE_H_
