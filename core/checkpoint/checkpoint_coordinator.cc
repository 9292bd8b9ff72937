#include "core/checkpoint/checkpoint_coordinator.h"

#include <algorithm>
#include <string_view>
#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/base/check.h"

namespace weir {
namespace {

using Phase = CoordinatorState::Phase;
using Stage = PendingCheckpoint::Stage;
using Actions = std::vector<CheckpointAction>;

CheckpointId Next(CheckpointId id) { return CheckpointId(id.value() + 1); }

// The newest checkpoint that may be committed.
CheckpointId CommitTarget(const CoordinatorState& s) { return s.published.manifest.checkpoint; }

bool Knows(const CoordinatorState& s, SubtaskId subtask) {
  return subtask.value() < s.ended.size();
}

void FailWith(CoordinatorState& s, absl::Status why, bool fenced, Actions& actions) {
  s.phase = Phase::kDown;
  s.pending.reset();
  s.publishing.reset();
  actions.push_back(FailAttempt{std::move(why), fenced});
}
void Fail(CoordinatorState& s, absl::Status why, Actions& actions) {
  FailWith(s, std::move(why), false, actions);
}
void Fence(CoordinatorState& s, absl::Status why, Actions& actions) {
  FailWith(s, std::move(why), true, actions);
}

// `what` did not work, and the attempt could go on without it.
void CountFailure(CoordinatorState& s, std::string_view what, const absl::Status& why,
                  Actions& actions) {
  if (++s.consecutive_failures <= s.options.tolerable_failures) return;
  const std::string count = s.consecutive_failures == 1
                                ? std::string("none is tolerated")
                                : absl::StrCat(s.consecutive_failures, " failures in a row");
  Fail(s,
       absl::Status(why.code(),
                    absl::StrCat(std::string(what), " failed (", count, "): ", why.message())),
       actions);
}

void AddCollectGarbage(const CoordinatorState& s, Actions& actions) {
  if (s.options.durable) actions.push_back(CollectGarbage{s.published, s.settled_through});
}

// Not for one whose publication is under way.
void Abort(CoordinatorState& s, absl::Duration now, absl::Status why, Actions& actions) {
  WEIR_CHECK(s.pending.has_value() && s.pending->stage != Stage::kPublishing);
  const CheckpointId id = s.pending->id;
  const CheckpointPurpose purpose = s.pending->purpose;
  s.pending.reset();
  s.settled_through = id;
  s.last_settled = s.last_failed = now;
  ++s.aborted_count;
  actions.push_back(AbortCheckpoint{id, why});
  AddCollectGarbage(s, actions);
  CountFailure(s,
               absl::StrCat("checkpoint ", id.value(), " (",
                            std::string(CheckpointPurposeName(purpose)), ")"),
               why, actions);
}

// `record` is durable.
void Complete(CoordinatorState& s, absl::Duration now, const PointerRecord& record,
              Actions& actions) {
  WEIR_CHECK_EQ(record.sequence, s.published.sequence + 1);
  WEIR_CHECK_LE(record.committed_through, record.manifest.checkpoint);
  s.published = record;
  s.consecutive_failures = 0;
  if (!s.pending.has_value() || s.pending->stage != Stage::kPublishing) return;
  WEIR_CHECK_EQ(s.pending->id, record.manifest.checkpoint);
  s.last_purpose = s.pending->purpose;
  s.settled_through = s.pending->id;
  s.last_settled = now;
  ++s.completed_count;
  s.pending.reset();
  AddCollectGarbage(s, actions);
}

// ---- What an event changes ----

struct Applier {
  CoordinatorState& s;
  absl::Duration now;
  Actions& actions;

  bool Current(JobAttempt attempt) const {
    return s.phase != Phase::kDown && s.phase != Phase::kMayEnd && attempt == s.attempt;
  }
  PendingCheckpoint* Collecting(CheckpointId id) const {
    if (!s.pending.has_value() || s.pending->id != id) return nullptr;
    return s.pending->stage == Stage::kCollecting ? &*s.pending : nullptr;
  }

