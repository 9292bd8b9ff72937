#include "core/runtime/barrier_aligner.h"

#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "gtest/gtest.h"

namespace weir {
namespace {

CheckpointBarrier Barrier(uint64_t id, BarrierKind kind = BarrierKind::kAligned) {
  return {CheckpointId(id), kind};
}

TEST(BarrierAlignerTest, BlocksChannelsUntilTheLastBarrierHasCome) {
  BarrierAligner aligner(3);
  EXPECT_FALSE(aligner.OnBarrier(1, Barrier(1)).snapshot.has_value());
  EXPECT_TRUE(aligner.blocked(1));
  EXPECT_FALSE(aligner.blocked(0));
  EXPECT_FALSE(aligner.OnBarrier(0, Barrier(1)).snapshot.has_value());
  EXPECT_EQ(aligner.OnBarrier(2, Barrier(1)).snapshot, Barrier(1));
  for (size_t channel = 0; channel < 3; ++channel) EXPECT_FALSE(aligner.blocked(channel));
  EXPECT_FALSE(aligner.aligning());
}

TEST(BarrierAlignerTest, OneChannelAlignsAtOnce) {
  BarrierAligner aligner(1);
  EXPECT_EQ(aligner.OnBarrier(0, Barrier(4)).snapshot, Barrier(4));
}

TEST(BarrierAlignerTest, AtLeastOnceBlocksNothing) {
  BarrierAligner aligner(2);
  EXPECT_FALSE(aligner.OnBarrier(0, Barrier(1, BarrierKind::kAtLeastOnce)).snapshot.has_value());
  EXPECT_FALSE(aligner.blocked(0));
  EXPECT_TRUE(aligner.OnBarrier(1, Barrier(1, BarrierKind::kAtLeastOnce)).snapshot.has_value());
}

TEST(BarrierAlignerTest, ANewerCheckpointGivesUpTheOneThatWaits) {
  BarrierAligner aligner(2);
  aligner.OnBarrier(0, Barrier(1));
  const auto decision = aligner.OnBarrier(1, Barrier(2));
  EXPECT_EQ(decision.given_up, CheckpointId(1));
  EXPECT_FALSE(decision.snapshot.has_value());
  EXPECT_FALSE(aligner.blocked(0)) << "its barrier was of the old checkpoint";
  EXPECT_TRUE(aligner.blocked(1));
  EXPECT_EQ(aligner.OnBarrier(0, Barrier(2)).snapshot, Barrier(2));
}

TEST(BarrierAlignerTest, BarriersOfDoneAndAbortedCheckpointsAreIgnored) {
  BarrierAligner aligner(2);
  aligner.OnBarrier(0, Barrier(1));
  aligner.OnAborted(CheckpointId(1));
  EXPECT_FALSE(aligner.blocked(0));
  EXPECT_FALSE(aligner.OnBarrier(1, Barrier(1)).snapshot.has_value());
  EXPECT_FALSE(aligner.aligning());
  aligner.OnBarrier(0, Barrier(2));
  EXPECT_TRUE(aligner.OnBarrier(1, Barrier(2)).snapshot.has_value());
  EXPECT_FALSE(aligner.OnBarrier(0, Barrier(2)).snapshot.has_value());
  EXPECT_FALSE(aligner.aligning());
}

// Whatever the order in which channels are read, a snapshot holds exactly what came before the barrier on each of them.
TEST(BarrierAlignerTest, SnapshotsAreConsistentCuts) {
  uint64_t state = 7;
  auto draw = [&state](uint64_t bound) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state >> 33) % bound;
  };
  for (int round = 0; round < 2000; ++round) {
    const size_t channels = 1 + draw(5);
    // Per channel: rows (0) and barriers (1, 2, 3 in order).
    std::vector<std::deque<uint64_t>> queues(channels);
    std::vector<std::map<uint64_t, int>> before(channels);
    for (size_t c = 0; c < channels; ++c) {
      int rows = 0;
      for (uint64_t id = 1; id <= 3; ++id) {
        for (uint64_t n = draw(6); n > 0; --n, ++rows) queues[c].push_back(0);
        queues[c].push_back(id);
        before[c][id] = rows;
      }
    }
    BarrierAligner aligner(channels);
    std::vector<int> taken(channels, 0);
    uint64_t snapshots = 0;
    for (;;) {
      std::vector<size_t> ready;
      for (size_t c = 0; c < channels; ++c) {
        if (!queues[c].empty() && !aligner.blocked(c)) ready.push_back(c);
      }
      if (ready.empty()) break;
      const size_t c = ready[draw(ready.size())];
      const uint64_t element = queues[c].front();
      queues[c].pop_front();
      if (element == 0) {
        ++taken[c];
        continue;
      }
      if (auto snapshot = aligner.OnBarrier(c, Barrier(element)).snapshot) {
        ++snapshots;
        ASSERT_EQ(snapshot->checkpoint, CheckpointId(snapshots));
        for (size_t i = 0; i < channels; ++i)
          ASSERT_EQ(taken[i], before[i][snapshots]) << "channel " << i;
      }
    }
    ASSERT_EQ(snapshots, 3u) << "no checkpoint is lost when barriers come in order";
  }
}

}  // namespace
}  // namespace weir
