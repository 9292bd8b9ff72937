#include "core/cluster/split_assigner.h"

#include <vector>

#include "gtest/gtest.h"

namespace weir {
namespace {

std::vector<SourceSplit> Splits(uint32_t count) {
  std::vector<SourceSplit> splits;
  for (uint32_t i = 0; i < count; ++i) splits.push_back({.id = SplitId(i), .payload = ""});
  return splits;
}

TEST(SplitAssignerTest, GivesSplitsInOrderToWhoAsksAndTellsAllWhenTheLastIsGone) {
  SplitAssigner assigner(Splits(2), 3);
  auto first = assigner.OnRequest(1);
  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(first[0].first, 1);
  EXPECT_EQ(first[0].second.add_split->id, SplitId(0));

  auto second = assigner.OnRequest(0);
  ASSERT_EQ(second.size(), 4u);
  EXPECT_EQ(second[0].first, 0);
  EXPECT_EQ(second[0].second.add_split->id, SplitId(1));
  for (int reader = 0; reader < 3; ++reader) {
    EXPECT_EQ(second[static_cast<size_t>(reader) + 1].first, reader);
    EXPECT_TRUE(second[static_cast<size_t>(reader) + 1].second.no_more_splits);
  }
  EXPECT_EQ(assigner.unassigned(), 0u);
  EXPECT_TRUE(assigner.OnRequest(2).empty()) << "everybody has been told";
}

TEST(SplitAssignerTest, ASourceWithoutSplitsEndsAtTheFirstRequest) {
  SplitAssigner assigner({}, 2);
  auto events = assigner.OnRequest(1);
  ASSERT_EQ(events.size(), 2u);
  EXPECT_TRUE(events[0].second.no_more_splits);
  EXPECT_TRUE(events[1].second.no_more_splits);
}

}  // namespace
}  // namespace weir
