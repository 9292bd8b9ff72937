// Each thing that can go wrong in a world is seen by programs, ends, and leaves a seed one run.
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "core/base/string_view.h"
#include "gtest/gtest.h"
#include "sim/crash.h"
#include "sim/observer.h"
#include "sim/sim_world.h"
#include "sim/testing/node.h"

namespace weir::sim {
namespace {

// Two nodes that talk to each other.
class Pair {
 public:
  explicit Pair(uint64_t seed, SimOptions options = {}) : world(Seed(seed), std::move(options)) {
    for (const auto& [name, peer] : {std::pair("a", "b"), std::pair("b", "a")}) {
      world.AddProcess(name, [this, name = name, peer = peer](Env& env) {
        return std::make_unique<Node>(&env, name, peer, &journal);
      });
    }
  }

  void Run(absl::Duration duration) { ASSERT_TRUE(world.RunFor(duration).ok()); }
  uint32_t Index(std::string_view name) { return world.machine_index(name); }
  int Count(const std::string& what) const { return journal.Count(what); }

  Journal journal;
  SimWorld world;
};

// `faults` are done to fresh pairs; equal digests and journals, and other ones than without faults.
void ExpectOneRun(const std::function<void(Pair&)>& faults) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    Pair one(seed);
    Pair other(seed);
    Pair healthy(seed);
    for (Pair* pair : {&one, &other}) {
      faults(*pair);
      pair->Run(absl::Seconds(5));
    }
    healthy.Run(one.world.elapsed());
    EXPECT_EQ(one.world.digest(), other.world.digest()) << "seed " << seed;
    EXPECT_EQ(one.journal.counts(), other.journal.counts()) << "seed " << seed;
    EXPECT_NE(one.world.digest(), healthy.world.digest()) << "seed " << seed;
  }
}

TEST(SimFaultsTest, NothingGoesWrongByItself) {
  Pair pair(1);
  pair.Run(absl::Seconds(60));
  EXPECT_GT(pair.Count("a call ok"), 500);
  EXPECT_GT(pair.Count("a frame"), 500);
  EXPECT_GT(pair.Count("a cut frame"), 100);
  EXPECT_LT(pair.Count("a cut frame"), pair.Count("a frame") - 100);
  EXPECT_GT(pair.Count("b write ok"), 1000);
  for (const auto& [what, count] : pair.journal.counts()) {
    EXPECT_EQ(what.find("UN"), std::string::npos) << what;
    EXPECT_EQ(what.find("_"), std::string::npos) << what;
    EXPECT_EQ(what.find("late"), std::string::npos) << what;
  }
}

TEST(SimFaultsTest, AKilledProcessIsGoneAndComesBack) {
  Pair pair(1);
  pair.Run(absl::Seconds(2));
  pair.world.Kill("a");
  EXPECT_FALSE(pair.world.alive("a"));
  EXPECT_EQ(pair.Count("a ends"), 1);
  const int ticks = pair.Count("a tick");
  const int called = pair.Count("a called");
  pair.Run(absl::Seconds(2));
  EXPECT_EQ(pair.Count("a tick"), ticks);
  EXPECT_EQ(pair.Count("a called"), called);
  EXPECT_GT(pair.Count("b call UNAVAILABLE"), 5);
  EXPECT_GT(pair.Count("b sender UNAVAILABLE"), 5);
  EXPECT_EQ(pair.Count("b receiver UNAVAILABLE"), 1);

  const std::string before = *pair.world.disk("a").Read("/log");
  pair.world.Restart("a");
  EXPECT_EQ(pair.Count("a starts"), 2);
  const int answered = pair.Count("b call ok");
  const int frames = pair.Count("b frame");
  pair.Run(absl::Seconds(2));
  EXPECT_GT(pair.Count("a tick"), ticks + 10);
  EXPECT_GT(pair.Count("b call ok"), answered + 10);
  EXPECT_GT(pair.Count("b frame"), frames + 10);
  EXPECT_EQ(pair.world.disk("a").Read("/log")->substr(0, before.size()), before);
}

