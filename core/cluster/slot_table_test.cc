#include "core/cluster/slot_table.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

using ::testing::ElementsAre;
using ::testing::Optional;

TEST(SlotTableTest, SpreadsSlotsOverTaskManagers) {
  SlotTable table;
  table.Add("a", 2, false);
  table.Add("b", 4, false);
  EXPECT_THAT(table.Allocate("job", 4), Optional(ElementsAre("b", "b", "a", "b")));
  EXPECT_EQ(table.free_slots(), 2);
}

TEST(SlotTableTest, TakesNothingIfThereAreTooFew) {
  SlotTable table;
  table.Add("a", 2, false);
  EXPECT_FALSE(table.Allocate("job", 3).has_value());
  EXPECT_EQ(table.free_slots(), 2);
}

TEST(SlotTableTest, FreesWhatOneJobHolds) {
  SlotTable table;
  table.Add("a", 3, false);
  ASSERT_TRUE(table.Allocate("one", 1).has_value());
  ASSERT_TRUE(table.Allocate("two", 2).has_value());
  table.Free("two");
  EXPECT_EQ(table.free_slots(), 2);
  table.Free("unknown");
  EXPECT_EQ(table.free_slots(), 2);
}

TEST(SlotTableTest, ATaskManagerThatComesBackHoldsNothing) {
  SlotTable table;
  table.Add("a", 2, false);
  ASSERT_TRUE(table.Allocate("job", 2).has_value());
  table.Add("a", 2, false);
  EXPECT_EQ(table.free_slots(), 2);
}

TEST(SlotTableTest, LosesTheSlotsOfARemovedTaskManager) {
  SlotTable table;
  table.Add("a", 2, false);
  table.Add("b", 1, false);
  table.Remove("a");
  EXPECT_EQ(table.total_slots(), 1);
  EXPECT_THAT(table.addresses(), ElementsAre("b"));
}

TEST(SlotTableTest, KnowsWhoStartsWorkers) {
  SlotTable table;
  table.Add("a", 1, false);
  table.Add("b", 2, true);
  EXPECT_THAT(table.supervisors(), ElementsAre("b"));
  ASSERT_TRUE(table.Allocate("job", 3).has_value());
  EXPECT_EQ(table.Taken("job", "b"), 2);
  EXPECT_EQ(table.Taken("job", "c"), 0);
  EXPECT_EQ(table.Taken("other", "b"), 0);
}

TEST(SlotTableTest, ReplacesOnlyWhatIsLost) {
  SlotTable table;
  table.Add("a", 2, false);
  table.Add("b", 2, false);
  const std::vector<Address> before = *table.Allocate("job", 4);
  ASSERT_EQ(before, (std::vector<Address>{"a", "b", "a", "b"}));
  // Nothing is lost, and nothing changes.
  EXPECT_EQ(table.Replace("job", before), before);
  EXPECT_EQ(table.free_slots(), 0);
  table.Remove("b");
  EXPECT_EQ(table.Replace("job", before), std::nullopt);
  EXPECT_EQ(table.Taken("job", "a"), 2);
  table.Add("c", 1, false);
  EXPECT_EQ(table.Replace("job", before), std::nullopt);
  EXPECT_EQ(table.Taken("job", "c"), 0);
  // One that comes back holds nothing of the job any more.
  table.Add("b", 3, false);
  EXPECT_EQ(table.Replace("job", before), (std::vector<Address>{"a", "b", "a", "b"}));
  EXPECT_EQ(table.Taken("job", "b"), 2);
  EXPECT_EQ(table.free_slots(), 2);
}

TEST(SlotTableTest, SaysWhatIsMissing) {
  SlotTable table;
  EXPECT_EQ(table.DescribeLack(1), "it needs 1 slot; there is no TaskManager: start one");
  table.Add("a", 2, false);
  table.Add("b", 1, false);
  ASSERT_TRUE(table.Allocate("job", 2).has_value());
  EXPECT_EQ(table.DescribeLack(4),
            "it needs 4 slots; 2 TaskManagers offer 3, of which 1 is free: start another "
            "TaskManager or lower --parallelism");
}

}  // namespace
}  // namespace weir
