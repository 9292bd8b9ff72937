#include "core/checkpoint/checkpoint_coordinator.h"

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "gtest/gtest.h"

namespace weir {
namespace {

constexpr JobAttempt kAttempt = {LeaderEpoch(1), AttemptNumber(1)};
constexpr uint32_t kSubtasks = 3;

// A coordinator with a clock, and the actions that are not yet looked at.
class Coordinator {
 public:
  explicit Coordinator(CheckpointOptions options) { state.options = options; }

  template <class Event>
  Coordinator& On(Event event) {
    CheckpointDecision decision = Decide(std::move(state), {now, std::move(event)});
    state = std::move(decision.state);
    actions.insert(actions.end(), std::make_move_iterator(decision.actions.begin()),
                   std::make_move_iterator(decision.actions.end()));
    EXPECT_GT(NextWakeUp(state), now) << state;
    return *this;
  }
  Coordinator& After(absl::Duration time) {
    now += time;
    return On(TimePassed{});
  }
  Coordinator& Start(JobAttempt attempt = kAttempt, PointerRecord claimed = Claim(1)) {
    On(AttemptStarted{attempt, kSubtasks, claimed,
                      CheckpointId(claimed.manifest.checkpoint.value() + 1)});
    return On(AllSubtasksRunning{attempt});
  }
  static PointerRecord Claim(uint64_t sequence) {
    PointerRecord record;
    record.sequence = sequence;
    record.attempt = kAttempt;
    record.reserved_through = CheckpointId(8);
    return record;
  }

  // The next action, which must be of this kind; garbage collections are skipped unless asked for.
  template <class Action>
  Action Next() {
    while (!actions.empty() && std::holds_alternative<CollectGarbage>(actions.front()) &&
           !std::is_same_v<Action, CollectGarbage>) {
      actions.erase(actions.begin());
    }
    if (actions.empty() || !std::holds_alternative<Action>(actions.front())) {
      ADD_FAILURE() << "wanted another action; have "
                    << (actions.empty() ? -1 : static_cast<int>(actions.front().index())) << " in "
                    << state;
      return Action();
    }
    Action action = std::get<Action>(std::move(actions.front()));
    actions.erase(actions.begin());
    return action;
  }
  bool Idle() {
    std::erase_if(actions, [](const auto& a) { return std::holds_alternative<CollectGarbage>(a); });
    return actions.empty();
  }

  Coordinator& AckAll(uint64_t checkpoint) {
    for (uint32_t i = 0; i < kSubtasks; ++i) {
      On(SubtaskAcknowledged{kAttempt, CheckpointId(checkpoint), SubtaskId(i), {}});
    }
    return *this;
  }
  static ManifestRef Manifest(uint64_t checkpoint) {
    return {"manifest-" + std::to_string(checkpoint), 10, 20, CheckpointId(checkpoint)};
  }
  Coordinator& Written(uint64_t checkpoint) {
    return On(ManifestWritten{kAttempt, CheckpointId(checkpoint), Manifest(checkpoint)});
  }
  Coordinator& Published(uint64_t sequence) {
    return On(PointerPublished{kAttempt, sequence, absl::OkStatus(), true});
  }
  Coordinator& CommitAll(uint64_t checkpoint) {
    for (uint32_t i = 0; i < kSubtasks; ++i) {
      On(CommitAcked{kAttempt, SubtaskId(i), CheckpointId(checkpoint)});
    }
    return *this;
  }