TEST(SimFaultsTest, AProcessMayComeBackWithoutItsDisk) {
  Pair pair(1);
  pair.world.MountReadOnly("/input", "rows");
  pair.Run(absl::Seconds(2));
  pair.world.Kill("a");
  pair.world.Restart("a", {.wipe_disk = true});
  EXPECT_FALSE(pair.world.disk("a").Find("/log").ok());
  EXPECT_EQ(*pair.world.disk("a").Read("/input"), "rows");
  EXPECT_TRUE(pair.world.shared_files().Find("/a").ok());
  pair.Run(absl::Seconds(1));
  EXPECT_TRUE(pair.world.disk("a").Find("/log").ok());
}

TEST(SimFaultsTest, WithoutPowerOthersFindOutLate) {
  Pair pair(1);
  pair.Run(absl::Seconds(2));
  pair.world.Kill("a", {.power_off = true});
  pair.Run(absl::Seconds(4));
  EXPECT_EQ(pair.Count("b receiver UNAVAILABLE"), 0);
  pair.Run(absl::Seconds(20));
  EXPECT_EQ(pair.Count("b receiver UNAVAILABLE"), 1);
}

TEST(SimFaultsTest, WithoutPowerWhatWasNotSyncedIsAtRisk) {
  int lost = 0;
  int kept = 0;
  for (uint64_t seed = 0; seed < 40; ++seed) {
    Pair pair(seed);
    pair.Run(absl::Seconds(1));
    pair.world.Kill("a", {.power_off = true});
    // The folder was never synced.
    (pair.world.disk("a").Find("/log").ok() ? kept : lost) += 1;
    EXPECT_TRUE(pair.world.disk("b").Find("/log").ok());
    EXPECT_TRUE(pair.world.shared_files().Find("/b").ok());
  }
  EXPECT_GT(lost, 5);
  EXPECT_GT(kept, 5);
}

TEST(SimFaultsTest, ThePostCrashImageIsWhatIsDurable) {
  Pair pair(1);
  pair.Run(absl::Seconds(1));
  EXPECT_TRUE(pair.world.shared_files().Find("/a").ok());
  EXPECT_FALSE(pair.world.PostCrashImage("shared", CrashLoss::kAll)->Find("/a").ok());
  FileTree& files = pair.world.shared_files();
  files.SyncDirectory(**files.Find("/"));
  EXPECT_TRUE(pair.world.PostCrashImage("shared", CrashLoss::kAll)->Find("/a").ok());
  EXPECT_TRUE(pair.world.PostCrashImage("shared", CrashLoss::kDrawn)->Find("/a").ok());
  EXPECT_TRUE(files.Find("/b").ok()) << "the volume itself is as it was";
}

TEST(SimFaultsTest, APausedProcessGoesOnAsAZombie) {
  Pair pair(1);
  pair.Run(absl::Seconds(2));
  pair.world.Pause("a");
  const int ticks = pair.Count("a tick");
  pair.Run(absl::Seconds(30));
  EXPECT_EQ(pair.Count("a tick"), ticks);
  EXPECT_GT(pair.Count("b call DEADLINE_EXCEEDED"), 20);
  EXPECT_EQ(pair.Count("b receiver UNAVAILABLE"), 1) << "b gave a up";
  EXPECT_EQ(pair.Count("a ends"), 0);
  pair.world.Resume("a");
  const int answered = pair.Count("a call ok");
  pair.Run(absl::Seconds(30));
  EXPECT_GT(pair.Count("a tick"), ticks + 100);
  EXPECT_GE(pair.Count("a late"), 1);
  EXPECT_GE(pair.Count("a sender UNAVAILABLE"), 1);
  EXPECT_GT(pair.Count("a call ok"), answered + 100);
}

TEST(SimFaultsTest, AnExecutorStalls) {
  Pair pair(1);
  pair.Run(absl::Seconds(1));
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(pair.world.Stall("a", absl::Seconds(1)));
    pair.Run(absl::Seconds(2));
  }
  EXPECT_GE(pair.Count("a late"), 1);
  EXPECT_EQ(pair.Count("b late"), 0);
}

