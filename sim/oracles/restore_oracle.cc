#include "sim/oracles/restore_oracle.h"

#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "sim/oracles/published_pointer.h"

namespace weir::sim {
namespace {

constexpr char kName[] = "restore equals snapshot";

JobAttempt AttemptOf(const proto::Fence& fence) {
  return {LeaderEpoch(fence.leader_epoch()), AttemptNumber(fence.attempt())};
}

// How often each thing is there: what it is, and its bytes.
using Counted = std::map<std::string, int>;

void Count(const proto::SubtaskStateSnapshot& state, int by, Counted& counted) {
  for (const proto::ReaderSplitSnapshot& split : state.splits()) {
    counted[absl::StrCat("split ", split.id(), " (", split.payload(), ") at position '",
                         split.position(), "'")] += by;
  }
  for (const std::string& committable : state.committables()) {
    counted[absl::StrCat("committable '", committable, "'")] += by;
  }
}

}  // namespace

RestoreOracle::RestoreOracle(OracleLog* log, std::string checkpoint_folder, KnownRegions regions)
    : Oracle(log), checkpoint_folder_(std::move(checkpoint_folder)), regions_(std::move(regions)) {
  log->counts["restored"];
  if (regions_.count() > 1) log->counts["region_restarts"];
  if (regions_.cut_operators()) log->counts["splits_back"];
}

void RestoreOracle::OnFileCall(std::string_view process, std::string_view operation,
                               std::string_view path, const absl::Status& status) {
  std::optional<PublishedPointer> published =
      PublishedBy(world(), checkpoint_folder_, operation, path, status);
  if (!published.has_value()) return;
  const JobAttempt attempt = published->pointer.attempt;
  const auto known = claims_.find(attempt);
  if (known == claims_.end()) {
    Claim& claim = claims_[attempt];
    if (!published->manifest.has_value()) return;
    claim.manifest = *std::move(published->manifest);
    claim.checkpoint = claim.manifest.checkpoint_id();
    for (const proto::OperatorState& op : claim.manifest.operators()) {
      for (const proto::SubtaskStateSnapshot& subtask : op.subtasks()) {
        for (const proto::KeyedStateSnapshot& keyed : subtask.keyed()) {
          Recorded& recorded = claim.recorded[op.uid()];
          recorded.content_hash += keyed.content_hash();
          recorded.key_groups += keyed.key_groups_end() - keyed.key_groups_begin();
          if (keyed.has_content_hash()) continue;
          log().Report(kName, std::string(process),
                       absl::StrCat("checkpoint ", claim.checkpoint,
                                    " records no content hash of '", op.uid(), "'"));
        }
      }
    }
    return;
  }
  if (published->pointer.manifest.checkpoint.value() <= known->second.checkpoint) return;
  for (const auto& [uid, of_claim] : known->second.recorded) {
    const auto deployed = claims_.find(DeployedIn(uid, attempt));
    if (deployed == claims_.end()) continue;
    Claim& restored = deployed->second;
    // It was deployed from nothing, or is whole.
    if (!restored.recorded.contains(uid) || restored.reported[uid].complete) continue;
    log().Report(
        kName, std::string(process),
        absl::StrCat(attempt.ToString(), " completed checkpoint ",
                     published->pointer.manifest.checkpoint.value(), ", and not all subtasks of '",
                     uid, "' had restored checkpoint ", restored.checkpoint));
  }
}

void RestoreOracle::OnRequest(uint64_t, uint64_t, std::string_view method, std::string_view bytes) {
  const auto parse = [&](auto request) {
    std::optional<decltype(request)> parsed;
    if (request.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) parsed = request;
    return parsed;
  };
  if (method == "SubtaskStateChanged") {
    const auto request = parse(proto::SubtaskStateChangedRequest());
    if (!request.has_value()) return;
    const auto claim = claims_.find(AttemptOf(request->fence()));
    for (const proto::RestoredState& state : request->restored()) {
      if (claim == claims_.end()) {
        log().Report(
            kName, "",
            absl::StrCat("'", state.uid(), "' restored in an attempt that claimed nothing"));
        continue;
      }
      OnRestored(claim->second, claim->first, state);
    }
  } else if (method == "DeployTasks") {
    const auto request = parse(proto::DeployTasksRequest());
    if (!request.has_value()) return;
    const auto claim = claims_.find(AttemptOf(request->fence()));
    if (claim != claims_.end()) OnDeployment(claim->second, claim->first, *request);
  } else if (method == "SourceEvent") {
    const auto request = parse(proto::SourceEventRequest());
    if (request.has_value() && request->subtask() < regions_.subtasks.size()) OnSplits(*request);
  }
}

void RestoreOracle::OnSplits(const proto::SourceEventRequest& request) {
  const JobAttempt attempt = AttemptOf(request.fence());
  const std::set<std::string>& uids = regions_.subtasks[request.subtask()].uids;
  for (const proto::SourceSplitMessage& split : request.add_splits()) {
    const auto [last, is_new] = assigned_.try_emplace(
        {attempt.epoch, uids.empty() ? "" : *uids.begin(), split.id()}, attempt.attempt);
    if (is_new || last->second == attempt.attempt) continue;
    last->second = attempt.attempt;
    if (partial_.contains(attempt)) ++log().counts["splits_back"];
  }
}

void RestoreOracle::OnRestored(Claim& claim, const JobAttempt& attempt,
                               const proto::RestoredState& state) {
  const auto recorded = claim.recorded.find(state.uid());
  if (recorded == claim.recorded.end()) {
    if (state.content_hash() == 0) return;  // New tables, and empty.
    return log().Report(kName, "",
                        absl::StrCat(attempt.ToString(), " restored '", state.uid(),
                                     "', of which checkpoint ", claim.checkpoint, " has nothing"));
  }
  Reported& reported = claim.reported[state.uid()];
  if (reported.complete) return;  // Told again.
  reported.by_index[state.index()] = state;
  uint64_t sum = 0;
  uint32_t key_groups = 0;
  for (const auto& [index, part] : reported.by_index) {
    if (part.key_groups_begin() != key_groups) return;  // Not all of them yet.
    sum += part.content_hash();
    key_groups = part.key_groups_end();
  }
  if (key_groups < recorded->second.key_groups) return;
  reported.complete = true;
  ++log().counts["restored"];
  if (sum == recorded->second.content_hash) return;
  log().Report(kName, "",
               absl::StrFormat("the %d subtasks of '%s' in %s restored content %016x of checkpoint "
                               "%d, which recorded %016x",
                               reported.by_index.size(), state.uid(), attempt.ToString(), sum,
                               claim.checkpoint, recorded->second.content_hash));
}

void RestoreOracle::OnDeployment(const Claim& claim, const JobAttempt& attempt,
                                 const proto::DeployTasksRequest& request) {
  const Deployed deployed = DeployedBy(attempt, request);
  std::map<std::string, Counted> counted;  // By uid.
  // Deployed in part, with another parallelism than in the checkpoint: everyone has a share of all, and how large that of a few
  // is, nobody can tell here.
  std::set<std::string> shares;
  for (const proto::OperatorState& op : claim.manifest.operators()) {
    const auto begun = deployed.find(op.uid());
    if (regions_.known() && begun == deployed.end()) continue;
    const int parallelism = regions_.parallelism(op.uid());
    const bool whole = !regions_.known() || static_cast<int>(begun->second.size()) == parallelism;
    const bool share = !whole && op.subtasks_size() != parallelism;
    if (share) shares.insert(op.uid());
    for (const proto::SubtaskStateSnapshot& state : op.subtasks()) {
      if (whole || share || begun->second.contains(static_cast<int>(state.index())))
        Count(state, 1, counted[op.uid()]);
    }
  }
  for (const proto::SubtaskRestore& subtask : request.restore()) {
    for (const proto::OperatorRestore& op : subtask.operators())
      Count(op.state(), -1, counted[op.uid()]);
  }
  for (const auto& [uid, things] : counted) {
    for (const auto& [what, times] : things) {
      if (times == 0 || (times > 0 && shares.contains(uid))) continue;
      log().Report(
          kName, "",
          absl::StrCat(attempt.ToString(), " deploys ", times > 0 ? "without " : "once more ",
                       "operator '", uid, "': ", what, " of checkpoint ", claim.checkpoint));
    }
  }
}

RestoreOracle::Deployed RestoreOracle::DeployedBy(const JobAttempt& attempt,
                                                  const proto::DeployTasksRequest& request) {
  Deployed deployed;
  if (!regions_.known()) return deployed;
  const std::set<uint32_t> ids(request.subtasks().begin(), request.subtasks().end());
  std::set<int> begun;
  for (const uint32_t id : ids) begun.insert(regions_.of(id));
  std::set<int> reported;
  for (uint32_t id = 0; id < regions_.subtasks.size(); ++id) {
    const KnownRegions::Subtask& subtask = regions_.subtasks[id];
    if (ids.contains(id)) {
      for (const std::string& uid : subtask.uids) deployed[uid].insert(subtask.index);
    } else if (begun.contains(subtask.region) && reported.insert(subtask.region).second) {
      log().Report(kName, "",
                   absl::StrCat(attempt.ToString(), " deploys a part of the region of '",
                                subtask.uids.empty() ? "" : *subtask.uids.begin(), "'"));
    }
  }
  if (static_cast<int>(begun.size()) < regions_.count() && partial_.insert(attempt).second)
    ++log().counts["region_restarts"];
  for (const auto& [uid, indices] : deployed) deployments_[uid].insert(attempt);
  return deployed;
}

JobAttempt RestoreOracle::DeployedIn(const std::string& uid, const JobAttempt& attempt) const {
  const auto found = deployments_.find(uid);
  if (found == deployments_.end()) return attempt;
  const auto after = found->second.upper_bound(attempt);
  if (after == found->second.begin() || std::prev(after)->epoch != attempt.epoch) return attempt;
  return *std::prev(after);
}

}  // namespace weir::sim
