#include "core/env/testing/executor_contract.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/env/testing/event_log.h"
#include "gmock/gmock.h"

namespace weir {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Lets a test see that a closure was destroyed: hold one reference in the closure and watch the
// other.
using Token = std::shared_ptr<int>;
Token MakeToken() { return std::make_shared<int>(0); }

TEST_P(ExecutorContract, RunsClosuresInTheOrderOfPosting) {
  Executor& executor = NewExecutor("serial", ExecutorKind::kControl);
  constexpr int kClosures = 10'000;
  // Touched by the executor only; a data race here is a closure that ran beside another.
  auto seen = std::make_shared<std::vector<int>>();
  for (int i = 0; i < kClosures; ++i) executor.Post([seen, i] { seen->push_back(i); });
  RunOn(executor, [&] {
    ASSERT_EQ(seen->size(), kClosures);
    for (int i = 0; i < kClosures; ++i) ASSERT_EQ((*seen)[i], i);
  });
}

TEST_P(ExecutorContract, KeepsTheOrderOfEachPoster) {
  Executor& target = NewExecutor("target", ExecutorKind::kWorker);
  constexpr int kPosters = 3;
  constexpr int kClosures = 2'000;
  EventLog done;
  auto next = std::make_shared<std::vector<int>>(kPosters, 0);
  auto inside = std::make_shared<bool>(false);
  for (int p = 0; p < kPosters; ++p) {
    Executor& poster = NewExecutor("poster", ExecutorKind::kControl);
    poster.Post([&, p, next, inside] {
      for (int i = 0; i < kClosures; ++i) {
        target.Post([&, p, i, next, inside] {
          EXPECT_FALSE(std::exchange(*inside, true)) << "two closures of one executor at once";
          EXPECT_EQ((*next)[p]++, i);
          *inside = false;
          if (i == kClosures - 1) done.Add("done");
        });
      }
    });
  }
  EXPECT_TRUE(RunUntil([&] { return done.size() == kPosters; }));
}

TEST_P(ExecutorContract, RunsNothingInsidePost) {
  Executor& executor = NewExecutor("later", ExecutorKind::kControl);
  EventLog log;
  executor.Post([&] {
    executor.Post([&] { log.Add("posted"); });
    executor.PostAfter(absl::ZeroDuration(), [&] { log.Add("timer"); });
    log.Add("poster");
  });
  ASSERT_TRUE(RunUntil([&] { return log.size() == 3; }));
  EXPECT_EQ(log.events().front(), "poster");
}

TEST_P(ExecutorContract, KnowsWhenItIsCurrent) {
  Executor& one = NewExecutor("one", ExecutorKind::kControl);
  Executor& other = NewExecutor("other", ExecutorKind::kControl);
  EXPECT_FALSE(one.IsCurrent());
  RunOn(one, [&] {
    EXPECT_TRUE(one.IsCurrent());
    EXPECT_FALSE(other.IsCurrent());
  });
  RunOn(other, [&] { EXPECT_FALSE(one.IsCurrent()); });
  EXPECT_FALSE(one.IsCurrent());
}

TEST_P(ExecutorContract, DestroysAClosureBeforeItRunsTheNext) {
  Executor& executor = NewExecutor("prompt", ExecutorKind::kControl);
  Token token = MakeToken();
  executor.Post([held = token] { EXPECT_GE(held.use_count(), 2); });
  executor.PostAfter(absl::ZeroDuration(), [held = token] {});
  RunOn(executor, [&] { EXPECT_LE(token.use_count(), 2) << "the first closure is still there"; });
  EventLog log;
  executor.PostAfter(absl::Milliseconds(1), [&] { log.Add("later"); });
  ASSERT_TRUE(RunUntil([&] { return log.Has("later"); }));
  EXPECT_EQ(token.use_count(), 1);
}

TEST_P(ExecutorContract, FiresATimerAtOrAfterItsTime) {
  Executor& executor = NewExecutor("timers", ExecutorKind::kControl);
  EventLog log;
  for (absl::Duration delay : {absl::ZeroDuration(), absl::Nanoseconds(1), absl::Milliseconds(3)}) {
    executor.Post([&, delay] {
      const absl::Duration start = env().clock().Monotonic();
      executor.PostAfter(delay, [&, delay, start] {
        EXPECT_TRUE(executor.IsCurrent());
        EXPECT_GE(env().clock().Monotonic() - start, delay);
        log.Add("fired");
      });
    });
  }
  EXPECT_TRUE(RunUntil([&] { return log.size() == 3; }));
}

TEST_P(ExecutorContract, FiresTimersByTimeAndEqualOnesInTheOrderOfSetting) {
  Executor& executor = NewExecutor("timers", ExecutorKind::kControl);
  EventLog log;
  executor.Post([&] {
    executor.PostAfter(absl::Milliseconds(20), [&] { log.Add("20 first"); });
    executor.PostAfter(absl::Milliseconds(5), [&] { log.Add("5 first"); });
    executor.PostAfter(absl::Milliseconds(20), [&] { log.Add("20 second"); });
    executor.PostAfter(absl::Milliseconds(5), [&] { log.Add("5 second"); });
    executor.PostAfter(absl::Milliseconds(20), [&] { log.Add("20 third"); });
  });
  ASSERT_TRUE(RunUntil([&] { return log.size() == 5; }));
  EXPECT_THAT(log.events(),
              ElementsAre("5 first", "5 second", "20 first", "20 second", "20 third"));
}

TEST_P(ExecutorContract, QueuesATimerBehindWhatIsQueued) {
  Executor& executor = NewExecutor("timers", ExecutorKind::kControl);
  EventLog log;
  executor.Post([&] {
    executor.Post([&] { log.Add("queued"); });
    executor.PostAfter(absl::ZeroDuration(), [&] { log.Add("timer"); });
  });
  ASSERT_TRUE(RunUntil([&] { return log.size() == 2; }));
  EXPECT_THAT(log.events(), ElementsAre("queued", "timer"));
}

TEST_P(ExecutorContract, ChargeKeepsTheOrderOfClosures) {
  Executor& executor = NewExecutor("charged", ExecutorKind::kWorker);
  EventLog log;
  executor.Post([&] {
    executor.Post([&] { log.Add("before"); });
    executor.Charge(absl::Milliseconds(5));
    executor.Post([&] { log.Add("after"); });
    executor.Charge(absl::ZeroDuration());
  });
  ASSERT_TRUE(RunUntil([&] { return log.size() == 2; }));
  EXPECT_THAT(log.events(), ElementsAre("before", "after"));
}

TEST_P(ExecutorContract, CancelsATimerThatIsPending) {
  Executor& executor = NewExecutor("timers", ExecutorKind::kControl);
  EventLog log;
  RunOn(executor, [&] {
    const TimerId timer = executor.PostAfter(absl::Milliseconds(2), [&] { log.Add("cancelled"); });
    executor.PostAfter(absl::Milliseconds(4), [&] { log.Add("kept"); });
    EXPECT_TRUE(executor.CancelTimer(timer));
    EXPECT_FALSE(executor.CancelTimer(timer)) << "a timer can be cancelled once";
  });
  ASSERT_TRUE(RunUntil([&] { return log.Has("kept"); }));
  Settle();
  EXPECT_FALSE(log.Has("cancelled"));
}

TEST_P(ExecutorContract, DoesNotCancelATimerThatRunsOrRan) {
  Executor& executor = NewExecutor("timers", ExecutorKind::kControl);
  EventLog log;
  auto timer = std::make_shared<std::optional<TimerId>>();
  executor.Post([&, timer] {
    *timer = executor.PostAfter(absl::ZeroDuration(), [&, timer] {
      EXPECT_FALSE(executor.CancelTimer(**timer)) << "it runs now";
      log.Add("ran");
    });
  });
  ASSERT_TRUE(RunUntil([&] { return log.Has("ran"); }));
  RunOn(executor, [&] {
    EXPECT_FALSE(executor.CancelTimer(**timer)) << "it ran";
    EXPECT_FALSE(executor.CancelTimer(TimerId(~uint64_t{0}))) << "there is no such timer";
  });
}

// A timer may be due and queued behind the closure that cancels it. Whatever CancelTimer says must
// be what happens.
TEST_P(ExecutorContract, CancelTellsTheTruthAboutATimerThatIsDue) {
  Executor& executor = NewExecutor("timers", ExecutorKind::kControl);
  constexpr int kRounds = 100;
  EventLog log;
  auto ran = std::make_shared<int>(0);
  auto cancelled = std::make_shared<int>(0);
  for (int i = 0; i < kRounds; ++i) {
    executor.Post([&, ran, cancelled] {
      const TimerId timer = executor.PostAfter(absl::Microseconds(1), [ran] { ++*ran; });
      Spend(env(), executor, absl::Microseconds(5));
      executor.Post([&, timer, cancelled] {
        if (executor.CancelTimer(timer)) ++*cancelled;
        log.Add("round");
      });
    });
  }
  ASSERT_TRUE(RunUntil([&] { return log.size() == kRounds; }));
  Settle();
  RunOn(executor, [&] { EXPECT_EQ(*ran + *cancelled, kRounds); });
}

TEST_P(ExecutorContract, TimersMayBeSetAndCancelledFromElsewhere) {
  Executor& owner = NewExecutor("owner", ExecutorKind::kControl);
  Executor& other = NewExecutor("other", ExecutorKind::kControl);
  EventLog log;
  RunOn(other, [&] {
    owner.PostAfter(absl::Milliseconds(1), [&] {
      EXPECT_TRUE(owner.IsCurrent());
      log.Add("fired");
    });
    const TimerId timer = owner.PostAfter(absl::Hours(1), [&] { log.Add("never"); });
    EXPECT_TRUE(owner.CancelTimer(timer));
  });
  EXPECT_TRUE(RunUntil([&] { return log.Has("fired"); }));
  EXPECT_FALSE(log.Has("never"));
}

TEST_P(ExecutorContract, AcceptsAnInfiniteDelay) {
  Executor& executor = NewExecutor("patient", ExecutorKind::kControl);
  EventLog log;
  RunOn(executor, [&] {
    const TimerId timer = executor.PostAfter(absl::InfiniteDuration(), [&] { log.Add("never"); });
    executor.PostAfter(absl::Milliseconds(1), [&, timer] {
      EXPECT_TRUE(executor.CancelTimer(timer));
      log.Add("done");
    });
  });
  EXPECT_TRUE(RunUntil([&] { return log.Has("done"); }));
  EXPECT_FALSE(log.Has("never"));
}

TEST_P(ExecutorContract, ShutdownDestroysWhatIsQueuedWithoutRunningIt) {
  std::unique_ptr<Executor> executor = env().NewExecutor("doomed", ExecutorKind::kControl);
  Token token = MakeToken();
  EventLog log;
  executor->PostAfter(absl::Hours(1), [&, held = token] { log.Add("timer"); });
  for (int i = 0; i < 100; ++i) executor->Post([&, held = token] { log.Add("closure"); });
  executor->Shutdown();
  EXPECT_EQ(token.use_count(), 1) << "Shutdown left closures behind";
  const int ran = log.size();
  Settle();
  EXPECT_EQ(log.size(), ran) << "a closure ran after Shutdown";
  EXPECT_FALSE(log.Has("timer"));
}

TEST_P(ExecutorContract, DropsWhatIsPostedAfterShutdown) {
  std::unique_ptr<Executor> executor = env().NewExecutor("dead", ExecutorKind::kControl);
  Executor& other = NewExecutor("other", ExecutorKind::kControl);
  executor->Shutdown();
  Token token = MakeToken();
  EventLog log;
  const auto post = [&] {
    executor->Post([&, held = token] { log.Add("closure"); });
    const TimerId timer =
        executor->PostAfter(absl::ZeroDuration(), [&, held = token] { log.Add("timer"); });
    EXPECT_EQ(token.use_count(), 1) << "the closure was not destroyed at once";
    EXPECT_FALSE(executor->CancelTimer(timer));
  };
  post();
  RunOn(other, post);
  Settle();
  EXPECT_EQ(log.size(), 0);
  executor->Shutdown();
}

TEST_P(ExecutorContract, TheDestructorShutsDown) {
  std::unique_ptr<Executor> executor = env().NewExecutor("doomed", ExecutorKind::kWorker);
  Token token = MakeToken();
  EventLog log;
  executor->PostAfter(absl::Hours(1), [&, held = token] { log.Add("timer"); });
  executor->Post([&, held = token] {});
  executor.reset();
  EXPECT_EQ(token.use_count(), 1);
}

// An actor that dies with its executor cancels its timers and posts goodbyes from its destructor.
TEST_P(ExecutorContract, DestructorsOfDroppedClosuresMayUseTheExecutor) {
  std::unique_ptr<Executor> executor = env().NewExecutor("doomed", ExecutorKind::kControl);
  EventLog log;
  struct Actor {
    Executor* executor;
    EventLog* log;
    TimerId timer;
    ~Actor() {
      executor->CancelTimer(timer);
      executor->Post([log = log] { log->Add("posted by the dead"); });
      log->Add("destroyed");
    }
  };
  auto actor = std::make_shared<Actor>();
  actor->executor = executor.get();
  actor->log = &log;
  actor->timer = executor->PostAfter(absl::Hours(2), [] {});
  executor->PostAfter(absl::Hours(1), [held = std::move(actor)] {});
  executor->Shutdown();
  EXPECT_THAT(log.events(), ElementsAre("destroyed"));
}

TEST_P(ExecutorContract, SaysWhatItIs) {
  for (ExecutorKind kind : {ExecutorKind::kControl, ExecutorKind::kWorker, ExecutorKind::kIo}) {
    Executor& first = NewExecutor("twin", kind);
    Executor& second = NewExecutor("twin", kind);
    EXPECT_EQ(first.kind(), kind);
    EXPECT_THAT(std::string(first.name()), HasSubstr("twin"));
    EXPECT_THAT(std::string(second.name()), HasSubstr("twin"));
    EXPECT_NE(first.name(), second.name());
    EXPECT_EQ(first.life(), second.life()) << "executors of one process live one life";
  }
}

}  // namespace
}  // namespace weir