// The process dies at the n-th file call, for every n of its first calls.
TEST(SimFaultsTest, AProcessMayDieByAnyFileCall) {
  for (const bool takes_effect : {true, false}) {
    for (uint64_t n = 1; n <= 24; ++n) {
      Pair pair(n);
      bool died = false;
      pair.world.DieAtFileCall("a", {.countdown = n, .takes_effect = takes_effect}, {},
                               [&] { died = true; });
      ASSERT_TRUE(pair.world.RunUntil([&] { return died; }, absl::Minutes(1)).ok());
      EXPECT_FALSE(pair.world.alive("a"));
      // In each round: create, append, sync, open, read; then the same on the shared volume. The
      // last line of what was left is there only if the call took effect.
      const uint64_t round = (n - 1) / 10;
      const uint64_t step = (n - 1) % 10;
      const uint64_t local = round + (step > 1 || (step == 1 && takes_effect) ? 1 : 0);
      const uint64_t shared = round + (step > 6 || (step == 6 && takes_effect) ? 1 : 0);
      const auto lines = [](const FileTree& files, std::string_view path) {
        const auto bytes = files.Read(path);
        return bytes.ok() ? bytes->size() / std::string_view("another line\n").size() : 0;
      };
      EXPECT_EQ(lines(pair.world.disk("a"), "/log"), local) << n << takes_effect;
      EXPECT_EQ(lines(pair.world.shared_files(), "/a"), shared) << n << takes_effect;
      EXPECT_EQ(pair.world.disk("a").Find("/log").ok(), n > 1 || takes_effect);
      pair.world.Restart("a");
      pair.Run(absl::Seconds(1));
      EXPECT_GT(lines(pair.world.disk("a"), "/log"), local);
    }
  }
}

// What runs after the last call cannot tell, and nobody else notices it.
TEST(SimFaultsTest, TheLastTurnGoesOnAndLeavesNothing) {
  Journal journal;
  SimWorld world(Seed(1));
  int late_effects = 0;
  bool turn_ended = false;
  std::unique_ptr<Executor> io;
  std::unique_ptr<CallHandle> call;
  world.AddProcess("a", [&](Env& env) {
    io = env.NewExecutor("io", ExecutorKind::kIo);
    io->Post([&] {
      FileSystem& files = env.file_system();
      auto file = files.Create("/shared/file", CreateMode::kTruncate);
      EXPECT_FALSE(world.discarding());
      EXPECT_TRUE((*file)->Append("first").ok());
      EXPECT_TRUE(world.discarding());
      EXPECT_TRUE((*file)->Append(" second").ok());
      EXPECT_TRUE((*file)->Sync().ok());
      EXPECT_TRUE(files.Rename("/shared/file", "/shared/other").ok());
      EXPECT_TRUE(files.SyncDirectory("/shared").ok());
      EXPECT_EQ(files.Stat("/shared/other")->size_bytes, 12u);
      EXPECT_TRUE(io->CancelTimer(io->PostAfter(absl::Seconds(1), [&] { ++late_effects; })));
      io->Post([&] { ++late_effects; });
      call = env.network().Call("b", "Ping", "", absl::Seconds(1), io.get(),
                                [&](absl::StatusOr<std::string>) { ++late_effects; });
      turn_ended = true;
    });
    return std::make_unique<int>();
  });
  world.AddProcess("b", [&](Env& env) { return std::make_unique<Node>(&env, "b", "a", &journal); });
  world.DieAtFileCall("a", {.operation = "append"});
  ASSERT_TRUE(world.RunFor(absl::Seconds(5)).ok());
  EXPECT_TRUE(turn_ended);
  EXPECT_FALSE(world.alive("a"));
  EXPECT_FALSE(world.discarding());
  EXPECT_EQ(late_effects, 0);
  EXPECT_EQ(journal.Count("b called"), 0);
  EXPECT_EQ(*world.shared_files().Read("/file"), "first");
  EXPECT_FALSE(world.shared_files().Find("/other").ok());
  EXPECT_FALSE(world.PostCrashImage("shared", CrashLoss::kAll)->Find("/file").ok());
  call.reset();
  io.reset();
}

