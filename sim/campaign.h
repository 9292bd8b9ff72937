// Campaign: many seeds, each in a forked process of its own, so that nothing is left from one to the next and a failed check takes
// only its own seed down. A few at a time; reports come in the order in which runs end, totals do not depend on it.
//
// Must be called in a process with one thread. Errors of the operating system (no process, no pipe) are Unavailable.
#ifndef WEIR_SIM_CAMPAIGN_H_
#define WEIR_SIM_CAMPAIGN_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "sim/seed_report.h"

namespace weir::sim {

struct CampaignOptions {
  std::string job;  // As SeedRunOptions::job.
  uint64_t first_seed = 1;
  uint64_t seeds = 1;
  int processes = 1;
  bool backwards = false;           // The last seed first.
  unsigned seed_seconds_max = 300;  // Of real time; a run that takes longer is ended as a crash.
  // Asked before each run; absent: yes. What has begun is waited for.
  std::function<bool()> goes_on;
};

// What all runs of a campaign have shown.
class CampaignTotals {
 public:
  // Reports may come in any order; each seed once.
  void Add(const SeedReport& report);

  uint64_t seeds() const { return digests_.size(); }
  uint64_t failures() const { return failures_; }
  // Of everything that happened in all seeds, in the order of the seeds.
  uint64_t digest() const;
  const std::map<uint64_t, uint64_t>& digests() const { return digests_; }  // By seed.
  double simulated_seconds() const { return simulated_seconds_; }
  const std::map<Verdict, uint64_t>& verdicts() const { return verdicts_; }

  // "checkpoints=A recoveries=B faults=kind:n,... fileop_crashes=C rows_compared=D".
  std::string WorkLine() const;
  // In how many of the seeds each thing was seen, for people.
  std::string SeenText() const;
  // What a campaign of this size should have shown and has not; OK if there is nothing. FailedPrecondition lists it. Of any size:
  // compared rows. From 20 seeds on: a checkpoint, a recovery, a fired fault. From 100 on: whatever else is counted. From 1,000
  // on: every kind of fault fired in 1 of 20, half recovered from a checkpoint, nine in ten compared 1,000 rows.
  absl::Status CheckVacuity() const;

 private:
  bool SeenInShare(uint64_t count, uint64_t percent) const {
    return count * 100 >= digests_.size() * percent;
  }

  std::map<uint64_t, uint64_t> digests_;
  std::map<Verdict, uint64_t> verdicts_;
  uint64_t failures_ = 0;
  double simulated_seconds_ = 0;
  uint64_t checkpoints_ = 0;
  uint64_t recoveries_ = 0;
  uint64_t file_crashes_ = 0;
  uint64_t rows_compared_ = 0;
  std::map<std::string, uint64_t> fired_;
  std::map<std::string, uint64_t> counts_;
  // Seeds that saw it at least once.
  std::map<std::string, uint64_t> seeds_with_;
  uint64_t seeds_recovered_ = 0;
  uint64_t seeds_with_many_rows_ = 0;
};

// Runs the seeds. `on_report` is called for each of them, here.
absl::Status RunCampaign(const CampaignOptions& options,
                         const std::function<void(const SeedReport&)>& on_report);

}  // namespace weir::sim

#endif  // WEIR_SIM_CAMPAIGN_H_
