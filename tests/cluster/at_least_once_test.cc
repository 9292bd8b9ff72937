// At least once and exactly once on the same schedules: a fast and a slow source meet in one subtask, which fails once. Simulated,
// so that a seed decides when which barrier comes.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <vector>

#include "connectors/collect/collect_sink.h"
#include "connectors/generator/generator_source.h"
#include "gtest/gtest.h"
#include "tests/cluster/job_runner.h"
#include "weir/weir.h"

namespace weir {
namespace {

constexpr int64_t kFastRows = 2000;
constexpr int64_t kSlowRows = 200;
constexpr int kSeeds = 20;

GeneratorSource<int64_t> Numbers(int64_t from, int64_t count, int64_t rows_per_second) {
  return GeneratorSource<int64_t>(
      [from](int64_t index, GeneratorRandom&) { return from + index; },
      {.count = count, .rows_per_second = rows_per_second, .shards = 1});
}

struct Seen {
  std::vector<int64_t> lost;
  int64_t duplicates = 0;
  int64_t others = 0;
};

class AtLeastOnceTest : public ::testing::Test {
 protected:
  // Throws at one fast row, the first time that it comes.
  static Seen Run(uint64_t seed, CheckpointMode mode) {
    CollectSink<int64_t> sink;
    auto failed = std::make_shared<bool>(false);
    RunOptions options;
    options.simulated_seed = seed;
    options.checkpoint_interval = absl::Milliseconds(50);
    options.checkpoint_mode = mode;
    options.restart_attempts = 3;
    const RunOutcome run = RunJob([&] { return Build(sink, failed); }, options);
    EXPECT_EQ(run.result.state, JobState::kFinished) << run.result.status;
    EXPECT_EQ(run.result.restarts, 1);
    return Count(sink.rows());
  }

 private:
  static absl::StatusOr<JobGraph> Build(const CollectSink<int64_t>& sink,
                                        const std::shared_ptr<bool>& failed) {
    StreamExecutionEnvironment env("union");
    auto fast =
        env.FromSource(Numbers(0, kFastRows, 1000), WatermarkStrategy<int64_t>::NoWatermarks())
            .Uid("fast");
    auto slow = env.FromSource(Numbers(kFastRows, kSlowRows, 100),
                               WatermarkStrategy<int64_t>::NoWatermarks())
                    .Uid("slow");
    fast.Union(slow)
        .Map([failed](int64_t number) {
          if (number == kFastRows * 3 / 4 && !*failed) {
            *failed = true;
            throw std::runtime_error("planned failure");
          }
          return number;
        })
        .SinkTo(sink)
        .Uid("sink");
    return env.BuildJobGraph();
  }

  static Seen Count(const std::vector<int64_t>& rows) {
    std::vector<int64_t> times(kFastRows + kSlowRows, 0);
    Seen seen;
    for (const int64_t row : rows) {
      if (row < 0 || row >= kFastRows + kSlowRows) {
        ++seen.others;
      } else if (++times[static_cast<size_t>(row)] > 1) {
        ++seen.duplicates;
      }
    }
    for (size_t row = 0; row < times.size(); ++row) {
      if (times[row] == 0) seen.lost.push_back(static_cast<int64_t>(row));
    }
    return seen;
  }
};

TEST_F(AtLeastOnceTest, LosesNothingAndMayRepeatWhatPassedABarrierThatWasWaitedFor) {
  int64_t duplicates = 0;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Seen seen = Run(seed, CheckpointMode::kAtLeastOnce);
    EXPECT_TRUE(seen.lost.empty()) << "seed " << seed << " lost " << seen.lost.front();
    EXPECT_EQ(seen.others, 0) << "seed " << seed;
    duplicates += seen.duplicates;
  }
  // Rows behind a barrier went on while the other source's barrier was waited for: no channel was blocked.
  EXPECT_GT(duplicates, 0);
}

TEST_F(AtLeastOnceTest, ExactlyOnceRepeatsNothingOnTheSameSchedules) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Seen seen = Run(seed, CheckpointMode::kExactlyOnce);
    EXPECT_TRUE(seen.lost.empty()) << "seed " << seed << " lost " << seen.lost.front();
    EXPECT_EQ(seen.duplicates, 0) << "seed " << seed;
    EXPECT_EQ(seen.others, 0) << "seed " << seed;
  }
}

}  // namespace
}  // namespace weir