TEST(SimFaultsTest, ALastFileCallIsPickedByOperationAndPath) {
  Pair pair(1);
  std::string trace;
  bool died = false;
  pair.world.DieAtFileCall(
      "a", {.operation = "sync", .path_part = "shared", .countdown = 3, .takes_effect = false},
      {.power_off = true}, [&] { died = true; });
  ASSERT_TRUE(pair.world.RunUntil([&] { return died; }, absl::Minutes(1)).ok());
  EXPECT_EQ(pair.Count("a tick"), 3);
}

TEST(SimFaultsTest, ABlockedLinkHoldsAndThenDelivers) {
  Pair pair(1);
  pair.Run(absl::Seconds(2));
  NetworkModel& network = pair.world.network();
  network.Block(pair.Index("a"), pair.Index("b"));
  const int frames = pair.Count("b frame");
  const int called = pair.Count("a called");
  pair.Run(absl::Seconds(3));
  EXPECT_LE(pair.Count("b frame"), frames) << "a's frames do not arrive";
  EXPECT_GT(pair.Count("a called"), called + 10) << "what b sends does";
  EXPECT_GT(pair.Count("b call DEADLINE_EXCEEDED"), 5) << "but a's answers do not";
  network.Unblock(pair.Index("a"), pair.Index("b"));
  pair.Run(absl::Seconds(2));
  EXPECT_GT(pair.Count("b frame"), frames + 10);
  EXPECT_EQ(pair.Count("a sender UNAVAILABLE"), 0) << "short of the keepalive nothing breaks";
  EXPECT_FALSE(network.links().any());
  EXPECT_GT(network.links().counts.held, 10u);
}

TEST(SimFaultsTest, ALongPartitionBreaksConnectionsOnBothSides) {
  Pair pair(1);
  pair.Run(absl::Seconds(2));
  NetworkModel& network = pair.world.network();
  network.Block(pair.Index("a"), pair.Index("b"));
  network.Block(pair.Index("b"), pair.Index("a"));
  pair.Run(absl::Seconds(30));
  for (const char* side : {"a", "b"}) {
    EXPECT_GE(pair.Count(absl::StrCat(side, " sender UNAVAILABLE")), 1);
    EXPECT_GE(pair.Count(absl::StrCat(side, " receiver UNAVAILABLE")), 1);
  }
  network.Unblock(pair.Index("a"), pair.Index("b"));
  network.Unblock(pair.Index("b"), pair.Index("a"));
  pair.Run(absl::Seconds(30));
  pair.journal.Clear();
  pair.Run(absl::Seconds(10));
  EXPECT_GT(pair.Count("a frame"), 50);
  EXPECT_GT(pair.Count("b frame"), 50);
  EXPECT_GT(pair.Count("a call ok"), 50);
}

TEST(SimFaultsTest, ALostConnectionIsLearnedByOneSideFirst) {
  Pair pair(1);
  pair.Run(absl::Seconds(2));
  const int lost = pair.world.network().LoseConnections(pair.Index("a"), pair.Index("b"),
                                                        {.dialer = true, .target = false});
  EXPECT_GE(lost, 1);
  pair.Run(absl::Seconds(4));
  EXPECT_EQ(pair.Count("a sender UNAVAILABLE"), 1);
  EXPECT_EQ(pair.Count("b receiver UNAVAILABLE"), 0) << "half-open";
  EXPECT_EQ(pair.Count("b accepts"), 2) << "the new stream comes beside the old one";
  pair.Run(absl::Seconds(20));
  EXPECT_EQ(pair.Count("b receiver UNAVAILABLE"), 1);
  EXPECT_EQ(pair.Count("b sender UNAVAILABLE"), 0) << "the other connection is another one";

  pair.world.network().LoseConnections(pair.Index("a"), pair.Index("b"),
                                       {.dialer = false, .target = true});
  pair.Run(absl::Seconds(1));
  EXPECT_EQ(pair.Count("b receiver UNAVAILABLE"), 2);
  EXPECT_EQ(pair.Count("a sender UNAVAILABLE"), 2) << "reset when it sent";
}

