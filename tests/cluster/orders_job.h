// The job that cluster tests run: made-up orders, filtered, split in two, and summed per user and minute; and a plain loop that
// computes the same.
#ifndef WEIR_TESTS_CLUSTER_ORDERS_JOB_H_
#define WEIR_TESTS_CLUSTER_ORDERS_JOB_H_

#include <cstdint>
#include <functional>
#include <ostream>
#include <vector>

#include "connectors/collect/collect_sink.h"
#include "connectors/generator/generator_source.h"
#include "weir/weir.h"

namespace weir {

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

inline void PrintTo(const Total& total, std::ostream* out) { *out << ToText(total); }

Order OrderAt(int64_t index, GeneratorRandom& random);

struct OrdersJobOptions {
  int64_t orders = 5000;
  int shards = 0;
  int64_t rows_per_second = 0;
  // Called with every order, in the subtask that has it; may throw.
  std::function<void(const Order&)> on_order;
};

// Orders of at least 100 cents, each with a coupon of 5, summed per user and minute.
absl::StatusOr<JobGraph> BuildTotals(const CollectSink<Total>& sink,
                                     const OrdersJobOptions& options);

// Sorted.
std::vector<Total> ExpectedTotals(const OrdersJobOptions& options);

}  // namespace weir

#endif  // WEIR_TESTS_CLUSTER_ORDERS_JOB_H_
