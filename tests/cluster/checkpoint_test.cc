// Checkpoints and recovery of whole jobs: what is visible at the end is exact, however often the job failed and whatever its
// attempts had begun.
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/cluster/job_runner.h"
#include "tests/cluster/orders_job.h"

namespace weir {
namespace {

// The parameter: simulated or on threads.
class CheckpointTest : public ::testing::TestWithParam<bool> {
 protected:
  RunOptions Options(int parallelism, uint64_t seed = 1) {
    RunOptions options;
    options.parallelism = parallelism;
    options.checkpoint_interval = absl::Milliseconds(20);
    if (GetParam()) {
      options.simulated_seed = seed;
    } else {
      folder_ = std::string(std::getenv("TEST_TMPDIR")) + "/checkpoints-" +
                std::to_string(::getpid()) + "-" + std::to_string(++folders_);
      options.checkpoint_folder = folder_;
    }
    return options;
  }
  static std::vector<Total> Sorted(std::vector<Total> rows) {
    std::sort(rows.begin(), rows.end());
    return rows;
  }

 private:
  std::string folder_;
  static inline std::atomic<int> folders_ = 0;  // Every run has a folder of its own.
};

INSTANTIATE_TEST_SUITE_P(Envs, CheckpointTest, ::testing::Values(false, true),
                         [](const auto& info) { return info.param ? "Simulated" : "Threads"; });

TEST_P(CheckpointTest, CheckpointsDoNotChangeTheResult) {
  // Simulated rows cost up to a millisecond in each subtask: so few per second that there is time between them.
  const OrdersJobOptions job{
      .orders = 2000, .shards = 0, .rows_per_second = GetParam() ? 400 : 4000, .on_order = nullptr};
  for (int parallelism : {1, 3}) {
    CollectSink<Total> sink;
    const RunOutcome run = RunJob([&] { return BuildTotals(sink, job); }, Options(parallelism));
    ASSERT_EQ(run.result.state, JobState::kFinished) << run.result.status;
    EXPECT_GE(run.result.checkpoints, 5u);
    EXPECT_EQ(Sorted(sink.rows()), ExpectedTotals(job));
  }
}

TEST_P(CheckpointTest, AFailedJobGoesOnFromItsLastCheckpoint) {
  for (int parallelism : {1, 2, 3}) {
    // Every 400th order brings its subtask down, the first three times.
    auto failures = std::make_shared<std::atomic<int>>(0);
    const OrdersJobOptions job{
        .orders = 2000,
        .shards = 0,
        .rows_per_second = 4000,
        .on_order = [failures](const Order& order) {
          if (order.id % 400 == 399 && *failures < 3 && order.id > 400 * *failures) {
            ++*failures;
            throw std::runtime_error("planned failure");
          }
        }};
    CollectSink<Total> sink;
    RunOptions options = Options(parallelism);
    options.restart_attempts = 10;
    const RunOutcome run = RunJob([&] { return BuildTotals(sink, job); }, options);
    ASSERT_EQ(run.result.state, JobState::kFinished) << run.result.status;
    EXPECT_GE(run.result.restarts, 1);
    EXPECT_EQ(Sorted(sink.rows()), ExpectedTotals(job)) << "parallelism " << parallelism;
  }
}

TEST_P(CheckpointTest, AJobThatFailsTooOftenFails) {
  const OrdersJobOptions job{
      .orders = 2000, .shards = 0, .rows_per_second = 4000, .on_order = [](const Order& order) {
        if (order.id == 700) throw std::runtime_error("always");
      }};
  CollectSink<Total> sink;
  RunOptions options = Options(2);
  options.restart_attempts = 3;
  const RunOutcome run = RunJob([&] { return BuildTotals(sink, job); }, options);
  EXPECT_EQ(run.result.state, JobState::kFailed);
  EXPECT_EQ(run.result.restarts, 3);
  EXPECT_THAT(std::string(run.result.status.message()), ::testing::HasSubstr("always"));
}

}  // namespace
}  // namespace weir