TEST(SimFaultsTest, SlowLinksDelay) {
  Pair pair(1);
  pair.Run(absl::Seconds(1));
  NetworkModel& network = pair.world.network();
  network.links().Slow(pair.Index("a"), pair.Index("b"),
                       {.extra_ns_max = 10'000'000'000, .ns_per_byte = 1'000'000});
  pair.Run(absl::Seconds(5));
  EXPECT_GT(pair.Count("a call DEADLINE_EXCEEDED"), 5);
  EXPECT_GT(network.links().counts.delayed, 10u);
  network.links().Unslow(pair.Index("a"), pair.Index("b"));
  pair.Run(absl::Seconds(30));
  pair.journal.Clear();
  pair.Run(absl::Seconds(5));
  EXPECT_GT(pair.Count("a call ok"), 40);
  EXPECT_EQ(pair.Count("a call DEADLINE_EXCEEDED"), 0);
}

TEST(SimFaultsTest, AMachineRefusesDials) {
  Pair pair(1);
  pair.Run(absl::Seconds(1));
  pair.world.network().links().RefuseDials(pair.Index("b"), true);
  pair.Run(absl::Seconds(1));
  EXPECT_GT(pair.Count("a call UNAVAILABLE"), 5);
  EXPECT_EQ(pair.Count("b call UNAVAILABLE"), 0);
  pair.world.network().links().RefuseDials(pair.Index("b"), false);
  pair.Run(absl::Seconds(1));
  EXPECT_GT(pair.Count("a call ok"), 10);
}

TEST(SimFaultsTest, AnOpeningArrivesTwice) {
  Pair pair(1);
  pair.world.network().links().DuplicateOpens(pair.Index("b"), true);
  pair.Run(absl::Seconds(30));
  EXPECT_EQ(pair.Count("b accepts"), 2 * pair.Count("a accepts"));
  EXPECT_GT(pair.Count("b receiver UNAVAILABLE"), 0) << "the other one breaks";
  EXPECT_GT(pair.Count("b frame"), 200);
}

// Counts what is taken from streams that begin after frames of another were taken.
class SecondStreams final : public Observer {
 public:
  void OnFrameTaken(const Address& acceptor, uint64_t stream, Lane, std::string_view) override {
    if (acceptor != "b") return;
    if (first_ == 0) first_ = stream;
    frames_ += stream == first_ ? 0 : 1;
  }
  int frames() const { return frames_; }

 private:
  uint64_t first_ = 0;
  int frames_ = 0;
};

TEST(SimFaultsTest, WhatWasSentMayArriveAgainBehindAnotherOpening) {
  int replayed = 0;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SecondStreams observer;
    SimOptions options;
    options.observer = &observer;
    Pair pair(seed, std::move(options));
    pair.world.network().links().DuplicateOpens(pair.Index("b"), true);
    pair.Run(absl::Seconds(2));
    pair.world.network().links().DuplicateOpens(pair.Index("b"), false);
    replayed += observer.frames() > 0 ? 1 : 0;
  }
  EXPECT_GT(replayed, 5);
  EXPECT_LT(replayed, 20) << "others arrive first, and alone";
}

TEST(SimFaultsTest, DisksFailAsTold) {
  Pair pair(1);
  pair.Run(absl::Seconds(1));
  const auto during = [&](const std::function<void(DiskFaults&)>& set) {
    DiskFaults& faults = pair.world.disk_faults("a");
    set(faults);
    pair.journal.Clear();
    pair.Run(absl::Seconds(5));
    faults.Heal();
  };
  during([](DiskFaults& faults) { faults.full = true; });
  EXPECT_GT(pair.Count("a write RESOURCE_EXHAUSTED"), 40);
  EXPECT_GT(pair.Count("a write ok"), 40) << "the shared volume is not full";
  EXPECT_EQ(pair.Count("b write RESOURCE_EXHAUSTED"), 0);
  during([](DiskFaults& faults) { faults.read_errors = 500; });
  EXPECT_GT(pair.Count("a read DATA_LOSS"), 20);
  EXPECT_EQ(pair.Count("a write DATA_LOSS"), 0);
  during([](DiskFaults& faults) { faults.write_errors = 500; });
  EXPECT_GT(pair.Count("a write DATA_LOSS"), 20);
  during([](DiskFaults& faults) { faults.sync_errors = 500; });
  EXPECT_GT(pair.Count("a write DATA_LOSS"), 10);
  EXPECT_GT(pair.world.disk_faults("a").failed_calls, 100u);
  const int before = pair.Count("a write ok");
  EXPECT_GT(before, 60);
  during([](DiskFaults& faults) { faults.slow_factor = 1000; });
  EXPECT_LT(pair.Count("a write ok"), 30);
  pair.Run(absl::Seconds(60));
  pair.journal.Clear();
  pair.Run(absl::Seconds(5));
  EXPECT_GT(pair.Count("a write ok"), 90);
}

TEST(SimFaultsTest, WallClocksAreWrongAndMonotonicOnesAreNot) {
  Pair pair(1);
  pair.Run(absl::Seconds(1));
  pair.world.wall_clock("a").Jump(-3'600'000'000'000);
  pair.Run(absl::Seconds(1));
  EXPECT_EQ(pair.Count("a wall clock jumps"), 1);
  EXPECT_EQ(pair.world.HostEnv("b").clock().Wall() - pair.world.HostEnv("a").clock().Wall(),
            absl::Hours(1));
  pair.world.wall_clock("a").Drift(absl::ToInt64Nanoseconds(pair.world.elapsed()), 500);
  pair.Run(absl::Seconds(10));
  EXPECT_GT(pair.Count("a wall clock jumps"), 50);
  EXPECT_EQ(pair.Count("a monotonic clock goes back"), 0);
  EXPECT_EQ(pair.Count("b wall clock jumps"), 0);
}

TEST(SimFaultsTest, OneSeedIsOneRunWhateverGoesWrong) {
  ExpectOneRun([](Pair& pair) {
    pair.Run(absl::Seconds(1));
    pair.world.Kill("a");
    pair.Run(absl::Seconds(1));
    pair.world.Restart("a");
  });
  ExpectOneRun([](Pair& pair) {
    pair.Run(absl::Seconds(1));
    pair.world.Kill("a", {.power_off = true});
    pair.world.Restart("a");
  });
  ExpectOneRun([](Pair& pair) {
    pair.Run(absl::Seconds(1));
    pair.world.Pause("b");
    pair.Run(absl::Seconds(25));
    pair.world.Resume("b");
  });
  ExpectOneRun([](Pair& pair) { pair.world.DieAtFileCall("a", {.countdown = 17}); });
  ExpectOneRun([](Pair& pair) {
    pair.Run(absl::Seconds(1));
    pair.world.Stall("a", absl::Milliseconds(700));
  });
  ExpectOneRun([](Pair& pair) {
    pair.Run(absl::Seconds(1));
    pair.world.network().Block(pair.Index("a"), pair.Index("b"));
    pair.Run(absl::Seconds(25));
    pair.world.network().Unblock(pair.Index("a"), pair.Index("b"));
  });
  ExpectOneRun([](Pair& pair) {
    pair.Run(absl::Seconds(1));
    pair.world.network().LoseConnections(pair.Index("a"), pair.Index("b"), {.target = false});
  });
  ExpectOneRun([](Pair& pair) { pair.world.disk_faults("shared").write_errors = 100; });
}

// Ends at any instant leave nothing behind that a sanitizer would see.
TEST(SimFaultsTest, ProcessesDieAtAnyInstant) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    Pair pair(seed);
    for (int i = 0; i < 10; ++i) {
      const RandomSite when{RandomStream::kCrash, "test.when", static_cast<uint64_t>(i)};
      const RandomSite who{RandomStream::kCrash, "test.who", static_cast<uint64_t>(i)};
      const std::string name = pair.world.random().Uniform(who, 2) == 0 ? "a" : "b";
      pair.Run(pair.world.random().Exponential(when, absl::Milliseconds(200)));
      pair.world.Kill(name, {.power_off = i % 2 == 0});
      pair.Run(absl::Milliseconds(i % 3));
      pair.world.Restart(name);
    }
    EXPECT_EQ(pair.Count("a starts") + pair.Count("b starts"), 12);
    EXPECT_EQ(pair.Count("a ends") + pair.Count("b ends"), 10);
  }
}

}  // namespace
}  // namespace weir::sim