  CoordinatorState state;
  absl::Duration now = absl::Seconds(100);
  std::vector<CheckpointAction> actions;
};

CheckpointOptions EverySecond() {
  CheckpointOptions options;
  options.interval = absl::Seconds(1);
  options.timeout = absl::Seconds(10);
  options.tolerable_failures = 2;
  return options;
}

TEST(CheckpointCoordinatorTest, FollowsTheOrderOfTruth) {
  Coordinator c(EverySecond());
  c.Start();
  EXPECT_TRUE(c.Idle());
  EXPECT_EQ(NextWakeUp(c.state), c.now + absl::Seconds(1));
  c.After(absl::Seconds(1));
  EXPECT_EQ(c.Next<TriggerSources>().checkpoint, CheckpointId(1));
  c.On(SubtaskAcknowledged{kAttempt, CheckpointId(1), SubtaskId(0), {}});
  c.On(SubtaskAcknowledged{kAttempt, CheckpointId(1), SubtaskId(1), {}});
  c.On(SubtaskAcknowledged{kAttempt, CheckpointId(1), SubtaskId(1), {}});
  EXPECT_TRUE(c.Idle());
  c.On(SubtaskAcknowledged{kAttempt, CheckpointId(1), SubtaskId(2), {}});
  EXPECT_EQ(c.Next<WriteManifest>().snapshots.size(), 3u);
  c.Written(1);
  const PublishPointer publish = c.Next<PublishPointer>();
  EXPECT_EQ(publish.record.sequence, 2u);
  EXPECT_EQ(publish.record.manifest, Coordinator::Manifest(1));
  EXPECT_EQ(publish.record.committed_through, CheckpointId(0));
  EXPECT_TRUE(c.Idle());
  c.Published(2);
  const CollectGarbage garbage = c.Next<CollectGarbage>();
  EXPECT_EQ(garbage.published.sequence, 2u);
  EXPECT_EQ(garbage.settled_through, CheckpointId(1));
  EXPECT_EQ(c.Next<CommitCheckpoint>().through, CheckpointId(1));
  c.CommitAll(1);
  const PublishPointer record = c.Next<PublishPointer>();
  EXPECT_EQ(record.record.sequence, 3u);
  EXPECT_EQ(record.record.committed_through, CheckpointId(1));
  EXPECT_NE(record.write, publish.write);
  c.Published(3);
  EXPECT_TRUE(c.Idle());
}

TEST(CheckpointCoordinatorTest, OneAtATimeAndAPause) {
  CheckpointOptions options = EverySecond();
  options.min_pause = absl::Seconds(3);
  Coordinator c(options);
  c.Start().After(absl::Seconds(1));
  c.Next<TriggerSources>();
  c.After(absl::Seconds(5));
  EXPECT_TRUE(c.Idle());
  c.AckAll(1).Next<WriteManifest>();
  c.Written(1).Next<PublishPointer>();
  c.Published(2).Next<CommitCheckpoint>();
  c.After(absl::Seconds(2));
  EXPECT_TRUE(c.Idle());
  c.After(absl::Seconds(1));
  EXPECT_EQ(c.Next<TriggerSources>().checkpoint, CheckpointId(2));
}

TEST(CheckpointCoordinatorTest, CommitIsRepeatedToThoseWhoDidNotAnswer) {
  Coordinator c(EverySecond());
  c.Start().After(absl::Seconds(1));
  c.AckAll(1).Written(1).Published(2);
  c.actions.clear();
  c.On(CommitAcked{kAttempt, SubtaskId(1), CheckpointId(1)});
  c.state.options.interval = absl::InfiniteDuration();
  EXPECT_EQ(NextWakeUp(c.state), c.now + c.state.options.commit_retry);
  c.After(c.state.options.commit_retry);
  EXPECT_EQ(c.Next<CommitCheckpoint>().subtasks, (std::vector{SubtaskId(0), SubtaskId(2)}));
}

TEST(CheckpointCoordinatorTest, TimeoutAbortsAndLateAnswersAreIgnored) {
  Coordinator c(EverySecond());
  c.Start().After(absl::Seconds(1));
  c.Next<TriggerSources>();
  c.On(SubtaskAcknowledged{kAttempt, CheckpointId(1), SubtaskId(0), {}});
  c.After(absl::Seconds(10));
  const AbortCheckpoint abort = c.Next<AbortCheckpoint>();
  EXPECT_EQ(abort.checkpoint, CheckpointId(1));
  EXPECT_TRUE(absl::IsDeadlineExceeded(abort.why));
  EXPECT_NE(abort.why.message().find("2 of 3 subtasks"), absl::string_view::npos) << abort.why;
  EXPECT_EQ(c.Next<TriggerSources>().checkpoint, CheckpointId(2));
  c.AckAll(1).Written(1).Published(2);
  EXPECT_TRUE(c.Idle());
  EXPECT_EQ(c.state.published.sequence, 1u);
}

TEST(CheckpointCoordinatorTest, TimeoutWhileTheManifestIsWritten) {
  Coordinator c(EverySecond());
  c.Start().After(absl::Seconds(1)).AckAll(1);
  c.Next<TriggerSources>();
  c.Next<WriteManifest>();
  c.After(absl::Seconds(10));
  EXPECT_EQ(c.Next<AbortCheckpoint>().checkpoint, CheckpointId(1));
  c.Written(1);
  EXPECT_EQ(c.Next<TriggerSources>().checkpoint, CheckpointId(2));
  EXPECT_TRUE(c.Idle());
}

TEST(CheckpointCoordinatorTest, APublicationIsWaitedFor) {
  Coordinator c(EverySecond());
  c.Start().After(absl::Seconds(1)).AckAll(1).Written(1);
  c.actions.clear();
  c.After(absl::Hours(1));
  EXPECT_TRUE(c.Idle());
  c.Published(2);
  EXPECT_EQ(c.Next<CommitCheckpoint>().through, CheckpointId(1));
}

TEST(CheckpointCoordinatorTest, APublicationThatDidNotHappenAborts) {
  Coordinator c(EverySecond());
  c.Start().After(absl::Seconds(1)).AckAll(1).Written(1);
  c.actions.clear();
  c.On(PointerPublished{kAttempt, 2, absl::ResourceExhaustedError("disk full"), false});
  EXPECT_EQ(c.Next<AbortCheckpoint>().why, absl::ResourceExhaustedError("disk full"));
  c.After(absl::Seconds(1)).AckAll(2).Written(2);
  c.Next<TriggerSources>();
  c.Next<WriteManifest>();
  const PublishPointer publish = c.Next<PublishPointer>();
  EXPECT_EQ(publish.record.sequence, 2u);
  EXPECT_EQ(publish.write, 2u);
}

TEST(CheckpointCoordinatorTest, APublicationThatMayHaveHappenedEndsTheAttempt) {
  Coordinator c(EverySecond());
  c.Start().After(absl::Seconds(1)).AckAll(1).Written(1);
  c.actions.clear();
  c.On(PointerPublished{kAttempt, 2, absl::DataLossError("I/O error"), true});
  EXPECT_FALSE(c.Next<FailAttempt>().fenced);
  // It had happened: the claim of the next attempt found it.
  PointerRecord claimed = Coordinator::Claim(3);
  claimed.manifest = Coordinator::Manifest(1);
  const JobAttempt second = {LeaderEpoch(1), AttemptNumber(2)};
  c.Start(second, claimed);
  EXPECT_EQ(c.Next<CommitCheckpoint>().through, CheckpointId(1));
  c.After(absl::Seconds(1));
  EXPECT_EQ(c.Next<TriggerSources>().checkpoint, CheckpointId(2));
}

TEST(CheckpointCoordinatorTest, LosingTheLinkIsBeingFenced) {
  Coordinator c(EverySecond());
  c.Start().After(absl::Seconds(1)).AckAll(1).Written(1);
  c.actions.clear();
  c.On(PointerPublished{kAttempt, 2, absl::AbortedError("fenced"), true});
  EXPECT_TRUE(c.Next<FailAttempt>().fenced);
  c.After(absl::Hours(1));
  EXPECT_TRUE(c.Idle());
}

TEST(CheckpointCoordinatorTest, MoreFailuresThanToleratedFailTheAttempt) {
  Coordinator c(EverySecond());
  c.Start();
  for (uint64_t id = 1; id <= 3; ++id) {
    c.After(absl::Seconds(1));
    EXPECT_EQ(c.Next<TriggerSources>().checkpoint, CheckpointId(id));
    c.On(SubtaskDeclined{kAttempt, CheckpointId(id), SubtaskId(1), absl::UnavailableError("busy")});
    c.Next<AbortCheckpoint>();
  }
  const FailAttempt fail = c.Next<FailAttempt>();
  EXPECT_FALSE(fail.fenced);
  EXPECT_EQ(fail.why.message(),
            "checkpoint 3 (periodic) failed (3 failures in a row): subtask-1 declined: busy");
}

TEST(CheckpointCoordinatorTest, StopIsACheckpointAndThenTheJobMayEnd) {
  CheckpointOptions options;
  Coordinator c(options);
  c.Start().On(StopRequested{});
  const TriggerSources trigger = c.Next<TriggerSources>();
  EXPECT_EQ(trigger.purpose, CheckpointPurpose::kStop);
  c.AckAll(1).Written(1).Published(2);
  c.Next<WriteManifest>();
  c.Next<PublishPointer>();
  c.Next<CommitCheckpoint>();
  c.CommitAll(1).Next<PublishPointer>();
  EXPECT_TRUE(c.Idle());
  c.Published(3);
  const JobMayEnd end = c.Next<JobMayEnd>();
  EXPECT_EQ(end.purpose, CheckpointPurpose::kStop);
  EXPECT_EQ(end.checkpoint, CheckpointId(1));
  c.After(absl::Hours(1));
  EXPECT_TRUE(c.Idle());
}

TEST(CheckpointCoordinatorTest, AStopOutlivesAFailure) {
  Coordinator c(EverySecond());
  c.Start().On(StopRequested{});
  EXPECT_EQ(c.Next<TriggerSources>().purpose, CheckpointPurpose::kStop);
  c.On(AttemptEnded{kAttempt});
  c.Next<AbortCheckpoint>();
  const JobAttempt second = {LeaderEpoch(1), AttemptNumber(2)};
  c.Start(second, Coordinator::Claim(2));
  const TriggerSources trigger = c.Next<TriggerSources>();
  EXPECT_EQ(trigger.purpose, CheckpointPurpose::kStop);
  EXPECT_EQ(trigger.checkpoint, CheckpointId(2));
}

TEST(CheckpointCoordinatorTest, WhoRunsOnForgetsTheCheckpointThatAFailureEnded) {
  Coordinator c(EverySecond());
  c.Start().After(absl::Seconds(1));
  EXPECT_EQ(c.Next<TriggerSources>().checkpoint, CheckpointId(1));
  c.On(AttemptEnded{kAttempt});
  EXPECT_EQ(c.Next<AbortCheckpoint>().checkpoint, CheckpointId(1));
  const JobAttempt second = {LeaderEpoch(1), AttemptNumber(2)};
  c.Start(second, Coordinator::Claim(2)).After(absl::Seconds(1));
  // An answer to the old one that comes now is no answer to this one.
  EXPECT_EQ(c.Next<TriggerSources>().checkpoint, CheckpointId(2));
  c.On(SubtaskAcknowledged{second, CheckpointId(1), SubtaskId(0), {}});
  EXPECT_TRUE(c.state.pending->snapshots.empty());
  EXPECT_TRUE(c.Idle());
}

TEST(CheckpointCoordinatorTest, WhatWasBeingPublishedIsForgottenOnlyWhenTheStoreDoesNotHaveIt) {
  for (const bool published : {false, true}) {
    Coordinator c(EverySecond());
    c.Start().After(absl::Seconds(1)).AckAll(1).Written(1);
    c.Next<TriggerSources>();
    c.Next<WriteManifest>();
    c.Next<PublishPointer>();
    c.On(AttemptEnded{kAttempt});
    EXPECT_TRUE(c.Idle());
    PointerRecord claim = Coordinator::Claim(3);
    if (published) claim.manifest = Coordinator::Manifest(1);
    c.Start({LeaderEpoch(1), AttemptNumber(2)}, claim);
    if (published) {
      EXPECT_EQ(c.Next<CommitCheckpoint>().through, CheckpointId(1));
    } else {
      EXPECT_EQ(c.Next<AbortCheckpoint>().checkpoint, CheckpointId(1));
    }
    EXPECT_TRUE(c.Idle());
  }
}

TEST(CheckpointCoordinatorTest, TheEndOfInputWaitsForTheCheckpointUnderWay) {
  Coordinator c(EverySecond());
  c.Start().After(absl::Seconds(1));
  c.Next<TriggerSources>();
  for (uint32_t i = 0; i < kSubtasks; ++i) c.On(SubtaskEnded{kAttempt, SubtaskId(i)});
  EXPECT_TRUE(c.Idle());
  c.AckAll(1).Written(1).Published(2);
  c.Next<WriteManifest>();
  c.Next<PublishPointer>();
  c.Next<CommitCheckpoint>();
  const TriggerSources last = c.Next<TriggerSources>();
  EXPECT_EQ(last.purpose, CheckpointPurpose::kEndOfInput);
  c.AckAll(2).Written(2).Published(3);
  c.Next<WriteManifest>();
  c.Next<PublishPointer>();
  // Nobody has committed 1 yet: one request covers both.
  EXPECT_EQ(c.Next<CommitCheckpoint>().through, CheckpointId(2));
  c.CommitAll(2);
  EXPECT_EQ(c.Next<PublishPointer>().record.committed_through, CheckpointId(2));
  c.Published(4);
  EXPECT_EQ(c.Next<JobMayEnd>().purpose, CheckpointPurpose::kEndOfInput);
}

TEST(CheckpointCoordinatorTest, RetainsTheNewest) {
  CheckpointOptions options = EverySecond();
  options.retained = 2;
  Coordinator c(options);
  c.Start();
  uint64_t sequence = 1;
  for (uint64_t id = 1; id <= 4; ++id) {
    c.After(absl::Seconds(1)).AckAll(id).Written(id).Published(++sequence);
    c.CommitAll(id).Published(++sequence);
  }
  EXPECT_EQ(c.state.published.retained(),
            (std::vector{Coordinator::Manifest(3), Coordinator::Manifest(4)}));
}

TEST(CheckpointCoordinatorTest, ReservesIdsBeforeItUsesThem) {
  CheckpointOptions options = EverySecond();
  options.tolerable_failures = 100;
  Coordinator c(options);
  c.Start();
  for (uint64_t id = 1; id <= kCheckpointIdsReserved; ++id) {
    c.After(absl::Seconds(1));
    EXPECT_EQ(c.Next<TriggerSources>().checkpoint, CheckpointId(id));
    c.On(SubtaskDeclined{kAttempt, CheckpointId(id), SubtaskId(0), absl::UnavailableError("busy")});
    c.Next<AbortCheckpoint>();
  }
  c.After(absl::Seconds(1));
  const PublishPointer publish = c.Next<PublishPointer>();
  EXPECT_TRUE(publish.record.manifest.none());
  EXPECT_EQ(publish.record.reserved_through, CheckpointId(2 * kCheckpointIdsReserved));
  EXPECT_TRUE(c.Idle());
  c.Published(2);
  EXPECT_EQ(c.Next<TriggerSources>().checkpoint, CheckpointId(kCheckpointIdsReserved + 1));
}

TEST(CheckpointCoordinatorTest, WithoutAStoreTheLastCheckpointStillOrdersTheCommit) {
  CheckpointOptions options;
  options.durable = false;
  Coordinator c(options);
  c.Start(kAttempt, PointerRecord());
  for (uint32_t i = 0; i < kSubtasks; ++i) c.On(SubtaskEnded{kAttempt, SubtaskId(i)});
  EXPECT_EQ(c.Next<TriggerSources>().purpose, CheckpointPurpose::kEndOfInput);
  c.AckAll(1);
  EXPECT_EQ(c.Next<CommitCheckpoint>().through, CheckpointId(1));
  c.CommitAll(1).Next<JobMayEnd>();
  EXPECT_TRUE(c.Idle());
}

TEST(CheckpointCoordinatorTest, AStoreThatWentBackIsDataLoss) {
  Coordinator c(EverySecond());
  c.Start().After(absl::Seconds(1)).AckAll(1).Written(1).Published(2);
  c.actions.clear();
  c.On(AttemptEnded{kAttempt});
  c.Start({LeaderEpoch(1), AttemptNumber(2)}, Coordinator::Claim(1));
  EXPECT_TRUE(absl::IsDataLoss(c.Next<FailAttempt>().why));
}

}  // namespace
}  // namespace weir
