// Whatever the order of events, the coordinator keeps its invariants: a world that delays, repeats, drops and mixes up every
// answer, whose store may fail or be taken over, and whose attempts and leaders may die at any moment.

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/hash.h"
#include "core/checkpoint/checkpoint_coordinator.h"
#include "core/testing/property.h"

namespace weir {
namespace {

class World {
 public:
  World(uint32_t subtasks, CheckpointOptions options) : subtasks_(subtasks), options_(options) {
    state_.options = options;
    StartAttempt(false);
  }

  // One thing happens, picked by `draw`.
  void Happen(uint64_t draw) {
    const uint64_t what = draw % 16;
    const uint64_t which = draw / 16;
    if (what < 8) return Deliver(which);
    if (what < 10) return Pass(absl::Milliseconds(static_cast<int64_t>(which % 3000)));
    if (what == 10) return Feed(SubtaskEnded{state_.attempt, SubtaskId(Pick(which))});
    if (what == 11) return Feed(Decline(which));
    if (what == 12) return Feed(AllSubtasksRunning{state_.attempt});
    if (what == 13) return Forge(which);
    if (what == 14 && which % 8 == 0) return Feed(StopRequested{});
    if (what == 15 && which % 4 == 0) {
      Feed(AttemptEnded{state_.attempt});
      return StartAttempt(which % 8 == 0);
    }
  }

  // Everything is answered, without faults: the job must come to its end.
  void Heal() {
    if (state_.phase == CoordinatorState::Phase::kMayEnd) return;
    Feed(AttemptEnded{state_.attempt});
    StartAttempt(false);
    faults_ = false;
    Feed(AllSubtasksRunning{state_.attempt});
    for (uint32_t i = 0; i < subtasks_; ++i) Feed(SubtaskEnded{state_.attempt, SubtaskId(i)});
    for (int round = 0; round < 200 && !ended_; ++round) {
      while (!in_flight_.empty()) Deliver(0);
      Pass(absl::Seconds(6));
    }
    RC_ASSERT(ended_);
    RC_ASSERT(state_.published.committed_through == state_.published.manifest.checkpoint);
    RC_ASSERT(committed_.size() == subtasks_);
    for (const auto& [subtask, through] : committed_) {
      RC_ASSERT(through == state_.published.manifest.checkpoint);
    }
  }

  uint64_t completed() const { return completed_; }

 private:
  uint32_t Pick(uint64_t which) const { return static_cast<uint32_t>(which % subtasks_); }

  SubtaskDeclined Decline(uint64_t which) {
    const uint64_t id = state_.next_checkpoint.value() - 1 - which % 2;
    return {state_.attempt, CheckpointId(id), SubtaskId(Pick(which)), absl::UnavailableError("no")};
  }

  // Answers that nobody asked for: of older attempts, other checkpoints, strangers.
  void Forge(uint64_t which) {
    const JobAttempt old = {state_.attempt.epoch,
                            AttemptNumber(state_.attempt.attempt.value() - 1)};
    const JobAttempt attempt = which % 2 == 0 ? old : state_.attempt;
    const CheckpointId id(state_.next_checkpoint.value() - 1 - which % 2);
    const SubtaskId stranger(subtasks_ + 7);
    switch (which % 5) {
      case 0:
        return Feed(SubtaskAcknowledged{old, id, SubtaskId(Pick(which)), {}});
      case 1:
        return Feed(SubtaskAcknowledged{attempt, id, stranger, {}});
      case 2:
        return Feed(CommitAcked{old, SubtaskId(Pick(which)), id});
      case 3:
        return Feed(CommitAcked{state_.attempt, stranger, id});
      default:
        return Feed(PointerPublished{old, state_.published.sequence + 1, absl::OkStatus(), true});
    }
  }

