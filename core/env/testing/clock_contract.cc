#include "core/env/testing/clock_contract.h"

#include "core/env/testing/event_log.h"

namespace weir {
namespace {

TEST_P(ClockContract, MonotonicNeverGoesBack) {
  Executor& executor = NewExecutor("clock", ExecutorKind::kControl);
  EventLog log;
  absl::Duration last = env().clock().Monotonic();
  for (int i = 0; i < 100; ++i) {
    executor.PostAfter(absl::Microseconds(i * 10), [&] {
      for (int k = 0; k < 10; ++k) {
        const absl::Duration now = env().clock().Monotonic();
        EXPECT_GE(now, last);
        last = now;
      }
      log.Add("read");
    });
  }
  EXPECT_TRUE(RunUntil([&] { return log.size() == 100; }));
}

TEST_P(ClockContract, BothClocksAdvance) {
  Executor& executor = NewExecutor("clock", ExecutorKind::kControl);
  constexpr absl::Duration kDelay = absl::Milliseconds(20);
  EventLog log;
  RunOn(executor, [&] {
    const absl::Duration monotonic = env().clock().Monotonic();
    const absl::Time wall = env().clock().Wall();
    executor.PostAfter(kDelay, [&, monotonic, wall] {
      EXPECT_GE(env().clock().Monotonic() - monotonic, kDelay);
      // Without a step of the clock, wall time passes at the same rate to within a tenth.
      EXPECT_GE(env().clock().Wall() - wall, kDelay * 9 / 10);
      log.Add("read");
    });
  });
  EXPECT_TRUE(RunUntil([&] { return log.Has("read"); }));
}

TEST_P(ClockContract, WallIsAPlausibleDate) {
  // People read it; a clock that starts at the epoch would look like a defect in every log.
  EXPECT_GT(env().clock().Wall(), absl::FromUnixSeconds(946'684'800)) << "before the year 2000";
  EXPECT_LT(env().clock().Wall(), absl::FromUnixSeconds(7'258'118'400)) << "after the year 2200";
}

TEST_P(ClockContract, MayBeReadFromAnyExecutor) {
  EventLog log;
  for (ExecutorKind kind : {ExecutorKind::kControl, ExecutorKind::kWorker, ExecutorKind::kIo}) {
    NewExecutor("clock", kind).Post([&] {
      for (int i = 0; i < 100; ++i) {
        EXPECT_LE(env().clock().Monotonic(), env().clock().Monotonic());
        env().clock().Wall();
      }
      log.Add("read");
    });
  }
  EXPECT_TRUE(RunUntil([&] { return log.size() == 3; }));
}

}  // namespace
}  // namespace weir
