// What the contract cannot see: a Shutdown beside a running closure, threads that are no executors.
#include "cli/env/thread_executor.h"

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace weir {
namespace {

void Await(const std::atomic<bool>& flag) {
  while (!flag.load()) std::this_thread::yield();
}

TEST(ThreadExecutorTest, ShutdownWaitsForTheRunningClosureAndDropsTheRest) {
  ThreadExecutor executor("test", ExecutorKind::kControl, LifeId(1));
  std::atomic<bool> started{false};
  std::atomic<bool> release{false};
  std::atomic<bool> ended{false};
  std::atomic<int> later{0};
  auto token = std::make_shared<int>(0);
  executor.Post([&] {
    started = true;
    Await(release);
    // Shutdown may be waiting by now.
    executor.Post([&, held = token] { ++later; });
    ended = true;
  });
  // Some land in the same batch as the first closure, some behind it.
  for (int i = 0; i < 100; ++i) executor.Post([&, held = token] { ++later; });
  Await(started);
  for (int i = 0; i < 100; ++i) executor.Post([&, held = token] { ++later; });
  std::thread stopper([&] { executor.Shutdown(); });
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_FALSE(ended);
  release = true;
  stopper.join();
  EXPECT_TRUE(ended);
  EXPECT_EQ(token.use_count(), 1);
  // The closure may have been released before Shutdown began.
  const int ran = later;
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_EQ(later, ran);
}

TEST(ThreadExecutorTest, ShutdownBesidePostsLosesNoClosure) {
  for (int round = 0; round < 50; ++round) {
    auto executor = std::make_unique<ThreadExecutor>("test", ExecutorKind::kWorker, LifeId(1));
    auto token = std::make_shared<int>(0);
    std::vector<std::thread> posters;
    for (int p = 0; p < 2; ++p) {
      posters.emplace_back([&] {
        for (int i = 0; i < 200; ++i) {
          executor->Post([held = token] {});
          const TimerId timer = executor->PostAfter(absl::Microseconds(i), [held = token] {});
          if (i % 2 == 0) executor->CancelTimer(timer);
        }
      });
    }
    executor->Shutdown();
    for (std::thread& poster : posters) poster.join();
    EXPECT_EQ(token.use_count(), 1) << "every closure was destroyed";
  }
}

TEST(ThreadExecutorTest, ManyThreadsMayShutDown) {
  ThreadExecutor executor("test", ExecutorKind::kControl, LifeId(1));
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([&] { executor.Shutdown(); });
  for (std::thread& thread : threads) thread.join();
  executor.Shutdown();
}

TEST(ThreadExecutorTest, WakesFromALongSleepForAnEarlierTimer) {
  ThreadExecutor executor("test", ExecutorKind::kControl, LifeId(1));
  std::atomic<bool> fired{false};
  executor.PostAfter(absl::Hours(1), [] {});
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  executor.PostAfter(absl::Milliseconds(1), [&] { fired = true; });
  Await(fired);
}

TEST(ThreadExecutorTest, CurrentIsTheOwnerOfTheThread) {
  EXPECT_EQ(ThreadExecutor::Current(), nullptr);
  ThreadExecutor executor("test", ExecutorKind::kIo, LifeId(7));
  std::atomic<bool> done{false};
  executor.Post([&] {
    EXPECT_EQ(ThreadExecutor::Current(), &executor);
    done = true;
  });
  Await(done);
  EXPECT_EQ(executor.life(), LifeId(7));
}

TEST(ThreadExecutorDeathTest, DiesOfMisuse) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  ThreadExecutor executor("suicidal", ExecutorKind::kControl, LifeId(1));
  const auto stop_itself = [&] {
    executor.Post([&] { executor.Shutdown(); });
    std::this_thread::sleep_for(std::chrono::seconds(30));
  };
  EXPECT_DEATH(stop_itself(), "suicidal cannot shut itself down");
  EXPECT_DEATH(executor.PostAfter(-absl::Seconds(1), [] {}), "negative delay");
}

}  // namespace
}  // namespace weir
