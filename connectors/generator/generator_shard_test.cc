#include "connectors/generator/generator_shard.h"

#include <limits>
#include <set>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

TEST(GeneratorShard, ShardsCoverEveryRowOnce) {
  for (const int64_t count : {1, 2, 3, 7, 50}) {
    std::set<int64_t> rows;
    for (const SourceSplit& split : PlanGeneratorShards(10, count)) {
      const auto shard = DecodeGeneratorShard(split.payload);
      ASSERT_TRUE(shard.ok());
      for (int64_t row = shard->first; row < shard->end; row += shard->stride) {
        EXPECT_TRUE(rows.insert(row).second);
      }
    }
    EXPECT_EQ(rows.size(), 10u);
  }
  EXPECT_TRUE(PlanGeneratorShards(0, 3).empty());
}

TEST(GeneratorShard, DamageIsAnError) {
  const std::string payload = EncodeGeneratorShard({1, 2, 3});
  for (size_t size = 0; size < payload.size(); ++size) {
    EXPECT_TRUE(absl::IsDataLoss(DecodeGeneratorShard(payload.substr(0, size)).status()));
  }
  EXPECT_FALSE(DecodeGeneratorShard(EncodeGeneratorShard({1, 0, 3})).ok());
}

TEST(GeneratorShard, SkipsToItsOwnRowsOnly) {
  const GeneratorShard shard{.first = 1, .stride = 3, .end = 10};
  for (const int64_t row : {1, 4, 7, 10}) {
    GeneratorShard skipped = shard;
    EXPECT_TRUE(SkipTo(row, skipped).ok()) << row;
    EXPECT_EQ(skipped, (GeneratorShard{.first = row, .stride = 3, .end = 10}));
  }
  for (const int64_t row : {-2, 0, 2, 9, 11, 13}) {
    GeneratorShard skipped = shard;
    EXPECT_TRUE(absl::IsDataLoss(SkipTo(row, skipped))) << row;
  }
}

}  // namespace
}  // namespace weir
