// The part of the JobMaster that ends attempts: failures, what restarts after them, and the end of the job. The rules are those of
// core/cluster/region_table.h.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/cluster/job_master.h"

namespace weir {

void JobMaster::Cancel(absl::Status why) {
  if (end_state_.has_value()) return;
  if (state_ != JobState::kCreated && state_ != JobState::kRunning &&
      state_ != JobState::kRestarting)
    return;
  why_ = std::move(why);
  state_ = JobState::kCancelling;
  ReleaseAll(JobState::kCanceled);
}

void JobMaster::Stop() {
  if (state_ == JobState::kRunning && submission_.checkpoints.durable)
    return checkpoints_->Tell(StopRequested());
  Cancel(absl::CancelledError("stopped"));
}

void JobMaster::Fail(absl::Status why, const RegionTable::Regions& failed, Remedy remedy) {
  // What the job comes to is decided; subtasks that are released later than their neighbours miss them.
  if (end_state_.has_value()) return;
  if (state_ != JobState::kCreated && state_ != JobState::kRunning &&
      state_ != JobState::kRestarting)
    return;
  const bool created = state_ == JobState::kCreated;
  // As a rule one cause: what is down begins together, and the strategy has been asked.
  const bool joins = state_ == JobState::kRestarting && remedy == Remedy::kRestart;
  if (!joins) why_ = std::move(why);
  if (joins || (!created && remedy == Remedy::kRestart && MayRestart())) {
    if (!joins) ++restarts_;
    ++failures_;
    state_ = JobState::kRestarting;
    wants_slots_ = false;
    TakeDown(failed);
    if (releases_under_way_ == 0) OnReleased();
    return;
  }
  state_ = JobState::kFailing;
  ReleaseAll(JobState::kFailed);
}

bool JobMaster::MayRestart() {
  const RestartStrategy& strategy = submission_.restart_strategy;
  if (!submission_.checkpoints.durable) return false;
  const uint64_t jitter =
      strategy.type == RestartStrategyType::kExponentialDelay
          ? env_.random().Draw({RandomStream::kConfig, "job_master.restart_jitter"})
          : 0;
  RestartDecision decision =
      DecideRestart(strategy, std::move(restart_state_), env_.clock().Monotonic(), jitter);
  restart_state_ = std::move(decision.state);
  if (decision.delay.has_value()) return true;
  if (restarts_ > 0) {
    why_ = absl::Status(why_.code(), absl::StrCat(why_.message(), "\n  after ", restarts_,
                                                  restarts_ == 1 ? " restart" : " restarts",
                                                  "; restart strategy: ", strategy.ToString()));
  }
  return false;
}

void JobMaster::OnTaskManagerLost(const Address& address, const std::string& why) {
  RegionTable::Regions failed;
  for (const SubtaskId id : regions_.SubtasksOf(regions_.running())) {
    if (AddressOf(id) == address) failed.insert(regions_.of(id));
  }
  if (failed.empty()) return;
  Fail(absl::UnavailableError(absl::StrCat("TaskManager ", address, " ", why)), failed);
}

void JobMaster::TakeDown(const RegionTable::Regions& failed) {
  const std::vector<SubtaskId> subtasks = regions_.SubtasksOf(regions_.TakeDown(failed));
  // Tells those that run on to forget the checkpoint that was under way.
  if (checkpoints_ != nullptr) checkpoints_->Tell(AttemptEnded{attempt()});
  auto requests = RequestsFor<proto::ReleaseTasksRequest>(subtasks);
  releases_under_way_ += requests.size();
  for (auto& [to, request] : requests) {
    // A process that cannot be reached releases by itself when it misses the JobManager. What restarts should go to another.
    rpc_->Call<proto::ReleaseTasksResponse>(
        to, "ReleaseTasks", request, options_.timeouts.release_timeout,
        [this, to = to,
         called = env_.clock().Monotonic()](absl::StatusOr<proto::ReleaseTasksResponse> response) {
          if (absl::IsUnavailable(response.status())) requests_.report_unreachable(to, called);
          if (--releases_under_way_ == 0) OnReleased();
        });
  }
}

void JobMaster::ReleaseAll(JobState end_state) {
  if (end_state_.has_value()) return;
  end_state_ = end_state;
  wants_slots_ = false;
  TakeDown(regions_.all());
  if (releases_under_way_ == 0) OnReleased();
}

void JobMaster::OnReleased() {
  if (end_state_.has_value()) return Finish(*end_state_);
  const absl::Duration left = restart_state_.resumes_at - env_.clock().Monotonic();
  control_.PostAfter(std::max(left, absl::ZeroDuration()), Weak([this, failure = failures_] {
                       if (state_ == JobState::kRestarting && failure == failures_) WantSlots();
                     }));
}

void JobMaster::Finish(JobState end_state) {
  state_ = end_state;
  JobResult result;
  result.state = end_state;
  // A copy of its own: the result leaves this thread.
  result.status = absl::Status(why_.code(), why_.message());
  result.runtime = runtime();
  result.nodes = NodeReports();
  result.sinks = sink_reports_;
  result.warnings = warnings_;
  result.restarts = restarts_;
  result.restored_from = restored_from_;
  if (checkpoints_ != nullptr) {
    result.checkpoints = checkpoints_->state().completed_count;
    result.last_checkpoint = checkpoints_->state().published.manifest.checkpoint;
  }
  if (end_state == JobState::kFinished || end_state == JobState::kSuspended)
    result.status = absl::OkStatus();
  if (on_done_) std::exchange(on_done_, nullptr)(std::move(result));
}

}  // namespace weir
