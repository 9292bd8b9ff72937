#include "tests/cluster/orders_job.h"

#include <map>
#include <utility>

namespace weir {
namespace {

constexpr uint64_t kSeed = 5;
constexpr int64_t kStart = 1'700'000'000;

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

}  // namespace

Order OrderAt(int64_t index, GeneratorRandom& random) {
  return {.id = index,
          .user = static_cast<int64_t>(random.Uniform(37)),
          .cents = static_cast<int64_t>(random.Uniform(1000)),
          // Out of order by at most 20 s.
          .time = EventTime::FromSeconds(kStart + index / 10 -
                                         static_cast<int64_t>(random.Uniform(20)))};
}

absl::StatusOr<JobGraph> BuildTotals(const CollectSink<Total>& sink,
                                     const OrdersJobOptions& options) {
  StreamExecutionEnvironment env("totals");
  env.FromSource(GeneratorSource<Order>(OrderAt, {.count = options.orders,
                                                  .rows_per_second = options.rows_per_second,
                                                  .seed = kSeed,
                                                  .shards = options.shards}),
                 WatermarkStrategy<Order>::ForBoundedOutOfOrderness(absl::Seconds(20))
                     .WithTimestampAssigner([](const Order& order) { return order.time; }))
      .Uid("orders")
      .Filter([on_order = options.on_order](const Order& order) {
        if (on_order) on_order(order);
        return order.cents >= 100;
      })
      .FlatMap([](const Order& order, Collector<Order>& out) {
        out.Collect(order);
        Order coupon = order;
        coupon.cents = -5;
        out.Collect(coupon);
      })
      .KeyBy(&Order::user)
      .Window(TumblingEventTimeWindows::Of(absl::Minutes(1)))
      .Aggregate(
          SumOrders(),
          [](const int64_t& user, const TimeWindow& window, const SumOrders::Accumulator& total) {
            return Total{window.start, user, total.count, total.cents};
          })
      .Uid("totals")
      .SinkTo(sink)
      .Uid("sink");
  return env.BuildJobGraph();
}

std::vector<Total> ExpectedTotals(const OrdersJobOptions& options) {
  std::map<std::pair<int64_t, int64_t>, Total> totals;
  for (int64_t i = 0; i < options.orders; ++i) {
    GeneratorRandom random(kSeed, i);
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

}  // namespace weir
