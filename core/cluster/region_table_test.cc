#include "core/cluster/region_table.h"

#include <vector>

#include "gtest/gtest.h"

namespace weir {
namespace {

using Regions = RegionTable::Regions;

constexpr RegionId kA(0), kB(1), kC(2);

// Subtasks 0 and 2 are region A, 1 is B, 3 is C.
RegionTable Three() {
  PipelinedRegions regions;
  regions.of_subtask = {kA, kB, kA, kC};
  regions.subtasks = {{SubtaskId(0), SubtaskId(2)}, {SubtaskId(1)}, {SubtaskId(3)}};
  return RegionTable(regions);
}

TEST(RegionTableTest, AllRegionsBeginTogether) {
  RegionTable table = Three();
  EXPECT_TRUE(table.running().empty());
  EXPECT_EQ(table.Begin(AttemptNumber(1)), table.all());
  EXPECT_EQ(table.starting(), table.all());
  table.OnStarted();
  EXPECT_TRUE(table.starting().empty());
  EXPECT_EQ(table.running(), (Regions{kA, kB, kC}));
  EXPECT_EQ(table.attempt(SubtaskId(2)), AttemptNumber(1));
}

TEST(RegionTableTest, WhatDoesNotFailRunsOnInItsAttempt) {
  RegionTable table = Three();
  table.Begin(AttemptNumber(1));
  table.OnStarted();
  EXPECT_EQ(table.TakeDown({kA}), Regions{kA});
  EXPECT_FALSE(table.runs(SubtaskId(0)));
  EXPECT_TRUE(table.runs(SubtaskId(1)));
  // It is down already.
  EXPECT_TRUE(table.TakeDown({kA}).empty());
  EXPECT_EQ(table.Begin(AttemptNumber(2)), Regions{kA});
  EXPECT_EQ(table.attempt(SubtaskId(0)), AttemptNumber(2));
  EXPECT_EQ(table.attempt(SubtaskId(1)), AttemptNumber(1));
  EXPECT_EQ(table.SubtasksOf(table.starting()),
            (std::vector<SubtaskId>{SubtaskId(0), SubtaskId(2)}));
}

TEST(RegionTableTest, WhatIsBeingDeployedGoesDownWithWhatFails) {
  RegionTable table = Three();
  table.Begin(AttemptNumber(1));
  table.OnStarted();
  table.TakeDown({kA});
  table.Begin(AttemptNumber(2));
  EXPECT_EQ(table.TakeDown({kB}), (Regions{kA, kB}));
  EXPECT_EQ(table.running(), Regions{kC});
  EXPECT_EQ(table.Begin(AttemptNumber(3)), (Regions{kA, kB}));
  table.OnStarted();
  // Once it is deployed, it is no concern of the others.
  EXPECT_EQ(table.TakeDown({kB}), Regions{kB});
}

TEST(RegionTableTest, FailuresWhileRegionsAreDownAddUp) {
  RegionTable table = Three();
  table.Begin(AttemptNumber(1));
  table.OnStarted();
  table.TakeDown({kA});
  EXPECT_EQ(table.TakeDown({kA, kC}), Regions{kC});
  EXPECT_EQ(table.Begin(AttemptNumber(2)), (Regions{kA, kC}));
}

}  // namespace
}  // namespace weir
