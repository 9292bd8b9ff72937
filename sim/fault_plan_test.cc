#include "sim/fault_plan.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace weir::sim {
namespace {

FaultPlanOptions Options() {
  return {.machines = {"jm", "tm-1", "tm-2"},
          .messages = {{"jm", {"Deploy"}}, {"tm-1", {"Acknowledge", "Report"}}}};
}

TEST(FaultPlanTest, PlansAreReadAsTheyAreWritten) {
  size_t lines = 0;
  for (uint64_t seed = 0; seed < 500; ++seed) {
    const FaultPlan plan = GenerateFaultPlan(Seed(seed), Options());
    const std::string text = FormatFaultPlan(plan);
    const auto parsed = ParseFaultPlan(text);
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    ASSERT_EQ(*parsed, plan) << text;
    lines += plan.size();
  }
  EXPECT_GT(lines, 5000u);
}

TEST(FaultPlanTest, ALineSaysAllThatIsNotTheDefault) {
  const auto plan = ParseFaultPlan(
      "# the second TaskManager goes first\n"
      "\n"
      "kill at=1.5s for=3s machine=tm-1 power=off wipe=yes resets=no\n"
      "file-crash at=2s for=1s machine=jm op=link path=pointer- nth=2 before=yes\n"
      "  partition for=12s machine=tm-1 peer=jm ways=both at=4s\n"
      "lose-connection at=5s machine=tm-1 peer=jm sides=target\n"
      "clock-jump at=6s for=1m machine=jm amount=-3600000000000\n"
      "pause at=7s for=1s machine=tm-1 after=AcknowledgeCheckpoint nth=3\n"
      "stall at=20ms for=2s machine=tm-1 since=end\n");
  ASSERT_TRUE(plan.ok()) << plan.status();
  ASSERT_EQ(plan->size(), 7u);
  EXPECT_FALSE((*plan)[5].since_end);
  EXPECT_TRUE((*plan)[6].since_end);
  EXPECT_EQ((*plan)[5].message, "AcknowledgeCheckpoint");
  EXPECT_EQ((*plan)[1].path_part, "pointer-");
  EXPECT_EQ((*plan)[1].nth, 2u);
  EXPECT_EQ((*plan)[2].at, absl::Seconds(4));
  EXPECT_EQ((*plan)[3].sides, LossSides::kTarget);
  EXPECT_EQ(FormatFaultPlan(*plan),
            "kill at=1.5s for=3s machine=tm-1 power=off wipe=yes resets=no\n"
            "file-crash at=2s for=1s machine=jm op=link path=pointer- nth=2 before=yes\n"
            "partition at=4s for=12s machine=tm-1 peer=jm ways=both\n"
            "lose-connection at=5s machine=tm-1 peer=jm sides=target\n"
            "clock-jump at=6s for=1m machine=jm amount=-3600000000000\n"
            "pause at=7s for=1s machine=tm-1 after=AcknowledgeCheckpoint nth=3\n"
            "stall at=20ms for=2s machine=tm-1 since=end\n");
}

TEST(FaultPlanTest, SomeFaultsWaitForAMessageThatTheirMachineSends) {
  std::map<std::string, int> waits;
  int all = 0;
  for (uint64_t seed = 0; seed < 500; ++seed) {
    for (const Fault& fault : GenerateFaultPlan(Seed(seed), Options())) {
      all += MayWaitForMessage(fault.kind) ? 1 : 0;
      if (fault.message.empty()) continue;
      EXPECT_TRUE(MayWaitForMessage(fault.kind));
      ++waits[fault.machine + " " + fault.message];
    }
  }
  EXPECT_EQ(waits.size(), 3u);
  EXPECT_GT(waits["jm Deploy"], all / 20);
}

TEST(FaultPlanTest, BadLinesAreRefusedByNumber) {
  for (const char* line :
       {"explode machine=a", "kill", "kill machine=a color=red", "kill machine=a at=soon",
        "kill machine=a at=-1s", "kill machine=a power=on", "kill machine=a machine=b",
        "kill machine=a nth=0", "kill machine=a since=start", "partition machine=a", "kill machine",
        "pause machine=a amount=x", "lose-connection machine=a peer=b sides=none",
        "stall machine=a after=Ping"}) {
    const auto plan = ParseFaultPlan(std::string("kill machine=a\n") + line + "\n");
    EXPECT_TRUE(absl::IsInvalidArgument(plan.status())) << line;
    EXPECT_NE(plan.status().ToString().find("line 2"), std::string::npos) << plan.status();
  }
}

TEST(FaultPlanTest, EveryKindIsInSomePlansAndOutOfOthers) {
  constexpr int kSeeds = 1000;
  std::map<FaultKind, int> in;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    const FaultPlan plan = GenerateFaultPlan(Seed(seed), Options());
    for (int i = 0; i < kFaultKinds; ++i) {
      in[static_cast<FaultKind>(i)] +=
          std::any_of(plan.begin(), plan.end(),
                      [&](const Fault& fault) { return static_cast<int>(fault.kind) == i; });
    }
    EXPECT_TRUE(std::is_sorted(plan.begin(), plan.end(),
                               [](const Fault& a, const Fault& b) { return a.at < b.at; }));
  }
  for (const auto& [kind, count] : in) {
    EXPECT_GT(count, kSeeds * 2 / 5) << FaultKindName(kind);
    EXPECT_LT(count, kSeeds * 3 / 5) << FaultKindName(kind);
  }
}

TEST(FaultPlanTest, LeavingAKindOutMovesNoOther) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    FaultPlanOptions options = Options();
    FaultPlan all = GenerateFaultPlan(Seed(seed), options);
    options.without = {FaultKind::kKill, FaultKind::kDiskFull};
    const FaultPlan fewer = GenerateFaultPlan(Seed(seed), options);
    std::erase_if(all, [&](const Fault& fault) { return options.without.contains(fault.kind); });
    EXPECT_EQ(fewer, all);
  }
}

TEST(FaultPlanTest, OneMachineHasNoLinks) {
  const FaultPlan plan = GenerateFaultPlan(Seed(1), {.machines = {"only"}, .kind_chance = 1000});
  EXPECT_GT(plan.size(), 10u);
  for (const Fault& fault : plan) EXPECT_EQ(fault.peer, "") << FormatFault(fault);
}

}  // namespace
}  // namespace weir::sim
