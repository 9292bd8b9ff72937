#include "sim/fault_injector.h"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "sim/fault_plan.h"
#include "sim/sim_world.h"
#include "sim/testing/node.h"
#include "sim/testing/ring.h"

namespace weir::sim {
namespace {

FaultPlan Plan(std::string_view text) {
  auto plan = ParseFaultPlan(text);
  EXPECT_TRUE(plan.ok()) << plan.status();
  return *std::move(plan);
}

// Healed means: every node does everything again.
void ExpectHealed(const Ring& ring) {
  for (const char* node : {"a", "b", "c"}) {
    EXPECT_GT(ring.after().Count(absl::StrCat(node, " call ok")), 90) << node;
    EXPECT_GT(ring.after().Count(absl::StrCat(node, " frame")), 80) << node;
    EXPECT_GT(ring.after().Count(absl::StrCat(node, " write ok")), 180) << node;
  }
  for (const auto& [what, count] : ring.after().counts()) {
    EXPECT_TRUE(what.ends_with(" ok") || what.ends_with(" frame") || what.ends_with(" tick") ||
                what.ends_with(" called"))
        << what << " " << count << " times after the healing";
  }
}

TEST(FaultInjectorTest, EveryKindFiresEndsAndIsOneRun) {
  for (const char* line :
       {"kill at=2s for=3s machine=a",
        "kill at=2s for=1h machine=a power=off wipe=yes",
        "file-crash at=2s for=1s machine=b op=sync nth=5",
        "file-crash at=2s for=1s machine=b op=append path=/shared before=yes power=off",
        "pause at=2s for=25s machine=c",
        "pause at=2s for=1h machine=c",
        "kill at=2s for=3s machine=a after=Ping nth=3",
        "pause at=0 for=25s machine=a after=Ping nth=20",
        "lose-connection at=2s machine=a peer=b after=Ping",
        "stall at=2s for=3s machine=a",
        "lose-connection at=2s machine=a peer=b",
        "lose-connection at=2s machine=a peer=b sides=dialer",
        "lose-connection at=2s machine=a peer=b sides=target",
        "partition at=2s for=25s machine=a peer=b ways=both",
        "partition at=2s for=1h machine=b peer=a",
        "clog at=2s for=2s machine=a peer=b",
        "delay at=2s for=10s machine=a peer=b amount=3000000000",
        "slow-link at=2s for=10s machine=a peer=b amount=1000000",
        "refuse-dials at=2s for=5s machine=b",
        "disk-full at=2s for=5s machine=a",
        "disk-full at=2s for=1h machine=shared",
        "read-errors at=2s for=5s machine=a amount=300",
        "write-errors at=2s for=5s machine=shared amount=300",
        "sync-errors at=2s for=5s machine=a amount=300",
        "slow-disk at=2s for=5s machine=a amount=500",
        "clock-jump at=2s for=5s machine=a amount=-86400000000000",
        "clock-drift at=2s for=5s machine=a amount=-300"}) {
    SCOPED_TRACE(line);
    const FaultPlan plan = Plan(line);
    Ring healthy{Seed(1)};
    Ring one{Seed(1)};
    Ring other{Seed(1)};
    ASSERT_TRUE(healthy.Run({}).ok());
    ASSERT_TRUE(one.Run(plan).ok());
    ASSERT_TRUE(other.Run(plan).ok());
    EXPECT_EQ(one.world().digest(), other.world().digest());
    EXPECT_EQ(one.before().counts(), other.before().counts());
    EXPECT_NE(one.before().counts(), healthy.before().counts()) << "nobody saw it";
    EXPECT_EQ(one.faults().fired(), (std::map<FaultKind, uint64_t>{{plan[0].kind, 1}}));
    EXPECT_EQ(one.faults().FiredText(),
              absl::StrCat(std::string(FaultKindName(plan[0].kind)), ":1"));
    ExpectHealed(one);
  }
}

TEST(FaultInjectorTest, AMessageThatIsNotSentBeginsNothing) {
  Ring ring{Seed(1)};
  ASSERT_TRUE(ring.Run(Plan("kill at=0 for=1s machine=a after=Pong\n"
                            "kill at=0 for=1s machine=a after=Ping nth=1000000\n"
                            "kill at=1s for=1s machine=b after=Ping nth=2\n"))
                  .ok());
  EXPECT_EQ(ring.faults().FiredText(), "kill:1");
  EXPECT_EQ(ring.faults().began_with_message(), 1u);
}

TEST(FaultInjectorTest, FaultsOfTheEndWaitForIt) {
  Journal journal;
  SimWorld world(Seed(1));
  for (const auto& [name, peer] : {std::pair("a", "b"), std::pair("b", "a")}) {
    world.AddProcess(name, [&journal, name = name, peer = peer](Env& env) {
      return std::make_unique<Node>(&env, name, peer, &journal);
    });
  }
  FaultInjector faults(&world);
  faults.Apply(
      Plan("kill at=1s for=1h machine=a since=end\n"
           "kill at=1s for=1h machine=b since=end after=Ping\n"
           "pause at=10s machine=b since=end\n"));
  ASSERT_TRUE(world.RunFor(absl::Seconds(5)).ok());
  // They outlast a healing that comes before.
  faults.HealAll();
  ASSERT_TRUE(world.RunFor(absl::Seconds(5)).ok());
  EXPECT_EQ(faults.FiredText(), "");
  faults.ReachEnd(absl::Seconds(4));
  ASSERT_TRUE(world.RunFor(absl::Seconds(3)).ok());
  EXPECT_FALSE(world.alive("a"));
  EXPECT_FALSE(world.alive("b"));
  ASSERT_TRUE(world.RunFor(absl::Seconds(2)).ok());
  EXPECT_TRUE(world.alive("a")) << "healed";
  faults.ReachEnd(absl::Seconds(4));
  ASSERT_TRUE(world.RunFor(absl::Seconds(20)).ok());
  EXPECT_EQ(faults.FiredText(), "kill:2");
  EXPECT_EQ(faults.began_at_end(), 2u);
}

TEST(FaultInjectorTest, WhatNobodyFeelsHasNotFired) {
  Ring ring{Seed(1)};
  ASSERT_TRUE(ring.Run(Plan("kill at=5s for=10s machine=a\n"
                            "kill at=6s machine=a\n"
                            "pause at=6s machine=a\n"
                            "stall at=6s for=1s machine=a\n"
                            "disk-full at=6s for=1s machine=a\n"
                            "file-crash at=1s machine=b op=rename\n"
                            "duplicate-opens at=1s for=1s machine=b\n"))
                  .ok());
  EXPECT_EQ(ring.faults().FiredText(), "kill:1");
  EXPECT_EQ(ring.faults().file_crashes(), 0u);
}

TEST(FaultInjectorTest, SeedsFireEveryKindAndAreOneRun) {
  constexpr int kSeeds = 40;
  std::map<FaultKind, int> fired;
  std::set<uint64_t> digests;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    SCOPED_TRACE(FormatFaultPlan(Ring::PlanOf(Seed(seed))));
    Ring one{Seed(seed)};
    Ring other{Seed(seed)};
    ASSERT_TRUE(one.Run(Ring::PlanOf(Seed(seed))).ok());
    // As printed, not as generated.
    ASSERT_TRUE(other.Run(Plan(FormatFaultPlan(Ring::PlanOf(Seed(seed))))).ok());
    EXPECT_EQ(one.world().digest(), other.world().digest());
    EXPECT_EQ(one.faults().fired(), other.faults().fired());
    ExpectHealed(one);
    digests.insert(one.world().digest());
    for (const auto& [kind, count] : one.faults().fired()) ++fired[kind];
  }
  EXPECT_EQ(digests.size(), kSeeds);
  EXPECT_EQ(fired.size(), kFaultKinds);
  for (const auto& [kind, count] : fired) EXPECT_GE(count, kSeeds / 20) << FaultKindName(kind);
}

}  // namespace
}  // namespace weir::sim