  void StartAttempt(bool new_leader) {
    // What was being published may still have happened before the claim.
    const bool was_publishing =
        std::any_of(in_flight_.begin(), in_flight_.end(),
                    [](const Answer& a) { return std::holds_alternative<PointerPublished>(a); });
    if (was_publishing && in_flight_.size() % 2 == 0) truth_ = *publishing_;
    in_flight_.clear();
    if (new_leader || under_way_ == truth_.manifest.checkpoint) under_way_.reset();
    const JobAttempt attempt =
        new_leader ? JobAttempt{LeaderEpoch(attempt_.epoch.value() + 1), AttemptNumber(1)}
                   : JobAttempt{attempt_.epoch, AttemptNumber(attempt_.attempt.value() + 1)};
    attempt_ = attempt;
    uint64_t first =
        new_leader ? truth_.reserved_through.value() + 1 : truth_.manifest.checkpoint.value() + 1;
    if (new_leader) {
      state_ = CoordinatorState();
      state_.options = options_;
    }
    first = std::max(first, state_.next_checkpoint.value());
    ++truth_.sequence;
    truth_.attempt = attempt;
    truth_.reserved_through =
        std::max(truth_.reserved_through, CheckpointId(first - 1 + kCheckpointIdsReserved));
    ended_ = false;
    Feed(AttemptStarted{attempt, subtasks_, truth_, CheckpointId(first)});
    // Subtasks that run on have been told to forget what was under way and is not in the store.
    RC_ASSERT(!under_way_.has_value());
  }

  void Pass(absl::Duration time) {
    now_ += time;
    Feed(TimePassed{});
  }

  template <class Event>
  void Feed(Event event) {
    CheckpointDecision decision = Decide(std::move(state_), {now_, std::move(event)});
    state_ = std::move(decision.state);
    for (CheckpointAction& action : decision.actions) {
      std::visit([this](auto& a) { this->Perform(a); }, action);
    }
    RC_ASSERT(NextWakeUp(state_) > now_);
    RC_ASSERT(state_.published.committed_through <= state_.published.manifest.checkpoint);
  }

  // ---- What is asked for, and whether it may be ----

  void Perform(const TriggerSources& trigger) {
    RC_ASSERT(!under_way_.has_value());
    RC_ASSERT(trigger.checkpoint > last_triggered_);
    RC_ASSERT(trigger.checkpoint <= truth_.reserved_through);
    last_triggered_ = trigger.checkpoint;
    under_way_ = trigger.checkpoint;
    for (uint32_t i = 0; i < subtasks_; ++i) {
      in_flight_.emplace_back(
          SubtaskAcknowledged{state_.attempt, trigger.checkpoint, SubtaskId(i), {}});
    }
  }
  void Perform(const WriteManifest& write) {
    RC_ASSERT(under_way_ == write.checkpoint);
    RC_ASSERT(write.snapshots.size() == subtasks_);
    in_flight_.emplace_back(
        ManifestWritten{state_.attempt, write.checkpoint,
                        ManifestRef{"manifest-" + std::to_string(write.checkpoint.value()), 1, 1,
                                    write.checkpoint}});
  }
  void Perform(const PublishPointer& publish) {
    RC_ASSERT(publish.record.sequence == truth_.sequence + 1);
    RC_ASSERT(publish.record.attempt == attempt_);
    RC_ASSERT(publish.record.committed_through >= truth_.committed_through);
    RC_ASSERT(publish.record.committed_through <= truth_.manifest.checkpoint);
    RC_ASSERT(publish.record.reserved_through >= last_triggered_);
    RC_ASSERT(publish.record.manifest == truth_.manifest ||
              written_.count(publish.record.manifest.checkpoint) == 1);
    RC_ASSERT(aborted_.count(publish.record.manifest.checkpoint) == 0);
    RC_ASSERT(writes_.insert({attempt_, publish.write}).second);
    in_flight_.emplace_back(
        PointerPublished{state_.attempt, publish.record.sequence, absl::OkStatus(), true});
    publishing_ = publish.record;
  }
  void Perform(const CommitCheckpoint& commit) {
    RC_ASSERT(commit.through == truth_.manifest.checkpoint);
    RC_ASSERT(!commit.subtasks.empty());
    for (const SubtaskId subtask : commit.subtasks) {
      in_flight_.emplace_back(CommitAcked{state_.attempt, subtask, commit.through});
    }
  }
  void Perform(const AbortCheckpoint& abort) {
    RC_ASSERT(under_way_ == abort.checkpoint);
    RC_ASSERT(abort.checkpoint > truth_.manifest.checkpoint);
    RC_ASSERT(!abort.why.ok());
    aborted_.insert(abort.checkpoint);
    under_way_.reset();
  }
  void Perform(const CollectGarbage& garbage) {
    RC_ASSERT(garbage.published == truth_);
    RC_ASSERT(!under_way_.has_value() || garbage.settled_through < *under_way_);
  }
  void Perform(const FailAttempt& fail) {
    RC_ASSERT(!fail.why.ok());
    RC_ASSERT(faults_);
    under_way_.reset();
  }
  void Perform(const JobMayEnd& end) {
    RC_ASSERT(!ended_);
    RC_ASSERT(end.checkpoint == truth_.manifest.checkpoint);
    RC_ASSERT(truth_.committed_through == end.checkpoint);
    for (uint32_t i = 0; i < subtasks_; ++i) RC_ASSERT(committed_[SubtaskId(i)] == end.checkpoint);
    ended_ = true;
  }