  void operator()(AttemptStarted& e) const {
    WEIR_CHECK_LT(s.attempt, e.attempt);
    WEIR_CHECK_LE(e.claimed.committed_through, e.claimed.manifest.checkpoint);
    const bool went_back = s.options.durable && e.claimed.sequence < s.published.sequence;
    const uint64_t known = s.published.sequence;
    CoordinatorState fresh;
    fresh.options = s.options;
    fresh.phase = Phase::kDeploying;
    fresh.attempt = e.attempt;
    fresh.ended.resize(e.subtasks);
    fresh.commit_acked.resize(e.subtasks, e.claimed.committed_through);
    fresh.next_checkpoint =
        std::max({s.next_checkpoint, e.first_checkpoint, Next(e.claimed.manifest.checkpoint)});
    fresh.published = e.claimed;
    fresh.settled_through = CheckpointId(fresh.next_checkpoint.value() - 1);
    fresh.stop_requested = s.stop_requested;
    fresh.completed_count = s.completed_count;
    fresh.aborted_count = s.aborted_count;
    const std::optional<CheckpointId> in_doubt = s.in_doubt;
    s = std::move(fresh);
    if (in_doubt.has_value() && *in_doubt > CommitTarget(s)) {
      actions.push_back(AbortCheckpoint{
          *in_doubt, absl::AbortedError("it was not published before the job restarted")});
      ++s.aborted_count;
    }
    if (!went_back) return;
    Fail(s,
         absl::DataLossError(absl::StrFormat(
             "the newest pointer is number %d, but number %d was published: the checkpoint folder "
             "was changed by somebody else",
             s.published.sequence, known)),
         actions);
  }
  void operator()(const AllSubtasksRunning& e) const {
    if (!Current(e.attempt) || s.phase != Phase::kDeploying) return;
    s.phase = Phase::kRunning;
    s.running_since = now;
    AddCollectGarbage(s, actions);
  }
  void operator()(SubtaskAcknowledged& e) const {
    if (!Current(e.attempt) || !Knows(s, e.subtask)) return;
    PendingCheckpoint* pending = Collecting(e.checkpoint);
    // The first answer counts; a repetition is the same one, resent.
    if (pending != nullptr) pending->snapshots.try_emplace(e.subtask, std::move(e.snapshot));
  }
  void operator()(const SubtaskDeclined& e) const {
    if (!Current(e.attempt) || !Knows(s, e.subtask) || Collecting(e.checkpoint) == nullptr) return;
    Abort(s, now,
          absl::Status(e.why.ok() ? absl::StatusCode::kUnknown : e.why.code(),
                       absl::StrCat(e.subtask.ToString(), " declined: ",
                                    e.why.ok() ? "no reason given" : e.why.message())),
          actions);
  }
  void operator()(const SubtaskEnded& e) const {
    if (Current(e.attempt) && Knows(s, e.subtask)) s.ended[e.subtask.value()] = true;
  }
  void operator()(const ManifestWritten& e) const {
    if (!Current(e.attempt) || !s.pending.has_value() || s.pending->id != e.checkpoint ||
        s.pending->stage != Stage::kWriting) {
      return;
    }
    if (absl::IsAborted(e.manifest.status())) return Fence(s, e.manifest.status(), actions);
    if (!e.manifest.ok()) return Abort(s, now, e.manifest.status(), actions);
    WEIR_CHECK_EQ(e.manifest->checkpoint, e.checkpoint);
    s.pending->manifest = *e.manifest;
    s.pending->stage = Stage::kWritten;
  }
  void operator()(const PointerPublished& e) const {
    if (!Current(e.attempt) || !s.publishing.has_value() || s.publishing->sequence != e.sequence) {
      return;
    }
    const PointerRecord record = *std::exchange(s.publishing, std::nullopt);
    if (e.status.ok()) return Complete(s, now, record, actions);
    if (absl::IsAborted(e.status)) return Fence(s, e.status, actions);
    if (e.may_have_happened) {
      return Fail(
          s,
          absl::UnavailableError(absl::StrCat(
              "whether checkpoint ", record.manifest.checkpoint.value(),
              " was published is unknown; the store has to be read again: ", e.status.message())),
          actions);
    }
    s.last_failed = now;
    if (!s.pending.has_value() || s.pending->stage != Stage::kPublishing) {
      return CountFailure(s, "recording what is committed", e.status, actions);
    }
    s.pending->stage = Stage::kWritten;
    Abort(s, now, e.status, actions);
  }
  void operator()(const CommitAcked& e) const {
    if (!Current(e.attempt) || !Knows(s, e.subtask) || e.through > CommitTarget(s)) return;
    CheckpointId& acked = s.commit_acked[e.subtask.value()];
    acked = std::max(acked, e.through);
  }
  void operator()(const StopRequested&) const { s.stop_requested = true; }
  void operator()(const AttemptEnded& e) const {
    if (e.attempt != s.attempt || s.phase == Phase::kMayEnd) return;
    s.phase = Phase::kDown;
    if (s.pending.has_value() && s.pending->stage == Stage::kPublishing) {
      s.in_doubt = s.pending->id;
    } else if (s.pending.has_value()) {
      actions.push_back(
          AbortCheckpoint{s.pending->id, absl::CancelledError("a part of the job has ended")});
      ++s.aborted_count;
    }
    s.pending.reset();
    s.publishing.reset();
  }
  void operator()(const TimePassed&) const {}
};

// ---- What the state calls for ----
// Each returns whether it changed the state, so that all are asked again.

bool ExpirePending(CoordinatorState& s, absl::Duration now, Actions& actions) {
  if (!s.pending.has_value() || s.pending->stage == Stage::kPublishing) return false;
  if (now - s.pending->started < s.options.timeout) return false;
  const std::string what =
      s.pending->stage == Stage::kCollecting
          ? absl::StrFormat("%d of %d subtasks had not acknowledged it",
                            s.ended.size() - s.pending->snapshots.size(), s.ended.size())
          : std::string("its manifest was not written and published");
  Abort(s, now,
        absl::DeadlineExceededError(
            absl::StrFormat("%s after %s", what, absl::FormatDuration(s.options.timeout))),
        actions);
  return true;
}

bool StartManifest(CoordinatorState& s, Actions& actions) {
  if (!s.pending.has_value() || s.pending->stage != Stage::kCollecting) return false;
  PendingCheckpoint& pending = *s.pending;
  if (pending.snapshots.size() < s.ended.size()) return false;
  if (!s.options.durable) {
    pending.stage = Stage::kWritten;
    pending.manifest.checkpoint = pending.id;
    return true;
  }
  pending.stage = Stage::kWriting;
  actions.push_back(WriteManifest{pending.id, pending.purpose, std::move(pending.snapshots)});
  pending.snapshots.clear();
  return true;
}

bool IdsAreUsedUp(const CoordinatorState& s) {
  return s.next_checkpoint > s.published.reserved_through;
}

bool StartPublication(CoordinatorState& s, absl::Duration now, Actions& actions) {
  if (s.publishing.has_value() || now < s.last_failed + s.options.publish_retry) return false;
  const bool of_checkpoint = s.pending.has_value() && s.pending->stage == Stage::kWritten;
  const bool of_commit = s.all_committed() > s.published.committed_through;
  const bool of_ids = !s.pending.has_value() && IdsAreUsedUp(s);
  if (!of_checkpoint && !of_commit && !of_ids) return false;

  PointerRecord record = s.published;
  ++record.sequence;
  record.attempt = s.attempt;
  record.committed_through = s.all_committed();
  record.reserved_through = CheckpointId(s.next_checkpoint.value() - 1 + kCheckpointIdsReserved);
  if (of_checkpoint) {
    record.older = record.retained();
    const size_t older_max = static_cast<size_t>(std::max(1, s.options.retained)) - 1;
    if (record.older.size() > older_max) {
      record.older.erase(record.older.begin(),
                         record.older.end() - static_cast<std::ptrdiff_t>(older_max));
    }
    record.manifest = s.pending->manifest;
    s.pending->stage = Stage::kPublishing;
  }
  if (!s.options.durable) {
    Complete(s, now, record, actions);
    return true;
  }
  s.publishing = record;
  actions.push_back(PublishPointer{std::move(record), ++s.publications});
  return true;
}

// The last checkpoint of a stopped or ended job is published.
bool LastIsPublished(const CoordinatorState& s) {
  return s.last_purpose.has_value() && *s.last_purpose != CheckpointPurpose::kPeriodic;
}

struct Trigger {
  CheckpointPurpose purpose;
  absl::Duration at;
};

// What to trigger next, and when.
std::optional<Trigger> NextTrigger(const CoordinatorState& s) {
  if (s.pending.has_value() || LastIsPublished(s)) return std::nullopt;
  const absl::Duration after_failure = s.last_failed + s.options.publish_retry;
  if (s.all_ended()) return Trigger{CheckpointPurpose::kEndOfInput, after_failure};
  if (s.stop_requested) return Trigger{CheckpointPurpose::kStop, after_failure};
  if (s.options.interval == absl::InfiniteDuration()) return std::nullopt;
  const absl::Duration due = std::max(s.last_triggered, s.running_since) + s.options.interval;
  return Trigger{CheckpointPurpose::kPeriodic, std::max(due, s.last_settled + s.options.min_pause)};
}

bool StartCheckpoint(CoordinatorState& s, absl::Duration now, Actions& actions) {
  const std::optional<Trigger> trigger = NextTrigger(s);
  if (!trigger.has_value() || now < trigger->at || IdsAreUsedUp(s)) return false;
  WEIR_CHECK_GT(s.next_checkpoint, s.settled_through);
  s.pending = PendingCheckpoint{.id = s.next_checkpoint,
                                .purpose = trigger->purpose,
                                .started = now,
                                .stage = Stage::kCollecting,
                                .snapshots = {},
                                .manifest = {}};
  s.next_checkpoint = Next(s.next_checkpoint);
  s.last_triggered = now;
  actions.push_back(TriggerSources{s.pending->id, trigger->purpose});
  return true;
}

bool SendCommits(CoordinatorState& s, absl::Duration now, Actions& actions) {
  const CheckpointId target = CommitTarget(s);
  if (s.all_committed() >= target) return false;
  if (s.commit_sent >= target && now < s.commit_sent_at + s.options.commit_retry) return false;
  CommitCheckpoint commit{target, {}};
  for (size_t i = 0; i < s.commit_acked.size(); ++i) {
    if (s.commit_acked[i] < target) commit.subtasks.emplace_back(static_cast<uint32_t>(i));
  }
  s.commit_sent = target;
  s.commit_sent_at = now;
  actions.push_back(std::move(commit));
  return true;
}

bool EndJob(CoordinatorState& s, Actions& actions) {
  if (!LastIsPublished(s) || s.publishing.has_value()) return false;
  if (s.published.committed_through < CommitTarget(s)) return false;
  s.phase = Phase::kMayEnd;
  actions.push_back(JobMayEnd{*s.last_purpose, CommitTarget(s)});
  return true;
}

void Reconcile(CoordinatorState& s, absl::Duration now, Actions& actions) {
  // Ends: each pass that changes something moves a checkpoint or a record to its next stage.
  while (s.phase == Phase::kRunning &&
         (ExpirePending(s, now, actions) || StartManifest(s, actions) ||
          StartPublication(s, now, actions) || SendCommits(s, now, actions) || EndJob(s, actions) ||
          StartCheckpoint(s, now, actions))) {
  }
}

}  // namespace

std::string_view CheckpointPurposeName(CheckpointPurpose purpose) {
  switch (purpose) {
    case CheckpointPurpose::kPeriodic:
      return "periodic";
    case CheckpointPurpose::kStop:
      return "stop";
    case CheckpointPurpose::kEndOfInput:
      return "end of input";
  }
  return "unknown";
}

bool CoordinatorState::all_ended() const {
  return std::find(ended.begin(), ended.end(), false) == ended.end();
}

CheckpointId CoordinatorState::all_committed() const {
  const auto least = std::min_element(commit_acked.begin(), commit_acked.end());
  return least == commit_acked.end() ? published.manifest.checkpoint : *least;
}

std::string CoordinatorState::ToString() const {
  constexpr std::string_view kPhases[] = {"down", "deploying", "running", "may end"};
  constexpr std::string_view kStages[] = {"collecting", "writing", "written", "publishing"};
  std::string text = absl::StrCat(
      std::string(kPhases[static_cast<size_t>(phase)]), " ", attempt.ToString(), ", next ",
      next_checkpoint.value(), ", published ", published.ToString(), ", committed through ",
      all_committed().value(), " of all, failures ", consecutive_failures);
  if (stop_requested) text += ", stop requested";
  if (pending.has_value()) {
    absl::StrAppend(&text, ", pending ", pending->id.value(), " (",
                    std::string(CheckpointPurposeName(pending->purpose)), ", ",
                    std::string(kStages[static_cast<size_t>(pending->stage)]), ", ",
                    pending->snapshots.size(), " of ", ended.size(), " acks)");
  }
  if (publishing.has_value()) absl::StrAppend(&text, ", publishing ", publishing->ToString());
  return text;
}

CheckpointDecision Decide(CoordinatorState state, CheckpointEvent event) {
  CheckpointDecision decision{std::move(state), {}};
  std::visit(Applier{decision.state, event.now, decision.actions}, event.what);
  Reconcile(decision.state, event.now, decision.actions);
  return decision;
}

absl::Duration NextWakeUp(const CoordinatorState& s) {
  absl::Duration wake = absl::InfiniteDuration();
  if (s.phase != Phase::kRunning) return wake;
  const auto at = [&](absl::Duration time) { wake = std::min(wake, time); };
  if (s.pending.has_value() && s.pending->stage != Stage::kPublishing) {
    at(s.pending->started + s.options.timeout);
  }
  const std::optional<Trigger> trigger = NextTrigger(s);
  if (trigger.has_value() && !IdsAreUsedUp(s)) at(trigger->at);
  if (!s.publishing.has_value()) {
    const bool wanted = (s.pending.has_value() && s.pending->stage == Stage::kWritten) ||
                        s.all_committed() > s.published.committed_through ||
                        (!s.pending.has_value() && IdsAreUsedUp(s));
    if (wanted) at(s.last_failed + s.options.publish_retry);
  }
  if (s.all_committed() < CommitTarget(s)) at(s.commit_sent_at + s.options.commit_retry);
  return wake;
}

}  // namespace weir
