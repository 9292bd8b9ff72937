// The checkpoint folder after a loss of power at every single operation on it: the next leader restores the newest checkpoint whose
// publication was reported, or the one that was being published, with every byte of it; and a deployment that sleeps between any
// two operations while another takes over never publishes again.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "core/checkpoint/testing/store_under_test.h"
#include "gtest/gtest.h"
#include "sim/sim_world.h"

namespace weir {
namespace {

constexpr JobAttempt kFirst = {LeaderEpoch(1), AttemptNumber(1)};
constexpr JobAttempt kNewLeader = {LeaderEpoch(2), AttemptNumber(1)};
constexpr char kFolder[] = "/shared/jobs/one";
constexpr int kCheckpoints = 3;

// What was reported, and after how many file calls.
struct Report {
  uint64_t calls;
  CheckpointId published;
  CheckpointId used;
};

void RunOn(sim::SimWorld& world, const std::string& host, Closure closure) {
  auto io = world.HostEnv(host).NewExecutor("io", ExecutorKind::kIo);
  io->Post(std::move(closure));
  ASSERT_TRUE(world.RunFor(absl::Seconds(10)).ok());
}

std::vector<Report> Work(sim::SimWorld& world) {
  std::vector<Report> reports;
  RunOn(world, "a", [&] {
    StoreUnderTest store(world.HostEnv("a").file_system(), kFolder, kFirst);
    if (!store.Open().ok() || !store.Claim().ok()) return;
    for (int i = 0; i < kCheckpoints; ++i) {
      reports.push_back({world.file_calls("a"), store.newest.manifest.checkpoint, store.next});
      if (!store.WriteManifest().ok() || !store.Publish().ok()) return;
      reports.push_back(
          {world.file_calls("a"), store.newest.manifest.checkpoint, store.written.checkpoint});
      if (!store.Collect().ok()) return;
    }
  });
  return reports;
}

void Recover(sim::SimWorld& world, const Report& known, const std::string& what) {
  bool ran = false;
  RunOn(world, "b", [&] {
    ran = true;
    StoreUnderTest store(world.HostEnv("b").file_system(), kFolder, kNewLeader);
    ASSERT_EQ(store.Open(), absl::OkStatus()) << what;
    ASSERT_EQ(store.Claim(), absl::OkStatus()) << what;
    EXPECT_GE(store.newest.manifest.checkpoint, known.published) << what;
    EXPECT_LE(store.newest.manifest.checkpoint.value(), known.published.value() + 1) << what;
    EXPECT_GT(store.next, known.used) << what;
    if (!store.newest.manifest.none()) {
      EXPECT_EQ(store.Load().status(), absl::OkStatus()) << what;
    }
    EXPECT_EQ(store.Checkpoint(), absl::OkStatus()) << what;
    EXPECT_EQ(store.Load().status(), absl::OkStatus()) << what;
    // Whatever the crash left behind is gone: hello, pointer, manifest, two state files.
    EXPECT_EQ(world.HostEnv("b").file_system().List(kFolder)->size(), 5u) << what;
  });
  EXPECT_TRUE(ran) << what;
}

TEST(StoreCrashTest, PowerMayGoAtEveryOperation) {
  uint64_t calls = 0;
  {
    sim::SimWorld world(sim::Seed(1));
    ASSERT_EQ(Work(world).size(), 2u * kCheckpoints);
    calls = world.file_calls("a");
  }
  ASSERT_GT(calls, 50u);
  uint64_t deaths = 0;
  for (uint64_t call = 1; call <= calls; ++call) {
    for (uint64_t seed = 1; seed <= 6; ++seed) {
      sim::SimWorld world(sim::Seed(seed * 1000 + call));
      world.HostEnv("a");
      world.DieAtFileCall("a", {.countdown = call, .takes_effect = seed % 2 == 0},
                          {.power_off = true});
      Report known = {0, CheckpointId(0), CheckpointId(0)};
      for (const Report& report : Work(world)) {
        if (report.calls < call) known = report;
      }
      deaths += world.alive("a") ? 0 : 1;
      Recover(world, known, "call " + std::to_string(call) + ", seed " + std::to_string(seed));
    }
  }
  EXPECT_EQ(deaths, calls * 6);
}

TEST(StoreCrashTest, WhatASubtaskAcknowledgedOutlivesItsMachine) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    sim::SimWorld world{sim::Seed{seed}};
    std::optional<StoreUnderTest> master;
    RunOn(world, "a", [&] {
      master.emplace(world.HostEnv("a").file_system(), kFolder, kFirst);
      ASSERT_EQ(master->Open(), absl::OkStatus());
      ASSERT_EQ(master->Claim(), absl::OkStatus());
    });
    std::map<SubtaskId, proto::SubtaskSnapshot> snapshots;
    RunOn(world, "t", [&] {
      StoreUnderTest subtasks(world.HostEnv("t").file_system(), kFolder, kFirst);
      subtasks.next = master->next;
      ASSERT_EQ(subtasks.WriteState(snapshots), absl::OkStatus());
    });
    RunOn(world, "a", [&] {
      ASSERT_EQ(master->WriteManifest(snapshots), absl::OkStatus());
      ASSERT_EQ(master->Publish(), absl::OkStatus());
    });
    const Report known = {0, master->newest.manifest.checkpoint, master->written.checkpoint};
    world.Kill("t", {.power_off = true});
    world.Kill("a", {.power_off = true});
    Recover(world, known, "seed " + std::to_string(seed));
  }
}

TEST(StoreCrashTest, ADeploymentThatSleptNeverPublishesAgain) {
  // Between any two operations of the old one, the new one takes over and completes some checkpoints.
  int fenced = 0;
  for (uint64_t at = 1; at < 100; ++at) {
    for (int checkpoints = 0; checkpoints <= 2; ++checkpoints) {
      sim::SimWorld world{sim::Seed{at}};
      RunOn(world, "a", [&] {
        FileSystem& files = world.HostEnv("a").file_system();
        StoreUnderTest young(files, kFolder, kNewLeader);
        uint64_t operations = 0;
        CheckpointId seen;
        StoreUnderTest old(files, kFolder, kFirst, [&] {
          if (++operations != at) return;
          ASSERT_EQ(young.Open(), absl::OkStatus());
          ASSERT_EQ(young.Claim(), absl::OkStatus());
          seen = young.newest.manifest.checkpoint;
          for (int i = 0; i < checkpoints; ++i) ASSERT_EQ(young.Checkpoint(), absl::OkStatus());
        });
        CheckpointId published;
        absl::Status status = old.Open();
        if (status.ok()) status = old.Claim();
        for (int i = 0; status.ok() && i < kCheckpoints; ++i) {
          status = old.Checkpoint();
          published = old.newest.manifest.checkpoint;
        }
        if (operations < at) return;
        // What it believes to be published is in the history of the new one.
        EXPECT_LE(published, seen) << "at " << at;
        EXPECT_FALSE(status.ok()) << "at " << at;
        ++fenced;
        if (!young.newest.manifest.none()) {
          EXPECT_EQ(young.Load().status(), absl::OkStatus()) << "at " << at;
        }
        EXPECT_EQ(young.Checkpoint(), absl::OkStatus()) << "at " << at;
      });
    }
  }
  EXPECT_GT(fenced, 100);
}

}  // namespace
}  // namespace weir
