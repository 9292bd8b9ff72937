#include "core/cluster/slot_table.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

using ::testing::ElementsAre;
using ::testing::Optional;

TEST(SlotTableTest, SpreadsSlotsOverTaskManagers) {
  SlotTable table;
  table.Add("a", 1, 2);
  table.Add("b", 1, 4);
  EXPECT_THAT(table.Allocate("job", 4), Optional(ElementsAre("b", "b", "a", "b")));
  EXPECT_EQ(table.free_slots(), 2);
}

TEST(SlotTableTest, TakesNothingIfThereAreTooFew) {
  SlotTable table;
  table.Add("a", 1, 2);
  EXPECT_FALSE(table.Allocate("job", 3).has_value());
  EXPECT_EQ(table.free_slots(), 2);
}

TEST(SlotTableTest, FreesWhatOneJobHolds) {
  SlotTable table;
  table.Add("a", 1, 3);
  ASSERT_TRUE(table.Allocate("one", 1).has_value());
  ASSERT_TRUE(table.Allocate("two", 2).has_value());
  table.Free("two");
  EXPECT_EQ(table.free_slots(), 2);
  table.Free("unknown");
  EXPECT_EQ(table.free_slots(), 2);
}

TEST(SlotTableTest, ANewIncarnationHoldsNothing) {
  SlotTable table;
  table.Add("a", 1, 2);
  ASSERT_TRUE(table.Allocate("job", 2).has_value());
  table.Add("a", 2, 2);
  EXPECT_EQ(table.free_slots(), 2);
  EXPECT_FALSE(table.Contains("a", 1));
  EXPECT_TRUE(table.Contains("a", 2));
}

TEST(SlotTableTest, LosesTheSlotsOfARemovedTaskManager) {
  SlotTable table;
  table.Add("a", 1, 2);
  table.Add("b", 1, 1);
  table.Remove("a");
  EXPECT_EQ(table.total_slots(), 1);
  EXPECT_THAT(table.addresses(), ElementsAre("b"));
}

}  // namespace
}  // namespace weir
