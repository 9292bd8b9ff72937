// Whole jobs through JobManager, TaskManagers and data plane, on threads and simulated: results equal a plain loop's whatever the
// parallelism, the cut of batches and frames, chaining and fusion.
#include "core/cluster/mini_cluster.h"

#include <algorithm>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "connectors/collect/collect_sink.h"
#include "connectors/generator/generator_source.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/cluster/job_runner.h"
#include "weir/weir.h"

namespace weir {
namespace {

using ::testing::HasSubstr;

struct Order {
  int64_t id = 0;
  int64_t user = 0;
  int64_t cents = 0;
  EventTime time;
  friend auto operator<=>(const Order&, const Order&) = default;
};

struct Total {
  EventTime window_start;
  int64_t user = 0;
  int64_t count = 0;
  int64_t cents = 0;
  friend auto operator<=>(const Total&, const Total&) = default;
};

void PrintTo(const Total& total, std::ostream* out) { *out << ToText(total); }

constexpr int64_t kOrders = 5000;
constexpr int64_t kStart = 1'700'000'000;

Order OrderAt(int64_t index, GeneratorRandom& random) {
  return {.id = index,
          .user = static_cast<int64_t>(random.Uniform(37)),
          .cents = static_cast<int64_t>(random.Uniform(1000)),
          // Out of order by at most 20 s.
          .time = EventTime::FromSeconds(kStart + index / 10 - static_cast<int64_t>(random.Uniform(20)))};
}

struct SumOrders {
  struct Accumulator {
    int64_t count = 0;
    int64_t cents = 0;
  };
  Accumulator CreateAccumulator() const { return {}; }
  void Add(const Order& order, Accumulator& into) const {
    ++into.count;
    into.cents += order.cents;
  }
  Accumulator GetResult(const Accumulator& total) const { return total; }
  void Merge(const Accumulator& from, Accumulator& into) const {
    into.count += from.count;
    into.cents += from.cents;
  }
};

// Orders of at least 100 cents, each split into its whole part and a coupon of 5, summed per user and minute.
absl::StatusOr<JobGraph> BuildTotals(const CollectSink<Total>& sink, int shards) {
  StreamExecutionEnvironment env("totals");
  env.FromSource(GeneratorSource<Order>(OrderAt, {.count = kOrders, .seed = 5, .shards = shards}),
                 WatermarkStrategy<Order>::ForBoundedOutOfOrderness(absl::Seconds(600))
                     .WithTimestampAssigner([](const Order& order) { return order.time; }))
      .Uid("orders")
      .Filter([](const Order& order) { return order.cents >= 100; })
      .FlatMap([](const Order& order, Collector<Order>& out) {
        out.Collect(order);
        Order coupon = order;
        coupon.cents = -5;
        out.Collect(coupon);
      })
      .KeyBy(&Order::user)
      .Window(TumblingEventTimeWindows::Of(absl::Minutes(1)))
      .Aggregate(SumOrders(),
                 [](const int64_t& user, const TimeWindow& window, const SumOrders::Accumulator& total) {
                   return Total{window.start, user, total.count, total.cents};
                 })
      .Uid("totals")
      .SinkTo(sink)
      .Uid("sink");
  return env.BuildJobGraph();
}

std::vector<Total> ExpectedTotals() {
  std::map<std::pair<int64_t, int64_t>, Total> totals;
  for (int64_t i = 0; i < kOrders; ++i) {
    GeneratorRandom random(5, i);
    const Order order = OrderAt(i, random);
    if (order.cents < 100) continue;
    const int64_t minute = order.time.micros() / 60'000'000 * 60'000'000;
    Total& total = totals[{minute, order.user}];
    total.window_start = EventTime::FromMicros(minute);
    total.user = order.user;
    total.count += 2;
    total.cents += order.cents - 5;
  }
  std::vector<Total> rows;
  for (const auto& [key, total] : totals) rows.push_back(total);
  return rows;
}

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
  const std::vector<Total> expected = ExpectedTotals();
  ASSERT_GT(expected.size(), 200u);
  for (int parallelism : {1, 2, 3, 8}) {
    CollectSink<Total> sink;
    RunOptions options = Options(parallelism);
    options.cluster.task_managers = 2;
    const RunOutcome run = RunJob([&] { return BuildTotals(sink, 0); }, options);
    ASSERT_EQ(run.result.state, JobState::kFinished) << run.result.status;
    EXPECT_EQ(Sorted(sink.rows()), expected) << "parallelism " << parallelism;
    EXPECT_EQ(run.result.nodes.front().metrics.num_records_out, kOrders);
    EXPECT_EQ(run.result.nodes.back().metrics.num_records_in, static_cast<int64_t>(expected.size()));
    for (const NodeReport& node : run.result.nodes) EXPECT_EQ(node.metrics.late.count, 0) << node.name;
  }
}

TEST_P(MiniClusterTest, CutsOfBatchesAndFramesDoNotShow) {
  const std::vector<Total> expected = ExpectedTotals();
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
        const RunOutcome run = RunJob([&] { return BuildTotals(sink, 3); }, options);
        ASSERT_EQ(run.result.state, JobState::kFinished) << run.result.status;
        ASSERT_EQ(Sorted(sink.rows()), expected) << batch_rows << " rows, " << frame_bytes << " bytes";
      }
    }
  }
}

TEST_P(MiniClusterTest, UnionAndRebalanceKeepEveryRow) {
  CollectSink<Order> sink;
  auto build = [&] {
    StreamExecutionEnvironment env("union");
    auto one = env.FromSource(GeneratorSource<Order>(OrderAt, {.count = 1000, .seed = 1})).Uid("one").SetParallelism(3);
    auto two = env.FromSource(GeneratorSource<Order>(OrderAt, {.count = 700, .seed = 2})).Uid("two").SetParallelism(1);
    one.Union(two).Rebalance().Map([](Order order) { return order; }).SetParallelism(2).SinkTo(sink).Uid("sink");
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
  EXPECT_THAT(message, HasSubstr("'look up'"));
  EXPECT_THAT(message, HasSubstr("no such order"));
  EXPECT_THAT(message, HasSubstr("id=321"));
  EXPECT_TRUE(sink.rows().empty()) << "a failed job shows nothing";
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
  const RunOutcome run = RunJob([&] { return BuildTotals(sink, 0); }, options);
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
    const uint64_t first = RunJob([&] { return BuildTotals(sink, 0); }, options).digest;
    const uint64_t again = RunJob([&] { return BuildTotals(sink, 0); }, options).digest;
    EXPECT_EQ(first, again) << "seed " << seed;
    options.simulated_seed = seed + 1000;
    EXPECT_NE(RunJob([&] { return BuildTotals(sink, 0); }, options).digest, first);
  }
}

}  // namespace
}  // namespace weir
