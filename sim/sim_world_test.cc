#include "sim/sim_world.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "core/base/string_view.h"
#include "gtest/gtest.h"
#include "sim/testing/toy_program.h"

namespace weir::sim {
namespace {

struct ToyRun {
  uint64_t digest = 0;
  std::string trace;
  std::vector<std::string> events;
  std::string log;
};

ToyRun RunToy(uint64_t seed, SimOptions options = {}) {
  ToyRun run;
  options.trace = [&run](std::string_view line) { run.trace.append(line).append("\n"); };
  SimWorld world(Seed(seed), std::move(options));
  ToyProgram program(&world);
  const absl::Status status = program.Run();
  EXPECT_TRUE(status.ok()) << status;
  run.digest = world.digest();
  run.events = program.events();
  run.log = *world.shared_files().Read("/log");
  return run;
}

TEST(SimWorldTest, OneSeedIsOneRun) {
  for (uint64_t seed = 0; seed < 10; ++seed) {
    const ToyRun one = RunToy(seed);
    const ToyRun other = RunToy(seed);
    EXPECT_EQ(one.digest, other.digest);
    EXPECT_EQ(one.events, other.events);
    EXPECT_EQ(one.log, other.log);
    EXPECT_GT(one.trace.size(), 10'000u) << "nothing was compared";
    const auto difference = FirstDifference(one.trace, other.trace);
    EXPECT_FALSE(difference.has_value()) << "line " << difference->line << "\n"
                                         << difference->left << "\n"
                                         << difference->right;
  }
}

TEST(SimWorldTest, SeedsInterleaveDifferently) {
  constexpr int kSeeds = 50;
  std::set<uint64_t> digests;
  std::set<std::string> logs;
  std::set<std::vector<std::string>> events;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    ToyRun run = RunToy(seed);
    digests.insert(run.digest);
    logs.insert(std::move(run.log));
    events.insert(std::move(run.events));
  }
  EXPECT_EQ(digests.size(), kSeeds);
  EXPECT_EQ(events.size(), kSeeds);
  EXPECT_EQ(logs.size(), kSeeds);
}

TEST(SimWorldTest, TheProgramDoesAllOfItsWork) {
  const ToyRun run = RunToy(3);
  // Each process makes its calls, takes as many, and writes its frames; two more say "finished".
  constexpr size_t kEach = 2 * ToyProgram::kCalls + ToyProgram::kFrames;
  EXPECT_GE(run.events.size(), 3 * kEach);
  EXPECT_LE(run.events.size(), 3 * (kEach + 1) + 3 * ToyProgram::kCalls);
  EXPECT_EQ(std::count(run.log.begin(), run.log.end(), '\n'), 3 * ToyProgram::kFrames);
}

TEST(SimWorldTest, TheScheduleChangesTheRunOfASeed) {
  std::set<uint64_t> digests;
  for (ScheduleKind kind : {ScheduleKind::kFifo, ScheduleKind::kUniform, ScheduleKind::kPriority}) {
    SimOptions options;
    options.schedule = kind;
    digests.insert(RunToy(1, std::move(options)).digest);
  }
  EXPECT_EQ(digests.size(), 3u);
}

// The digest of a world in which `frame` was sent in a call and `bytes` were written to a file.
uint64_t DigestOf(std::string frame, std::string bytes) {
  SimWorld world(Seed(1));
  Env& env = world.HostEnv("a");
  const auto executor = env.NewExecutor("e", ExecutorKind::kIo);
  std::unique_ptr<CallHandle> call;
  executor->Post([&] {
    call = env.network().Call("nobody", "Method", std::move(frame), absl::Seconds(1),
                              executor.get(), [](absl::StatusOr<std::string>) {});
    auto file = env.file_system().Create("/file", CreateMode::kTruncate);
    ASSERT_TRUE((*file)->Append(bytes).ok());
  });
  EXPECT_TRUE(world.RunUntilQuiescent(absl::Minutes(1)).ok());
  return world.digest();
}

TEST(SimWorldTest, PayloadsReachTheDigest) {
  EXPECT_EQ(DigestOf("frame", "bytes"), DigestOf("frame", "bytes"));
  EXPECT_NE(DigestOf("frame", "bytes"), DigestOf("Frame", "bytes"));
  EXPECT_NE(DigestOf("frame", "bytes"), DigestOf("frame", "Bytes"));
}

// What the digest is for: a program that decides by something outside of its Env.
TEST(SimWorldTest, AProgramThatCheatsIsFound) {
  std::string traces[2];
  for (int run = 0; run < 2; ++run) {
    SimOptions options;
    options.trace = [&](std::string_view line) { traces[run].append(line).append("\n"); };
    SimWorld world(Seed(1), std::move(options));
    const auto executor = world.HostEnv("a").NewExecutor("e", ExecutorKind::kControl);
    executor->Post([&] { executor->PostAfter(absl::Milliseconds(1 + run), [] {}); });
    executor->PostAfter(absl::Seconds(1), [] {});
    EXPECT_TRUE(world.RunUntilQuiescent(absl::Minutes(1)).ok());
  }
  const auto difference = FirstDifference(traces[0], traces[1]);
  ASSERT_TRUE(difference.has_value());
  EXPECT_NE(difference->left.find(" turn 0 "), std::string::npos) << difference->left;
}

TEST(SimWorldTest, SingleDrawsCanBeReplaced) {
  const auto run = [](Choices choices) {
    SimOptions options;
    options.choices = std::move(choices);
    return RunToy(1, std::move(options));
  };
  const ToyRun plain = run({});
  EXPECT_EQ(run({.replaced = {{.machine = "a", .site = "no such draw"}}}).digest, plain.digest);
  // The first pause of process "a" becomes the longest.
  const Choice pause{.machine = "a",
                     .stream = RandomStream::kWorkload,
                     .site = "toy.pause",
                     .value = ~uint64_t{0}};
  const ToyRun replaced = run({.replaced = {pause}});
  EXPECT_NE(replaced.digest, plain.digest);
  EXPECT_EQ(replaced.digest, run({.replaced = {pause}}).digest);
  const auto difference = FirstDifference(plain.trace, replaced.trace);
  ASSERT_TRUE(difference.has_value());
  EXPECT_NE(difference->right.find(" draw 0 ffffffffffffffff toy.pause #0"), std::string::npos)
      << difference->right;

  const ToyRun smallest = run({.otherwise_smallest = true});
  EXPECT_EQ(smallest.digest, run({.otherwise_smallest = true}).digest);
  EXPECT_NE(smallest.digest, plain.digest);
}

TEST(SimWorldTest, RunUntilSaysWhyItEnded) {
  SimWorld world(Seed(1));
  const auto executor = world.HostEnv("a").NewExecutor("e", ExecutorKind::kControl);
  bool fired = false;
  executor->PostAfter(absl::Seconds(10), [&] { fired = true; });
  EXPECT_TRUE(absl::IsDeadlineExceeded(world.RunUntil([&] { return fired; }, absl::Seconds(4))));
  EXPECT_EQ(world.elapsed(), absl::Seconds(4));
  EXPECT_TRUE(absl::IsDeadlineExceeded(world.RunUntilQuiescent(absl::Seconds(1))));
  EXPECT_TRUE(world.RunUntil([&] { return fired; }, absl::Seconds(10)).ok());
  EXPECT_EQ(world.elapsed(), absl::Seconds(10));
  EXPECT_TRUE(
      absl::IsFailedPrecondition(world.RunUntil([] { return false; }, absl::InfiniteDuration())));
  EXPECT_TRUE(world.RunUntilQuiescent(absl::Seconds(1)).ok());
  EXPECT_TRUE(world.RunFor(absl::Seconds(2)).ok());
  EXPECT_EQ(world.elapsed(), absl::Seconds(12));
  EXPECT_EQ(world.wall(),
            absl::FromCivil(absl::CivilSecond(2024, 1, 1, 0, 0, 12), absl::UTCTimeZone()));
}

TEST(SimWorldTest, ALoopWithoutTimeIsASpin) {
  SimOptions options;
  options.turn_cost = absl::ZeroDuration();
  options.spin_limit_events = 1000;
  SimWorld world(Seed(1), std::move(options));
  const auto executor = world.HostEnv("a").NewExecutor("looper", ExecutorKind::kControl);
  std::function<void()> again = [&] { executor->Post([&] { again(); }); };
  executor->Post([&] { again(); });
  const absl::Status status = world.RunUntil([] { return false; }, absl::Hours(1));
  EXPECT_TRUE(absl::IsInternal(status)) << status;
  EXPECT_NE(ToStd(status.message()).find("a/looper"), std::string::npos) << status;
}

TEST(SimWorldTest, MountsAreOnEveryMachineAndReadOnly) {
  SimWorld world(Seed(1));
  world.HostEnv("early");
  world.MountReadOnly("/data/../input/orders.csv", "1,2\n");
  for (const char* host : {"early", "late"}) {
    EXPECT_EQ(*world.disk(host).Read("/input/orders.csv"), "1,2\n") << host;
    Env& env = world.HostEnv(host);
    const auto io = env.NewExecutor("io", ExecutorKind::kIo);
    bool done = false;
    io->Post([&] {
      auto file = env.file_system().OpenForRead("/input/orders.csv");
      ASSERT_TRUE(file.ok()) << file.status();
      EXPECT_EQ(*(*file)->ReadAt(2, 10), "2\n");
      EXPECT_TRUE(absl::IsPermissionDenied(env.file_system().Remove("/input/orders.csv")));
      done = true;
    });
    EXPECT_TRUE(world.RunUntil([&] { return done; }, absl::Minutes(1)).ok());
  }
}

TEST(SimWorldTest, MachinesShareOneVolumeAndNothingElse) {
  SimWorld world(Seed(1));
  const auto write = [&world](std::string_view host) {
    Env& env = world.HostEnv(host);
    const auto io = env.NewExecutor("io", ExecutorKind::kIo);
    bool done = false;
    io->Post([&] {
      const absl::Duration start = env.clock().Monotonic();
      for (const char* path : {"/own", "/shared/all", "/sharedother"}) {
        auto file = env.file_system().Create(path, CreateMode::kAppend);
        ASSERT_TRUE(file.ok()) << file.status();
        EXPECT_TRUE((*file)->Append(std::string(host)).ok());
      }
      EXPECT_TRUE(absl::IsFailedPrecondition(env.file_system().Rename("/own", "/shared/own")));
      EXPECT_TRUE(absl::IsFailedPrecondition(env.file_system().RemoveDirectory("/shared")));
      EXPECT_GT(env.clock().Monotonic(), start) << "files take time";
      done = true;
    });
    EXPECT_TRUE(world.RunUntil([&] { return done; }, absl::Minutes(1)).ok());
  };
  write("a");
  write("b");
  EXPECT_EQ(*world.disk("a").Read("/own"), "a");
  EXPECT_EQ(*world.disk("b").Read("/sharedother"), "b");
  EXPECT_EQ(*world.shared_files().Read("/all"), "ab");
}

TEST(SimWorldTest, LocksHoldBetweenMachines) {
  SimWorld world(Seed(1));
  std::unique_ptr<FileLock> held;
  const auto lock = [&](std::string_view host) {
    Env& env = world.HostEnv(host);
    const auto io = env.NewExecutor("io", ExecutorKind::kIo);
    absl::StatusCode code = absl::StatusCode::kUnknown;
    io->Post([&] {
      auto got = env.file_system().TryLock("/shared/lock");
      code = got.status().code();
      if (got.ok()) held = *std::move(got);
    });
    EXPECT_TRUE(world.RunUntilQuiescent(absl::Minutes(1)).ok());
    return code;
  };
  EXPECT_EQ(lock("a"), absl::StatusCode::kOk);
  EXPECT_EQ(lock("b"), absl::StatusCode::kUnavailable);
  held.reset();
  EXPECT_EQ(lock("b"), absl::StatusCode::kOk);
}

TEST(SimWorldTest, WhatIsLeftBehindIsDestroyedWithTheWorld) {
  const auto token = std::make_shared<int>(0);
  {
    SimWorld world(Seed(1));
    Env& env = world.HostEnv("a");
    const auto executor = env.NewExecutor("e", ExecutorKind::kControl);
    executor->PostAfter(absl::Hours(1), [token] {});
    const auto call = env.network().Call("nobody", "Method", "request", absl::Hours(1),
                                         executor.get(), [token](absl::StatusOr<std::string>) {});
  }
  EXPECT_EQ(token.use_count(), 1);
}

}  // namespace
}  // namespace weir::sim
