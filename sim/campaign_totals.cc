#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "sim/campaign.h"
#include "sim/digest.h"
#include "sim/fault_plan.h"

namespace weir::sim {
namespace {

constexpr uint64_t kManyRows = 1000;

std::string CountsText(const std::map<std::string, uint64_t>& counts) {
  return absl::StrJoin(counts, ",", absl::PairFormatter(":"));
}

}  // namespace

void CampaignTotals::Add(const SeedReport& report) {
  digests_[report.seed] = report.digest;
  ++verdicts_[report.verdict];
  if (report.verdict != Verdict::kClean) ++failures_;
  simulated_seconds_ += static_cast<double>(report.simulated_ns) / 1e9;
  checkpoints_ += report.checkpoints;
  recoveries_ += report.recoveries;
  file_crashes_ += report.file_crashes;
  rows_compared_ += report.rows_compared;
  seeds_recovered_ += report.recoveries > 0 ? 1 : 0;
  seeds_with_many_rows_ += report.rows_compared >= kManyRows ? 1 : 0;
  for (const auto& [kind, count] : report.fired) {
    fired_[kind] += count;
    seeds_with_[kind] += count > 0 ? 1 : 0;
  }
  for (const auto& [name, count] : report.counts) counts_[name] += count;
}

uint64_t CampaignTotals::digest() const {
  RollingDigest digest;
  for (const auto& [seed, of_seed] : digests_) {
    digest.Add(seed);
    digest.Add(of_seed);
  }
  return digest.value();
}

std::string CampaignTotals::WorkLine() const {
  return absl::StrCat("checkpoints=", checkpoints_, " recoveries=", recoveries_,
                      " faults=", CountsText(fired_), " fileop_crashes=", file_crashes_,
                      " rows_compared=", rows_compared_);
}

std::string CampaignTotals::SeenText() const {
  if (digests_.empty()) return "";
  const auto percent = [&](uint64_t count) { return count * 100 / digests_.size(); };
  std::string text = absl::StrCat("recovered from a checkpoint in ", percent(seeds_recovered_),
                                  "% of the seeds; compared ", kManyRows, " rows or more in ",
                                  percent(seeds_with_many_rows_),
                                  "%\nfaults that something felt, in % of the seeds:");
  for (const auto& [kind, seeds] : seeds_with_) {
    absl::StrAppend(&text, " ", kind, " ", percent(seeds));
  }
  absl::StrAppend(&text, "\nseen:");
  for (const auto& [name, count] : counts_) absl::StrAppend(&text, " ", name, " ", count);
  return text + "\n";
}

absl::Status CampaignTotals::CheckVacuity() const {
  std::vector<std::string> missing;
  const auto want = [&](bool there, std::string what) {
    if (!there) missing.push_back(std::move(what));
  };
  want(rows_compared_ > 0, "a compared row");
  if (digests_.size() >= 20) {
    want(checkpoints_ > 0, "a completed checkpoint");
    want(recoveries_ > 0, "a recovery from a checkpoint");
    want(!fired_.empty(), "a fault that something felt");
  }
  if (digests_.size() >= 100) {
    for (const auto& [name, count] : counts_) want(count > 0, name);
  }
  if (digests_.size() >= 1000) {
    want(SeenInShare(seeds_recovered_, 50), "a recovery in half of the seeds");
    want(SeenInShare(seeds_with_many_rows_, 90), "1,000 compared rows in nine of ten seeds");
    for (int kind = 0; kind < kFaultKinds; ++kind) {
      const std::string name(FaultKindName(static_cast<FaultKind>(kind)));
      const auto found = seeds_with_.find(name);
      want(found != seeds_with_.end() && SeenInShare(found->second, 5),
           absl::StrCat("the fault ", name, " in 1 of 20 seeds"));
    }
  }
  if (missing.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("these runs have not shown ", absl::StrJoin(missing, ", nor ")));
}

}  // namespace weir::sim