  // ---- What comes back ----

  using Answer = std::variant<SubtaskAcknowledged, ManifestWritten, PointerPublished, CommitAcked>;

  void Deliver(uint64_t which) {
    if (in_flight_.empty()) return Pass(absl::Milliseconds(500));
    const size_t at = static_cast<size_t>(which % in_flight_.size());
    Answer answer = in_flight_[at];
    // Answers of subtasks may come twice or never; those of the store come once.
    const uint64_t fate = faults_ ? (which / 7) % 8 : 7;
    if (fate != 0 || IsOfStore(answer)) {
      in_flight_.erase(in_flight_.begin() + static_cast<std::ptrdiff_t>(at));
    }
    std::visit([&](auto& a) { Return(a, fate); }, answer);
  }
  static bool IsOfStore(const Answer& answer) { return answer.index() == 1 || answer.index() == 2; }

  void Return(SubtaskAcknowledged& ack, uint64_t fate) {
    if (fate != 1) Feed(std::move(ack));
  }
  void Return(ManifestWritten& written, uint64_t fate) {
    if (fate == 1) written.manifest = absl::ResourceExhaustedError("disk full");
    if (written.manifest.ok()) written_.insert(written.checkpoint);
    Feed(std::move(written));
  }
  void Return(PointerPublished& published, uint64_t fate) {
    if (fate == 1) {
      published.status = absl::ResourceExhaustedError("disk full");
      published.may_have_happened = false;
      return Feed(std::move(published));
    }
    // It happened, even if the answer does not say so.
    completed_ += publishing_->manifest != truth_.manifest;
    truth_ = *publishing_;
    if (under_way_ == truth_.manifest.checkpoint) under_way_.reset();
    if (fate == 2) published.status = absl::DataLossError("I/O error");
    Feed(std::move(published));
  }
  void Return(CommitAcked& acked, uint64_t fate) {
    if (fate == 1) return;
    CheckpointId& through = committed_[acked.subtask];
    through = std::max(through, acked.through);
    Feed(std::move(acked));
  }

  const uint32_t subtasks_;
  const CheckpointOptions options_;
  CoordinatorState state_;
  absl::Duration now_ = absl::Seconds(1);
  bool faults_ = true;
  std::vector<Answer> in_flight_;

  JobAttempt attempt_ = {LeaderEpoch(1), AttemptNumber(0)};
  PointerRecord truth_;  // The newest pointer of the store.
  std::optional<PointerRecord> publishing_;
  CheckpointId last_triggered_;
  std::optional<CheckpointId> under_way_;
  std::set<CheckpointId> written_;
  std::set<CheckpointId> aborted_;
  std::map<SubtaskId, CheckpointId> committed_;
  std::set<std::pair<JobAttempt, uint64_t>> writes_;
  bool ended_ = false;
  uint64_t completed_ = 0;
};

CheckpointOptions Options(uint64_t draw) {
  CheckpointOptions options;
  if (draw % 4 != 0) options.interval = absl::Seconds(1 + static_cast<int64_t>(draw % 3));
  options.timeout = absl::Seconds(2 + static_cast<int64_t>(draw % 30));
  options.min_pause = absl::Milliseconds(static_cast<int64_t>(draw % 1500));
  options.tolerable_failures = static_cast<int>(draw % 5);
  options.retained = 1 + static_cast<int>(draw % 3);
  return options;
}

WEIR_PROPERTY(CheckpointCoordinatorPropertyTest, InvariantsHold, uint64_t options,
              const std::vector<uint64_t>& draws) {
  World world(1 + static_cast<uint32_t>(options % 4), Options(options));
  for (const uint64_t draw : draws) world.Happen(draw);
  world.Heal();
}

// The same for long sequences, and not in vain.
TEST(CheckpointCoordinatorPropertyTest, InvariantsHoldForLong) {
  uint64_t completed = 0;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    World world(1 + static_cast<uint32_t>(seed % 4), Options(StableHashOfU64(seed)));
    for (uint64_t i = 0; i < 500; ++i) world.Happen(StableHashOfU64(seed * 1000 + i));
    completed += world.completed();
    world.Heal();
  }
  EXPECT_GT(completed, 500u);
}

}  // namespace
}  // namespace weir
