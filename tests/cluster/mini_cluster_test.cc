// Whole jobs through JobManager, TaskManagers and data plane, on threads and simulated: results equal a plain loop's whatever the
// parallelism, the cut of batches and frames, chaining and fusion.
#include "core/cluster/mini_cluster.h"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/cluster/job_runner.h"
#include "tests/cluster/orders_job.h"
#include "weir/weir.h"

namespace weir {
namespace {

using ::testing::HasSubstr;

template <class T>
std::vector<T> Sorted(std::vector<T> rows) {
  std::sort(rows.begin(), rows.end());
  return rows;
}

// The parameter: simulated or on threads.
class MiniClusterTest : public ::testing::TestWithParam<bool> {
 protected:
  RunOptions Options(int parallelism, uint64_t seed = 1) {
    RunOptions options;
    if (GetParam()) options.simulated_seed = seed;
    options.parallelism = parallelism;
    return options;
  }
};

INSTANTIATE_TEST_SUITE_P(Envs, MiniClusterTest, ::testing::Values(false, true),
                         [](const auto& info) { return info.param ? "Simulated" : "Threads"; });

TEST_P(MiniClusterTest, WindowedTotalsEqualAPlainLoop) {
  const std::vector<Total> expected = ExpectedTotals({});
  ASSERT_GT(expected.size(), 200u);
  for (int parallelism : {1, 2, 3, 8}) {
    CollectSink<Total> sink;
    RunOptions options = Options(parallelism);
    options.cluster.task_managers = 2;
    const RunOutcome run = RunJob([&] { return BuildTotals(sink, {}); }, options);
    ASSERT_EQ(run.result.state, JobState::kFinished) << run.result.status;
    EXPECT_EQ(Sorted(sink.rows()), expected) << "parallelism " << parallelism;
    EXPECT_EQ(run.result.nodes.front().metrics.num_records_out, OrdersJobOptions().orders);
    EXPECT_EQ(run.result.nodes.back().metrics.num_records_in,
              static_cast<int64_t>(expected.size()));
    for (const NodeReport& node : run.result.nodes)
      EXPECT_EQ(node.metrics.late.count, 0) << node.name;
  }
}

TEST_P(MiniClusterTest, CutsOfBatchesAndFramesDoNotShow) {
  const std::vector<Total> expected = ExpectedTotals({});
  uint64_t seed = 100;
  for (size_t batch_rows : {1, 7, 1024}) {
    for (size_t frame_bytes : {size_t{1}, size_t{500}, size_t{32 * 1024}}) {
      for (bool chaining : {true, false}) {
        CollectSink<Total> sink;
        RunOptions options = Options(2, ++seed);
        options.cluster.task_manager.batch_rows_max = batch_rows;
        options.cluster.task_manager.frame_bytes_max = frame_bytes;
        options.cluster.task_manager.frames_in_flight_per_channel = 1;
        options.cluster.task_manager.chaining = chaining;
        options.cluster.task_manager.fusion = batch_rows != 7;
        const RunOutcome run = RunJob([&] { return BuildTotals(sink, {.shards = 3}); }, options);
        ASSERT_EQ(run.result.state, JobState::kFinished) << run.result.status;
        ASSERT_EQ(Sorted(sink.rows()), expected)
            << batch_rows << " rows, " << frame_bytes << " bytes";
      }
    }
  }
}

TEST_P(MiniClusterTest, UnionAndRebalanceKeepEveryRow) {
  CollectSink<Order> sink;
  auto build = [&] {
    StreamExecutionEnvironment env("union");
    auto one = env.FromSource(GeneratorSource<Order>(OrderAt, {.count = 1000, .seed = 1}))
                   .Uid("one")
                   .SetParallelism(3);
    auto two = env.FromSource(GeneratorSource<Order>(OrderAt, {.count = 700, .seed = 2}))
                   .Uid("two")
                   .SetParallelism(1);
    one.Union(two)
        .Rebalance()
        .Map([](Order order) { return order; })
        .SetParallelism(2)
        .SinkTo(sink)
        .Uid("sink");
    return env.BuildJobGraph();
  };
  const RunOutcome run = RunJob(build, Options(2));
  ASSERT_EQ(run.result.state, JobState::kFinished) << run.result.status;
  std::vector<Order> expected;
  for (auto [seed, count] : {std::pair<uint64_t, int64_t>{1, 1000}, {2, 700}}) {
    for (int64_t i = 0; i < count; ++i) {
      GeneratorRandom random(seed, i);
      expected.push_back(OrderAt(i, random));
    }
  }
  EXPECT_EQ(Sorted(sink.rows()), Sorted(expected));
}

TEST_P(MiniClusterTest, AThrowingFunctionFailsTheJobWithItsPlace) {
  CollectSink<Order> sink;
  auto build = [&] {
    StreamExecutionEnvironment env("throws");
    env.FromSource(GeneratorSource<Order>(OrderAt, {.count = 1000, .seed = 1}))
        .Uid("orders")
        .Map([](Order order) {
          if (order.id == 321) throw std::runtime_error("no such order");
          return order;
        })
        .Name("look up")
        .SinkTo(sink)
        .Uid("sink");
    return env.BuildJobGraph();
  };
  const RunOutcome run = RunJob(build, Options(2));
  EXPECT_EQ(run.result.state, JobState::kFailed);
  const std::string message(run.result.status.message());
  // Operator, subtask, cause, record and place.
  EXPECT_THAT(message, HasSubstr("operator 'look up', subtask "));
  EXPECT_THAT(message, HasSubstr("/2: "));
  EXPECT_THAT(message, HasSubstr("no such order"));
  EXPECT_THAT(message, HasSubstr("id=321"));
  EXPECT_THAT(message, HasSubstr("place: generated row 321"));
  EXPECT_TRUE(sink.rows().empty()) << "a failed job shows nothing";
}

TEST_P(MiniClusterTest, AThrowingDecoderFailsTheJobWithItsPlace) {
  CollectSink<Order> sink;
  auto build = [&] {
    StreamExecutionEnvironment env("throws");
    env.FromSource(GeneratorSource<Order>(OrderAt, {.count = 1000, .seed = 1}),
                   [](const Order& order, SourcePosition) -> absl::StatusOr<Order> {
                     if (order.id == 321) throw std::runtime_error("cannot decode");
                     return order;
                   })
        .Name("orders")
        .Uid("orders")
        .SinkTo(sink)
        .Uid("sink");
    return env.BuildJobGraph();
  };
  const RunOutcome run = RunJob(build, Options(2));
  EXPECT_EQ(run.result.state, JobState::kFailed);
  const std::string message(run.result.status.message());
  EXPECT_THAT(message, HasSubstr("cannot decode"));
  EXPECT_THAT(message, HasSubstr("place: generated row 321"));
}

TEST_P(MiniClusterTest, AThrowingKeySelectorFailsTheJobWithItsRecord) {
  for (int parallelism : {1, 3}) {
    CollectSink<Order> sink;
    auto build = [&] {
      StreamExecutionEnvironment env("throws");
      env.FromSource(GeneratorSource<Order>(OrderAt, {.count = 1000, .seed = 1}))
          .Uid("orders")
          .KeyBy([](const Order& order) {
            // Not UTF-8, as text of users need not be.
            if (order.id == 321) throw std::runtime_error("caf\xe9");
            return order.user;
          })
          .Reduce([](const Order&, const Order& next) { return next; })
          .Name("latest")
          .Uid("latest")
          .SinkTo(sink)
          .Uid("sink");
      return env.BuildJobGraph();
    };
    const RunOutcome run = RunJob(build, Options(parallelism));
    EXPECT_EQ(run.result.state, JobState::kFailed);
    const std::string message(run.result.status.message());
    EXPECT_THAT(message, HasSubstr("'latest'"));
    EXPECT_THAT(message, HasSubstr("key selector: exception: caf\xe9"));
    EXPECT_THAT(message, HasSubstr("id=321"));
  }
}

TEST_P(MiniClusterTest, CancelEndsAnUnboundedJob) {
  CollectSink<Order> sink;
  auto build = [&] {
    StreamExecutionEnvironment env("unbounded");
    env.FromSource(GeneratorSource<Order>(OrderAt, {.rows_per_second = 20'000, .seed = 1}))
        .Uid("orders")
        .KeyBy(&Order::user)
        .Reduce([](const Order& so_far, const Order& next) {
          Order sum = next;
          sum.cents += so_far.cents;
          return sum;
        })
        .Uid("sums")
        .SinkTo(sink)
        .Uid("sink");
    return env.BuildJobGraph();
  };
  RunOptions options = Options(2);
  options.cluster.progress_interval = absl::Milliseconds(20);
  options.cancel_when = [](const JobProgress& progress) { return progress.sink_rows > 1000; };
  const RunOutcome run = RunJob(build, options);
  EXPECT_EQ(run.result.state, JobState::kCanceled);
  EXPECT_TRUE(absl::IsCancelled(run.result.status));
  EXPECT_TRUE(sink.rows().empty());
}

TEST_P(MiniClusterTest, AJobThatLacksSlotsSaysSoWhileItWaits) {
  CollectSink<Total> sink;
  RunOptions options = Options(5);
  options.cluster.task_manager.slots = 2;
  options.cluster.task_managers = 2;
  options.cluster.progress_interval = absl::Milliseconds(20);
  options.cancel_when = [](const JobProgress& progress) { return !progress.waiting_for.empty(); };
  const RunOutcome run = RunJob([&] { return BuildTotals(sink, {}); }, options);
  EXPECT_EQ(run.result.state, JobState::kCanceled);
  EXPECT_THAT(run.progress.back().waiting_for, HasSubstr("it needs 5 slots"));
}

TEST_P(MiniClusterTest, AnInvalidJobIsRefusedBeforeItStarts) {
  auto build = [] {
    StreamExecutionEnvironment env("no sink");
    env.FromSource(GeneratorSource<Order>(OrderAt, {.count = 10, .seed = 1})).Uid("orders");
    return env.BuildJobGraph();
  };
  const RunOutcome run = RunJob(build, Options(1));
  EXPECT_EQ(run.result.state, JobState::kFailed);
  EXPECT_TRUE(absl::IsInvalidArgument(run.result.status)) << run.result.status;
}

TEST(MiniClusterSimulationTest, ASeedAlwaysRunsTheSame) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    CollectSink<Total> sink;
    RunOptions options;
    options.simulated_seed = seed;
    options.parallelism = 3;
    options.cluster.task_managers = 2;
    const uint64_t first = RunJob([&] { return BuildTotals(sink, {}); }, options).digest;
    const uint64_t again = RunJob([&] { return BuildTotals(sink, {}); }, options).digest;
    EXPECT_EQ(first, again) << "seed " << seed;
    options.simulated_seed = seed + 1000;
    EXPECT_NE(RunJob([&] { return BuildTotals(sink, {}); }, options).digest, first);
  }
}

}  // namespace
}  // namespace weir
