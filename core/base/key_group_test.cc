#include "core/base/key_group.h"

#include <cstdint>

#include "core/testing/property.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

TEST(KeyGroupTest, IsTheTopBitsOfTheHash) {
  EXPECT_EQ(KeyGroupOfHash(~uint64_t{0}, 128), KeyGroupId(127));
  EXPECT_EQ(KeyGroupOfHash(uint64_t{1} << 57, 128), KeyGroupId(1));
  EXPECT_EQ(KeyGroupOfHash(~uint64_t{0}, 1), KeyGroupId(0));
  EXPECT_EQ(KeyGroupOfHash(~uint64_t{0}, 32768), KeyGroupId(32767));
  EXPECT_EQ(KeyGroupOfHash(1, 32768), KeyGroupId(0));
}

TEST(KeyGroupTest, RangesAreThoseOfFlink) {
  // KeyGroupRangeAssignment.computeKeyGroupRangeForOperatorIndex(128, 3, i), ends made exclusive.
  EXPECT_EQ(KeyGroupRangeForSubtask(0, 128, 3), (KeyGroupRange{0, 43}));
  EXPECT_EQ(KeyGroupRangeForSubtask(1, 128, 3), (KeyGroupRange{43, 86}));
  EXPECT_EQ(KeyGroupRangeForSubtask(2, 128, 3), (KeyGroupRange{86, 128}));
}

// For every group: exactly the subtask that SubtaskForKeyGroup names owns it.
void ExpectPartition(int max_parallelism, int parallelism) {
  uint32_t next = 0;
  for (int index = 0; index < parallelism; ++index) {
    const KeyGroupRange range = KeyGroupRangeForSubtask(index, max_parallelism, parallelism);
    ASSERT_EQ(range.begin, next) << index << " of " << parallelism << ", max " << max_parallelism;
    ASSERT_FALSE(range.empty());
    for (uint32_t group = range.begin; group < range.end; ++group) {
      ASSERT_EQ(SubtaskForKeyGroup(KeyGroupId(group), max_parallelism, parallelism), index);
    }
    next = range.end;
  }
  ASSERT_EQ(next, static_cast<uint32_t>(max_parallelism));
}

TEST(KeyGroupTest, RangesPartitionForAllParallelismsUpTo512) {
  for (int max_parallelism = 1; max_parallelism <= 512; max_parallelism *= 2) {
    for (int parallelism = 1; parallelism <= max_parallelism; ++parallelism) {
      ExpectPartition(max_parallelism, parallelism);
    }
  }
}

WEIR_PROPERTY(KeyGroupTest, RangesPartition) {
  const int max_parallelism = 1 << *rc::gen::inRange(0, 16);
  ExpectPartition(max_parallelism, *rc::gen::inRange(1, max_parallelism + 1));
}

WEIR_PROPERTY(KeyGroupTest, HashesGoToTheOwnerOfTheirGroup, uint64_t hash) {
  const int max_parallelism = 1 << *rc::gen::inRange(0, 16);
  const int parallelism = *rc::gen::inRange(1, max_parallelism + 1);
  const int subtask = SubtaskForHash(hash, max_parallelism, parallelism);
  RC_ASSERT(KeyGroupRangeForSubtask(subtask, max_parallelism, parallelism)
                .Contains(KeyGroupOfHash(hash, max_parallelism)));
}

TEST(KeyGroupTest, ValidationSaysWhatToWrite) {
  EXPECT_TRUE(ValidateMaxParallelism(1).ok());
  EXPECT_TRUE(ValidateMaxParallelism(32768).ok());
  EXPECT_EQ(ValidateMaxParallelism(100).message(),
            "max parallelism 100 must be a power of two between 1 and 32768; write 64 or 128");
  for (const int bad : {0, -1, -2147483647 - 1, 65536, 2147483647}) {
    EXPECT_FALSE(ValidateMaxParallelism(bad).ok()) << bad;
  }
  EXPECT_TRUE(ValidateParallelism(128, 128).ok());
  EXPECT_FALSE(ValidateParallelism(129, 128).ok());
  EXPECT_FALSE(ValidateParallelism(0, 128).ok());
}

}  // namespace
}  // namespace weir
