// KeyedStream<T, K> and WindowedStream<T, K>: a stream whose rows with equal keys meet in one subtask, and the same in windows of
// event time (Flink's classes of the same names). Handles: each call adds one node to the JobGraph and returns its
// output. The keyed operators keep state, so each needs a uid: write .Uid("...") behind it.
#ifndef WEIR_CORE_API_KEYED_STREAM_H_
#define WEIR_CORE_API_KEYED_STREAM_H_

#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/api/graph_builder.h"
#include "core/api/row_type.h"
#include "core/api/stateless_run.h"
#include "core/operators/aggregate_function.h"
#include "core/operators/fold.h"
#include "core/operators/key_by.h"
#include "core/operators/reduce_operator.h"
#include "core/operators/time_window.h"
#include "core/operators/window_operator.h"
#include "core/types/codec.h"

namespace weir {

template <class T, class Run>
class DataStream;

namespace api_internal {

// `edges` with all rows going by key.
template <class T, class Selector>
std::vector<JobEdge> KeyedEdges(std::vector<JobEdge> edges, const Selector& selector) {
  const auto hasher = std::make_shared<const TypedKeyHasher<T, Selector>>(selector);
  for (JobEdge& edge : edges) {
    edge.partitioning = Partitioning::kHash;
    edge.key_hasher = hasher;
  }
  return edges;
}

template <class T, class F>
constexpr void CheckReduceFunction() {
  static_assert(ReduceFunction<F, T>,
                "Reduce takes a function Row(const Row& so_far, const Row& next), or void(Row& "
                "so_far, const Row& next)");
}

}  // namespace api_internal

template <class T, class K, class Selector = std::function<K(const T&)>>
class WindowedStream {
 public:
  WindowedStream(StreamOrigin origin, Selector selector, TumblingEventTimeWindows windows)
      : origin_(std::move(origin)), selector_(std::move(selector)), windows_(windows) {}

  // One row per key and window: all its rows, reduced in the order in which they came.
  template <class F>
  DataStream<T, NoRun> Reduce(F f) const {
    return Reduce(std::move(f),
                  [](const K&, const TimeWindow&, const T& result) { return result; });
  }
  // `window_function` makes the row that goes on: R(const K&, const TimeWindow&, const T&).
  template <class F, class WindowFunction>
  auto Reduce(F f, WindowFunction window_function) const {
    api_internal::CheckReduceFunction<T, F>();
    return Add(ReduceFold<T, F>(std::move(f)), std::move(window_function));
  }

  // One row per key and window: what the AggregateFunction makes of its rows.
  template <class A>
  auto Aggregate(A aggregate) const {
    using Out = AggregateResultOf<A>;
    return Aggregate(std::move(aggregate),
                     [](const K&, const TimeWindow&, const Out& result) { return result; });
  }
  // `window_function` makes the row that goes on: R(const K&, const TimeWindow&, const Out&).
  template <class A, class WindowFunction>
  auto Aggregate(A aggregate, WindowFunction window_function) const {
    static_assert(AggregateFunction<A, T>,
                  "Aggregate takes an AggregateFunction of this stream's row type: a class with "
                  "CreateAccumulator(), Add(const Row&, Accumulator&), GetResult(const "
                  "Accumulator&) and Merge(const Accumulator& from, Accumulator& into), all const");
    return Add(AggregateFold<T, A>(std::move(aggregate)), std::move(window_function));
  }

 private:
  template <class Fold, class WindowFunction>
  auto Add(Fold fold, WindowFunction window_function) const {
    using Out = typename Fold::Result;
    static_assert(
        std::is_invocable_v<WindowFunction&, const K&, const TimeWindow&, const Out&>,
        "the window function must be Row(const Key&, const weir::TimeWindow&, const Result&)");
    using R = std::remove_cvref_t<
        std::invoke_result_t<WindowFunction&, const K&, const TimeWindow&, const Out&>>;
    if (absl::Status status = windows_.Validate(); !status.ok()) {
      origin_.builder->AddError(std::move(status));
    }
    JobNode node;
    node.operator_kind = "tumblingWindow";
    node.stateful = true;
    node.inputs = api_internal::KeyedEdges<T>(origin_.edges, selector_);
    node.output_codec = api_internal::CheckedRowCodec<R>();
    node.settings = absl::StrCat(windows_.ToString(), " state ",
                                 Codec<typename Fold::Accumulator>::SchemaOf().ToString());
    node.factory = [windows = windows_, selector = selector_, fold = std::move(fold),
                    window_function = std::move(window_function)] {
      return std::make_unique<TumblingWindowOperator<T, R, Selector, Fold, WindowFunction>>(
          windows, selector, fold, window_function);
    };
    const NodeId id = origin_.builder->Add(std::move(node));
    return DataStream<R, NoRun>(StreamOrigin::Of(origin_.builder, id), NoRun());
  }

  StreamOrigin origin_;
  Selector selector_;
  TumblingEventTimeWindows windows_;
};

template <class T, class K, class Selector = std::function<K(const T&)>>
class KeyedStream {
 public:
  KeyedStream(StreamOrigin origin, Selector selector)
      : origin_(std::move(origin)), selector_(std::move(selector)) {}
  // For functions' parameters: forgets the selector's type, at the price of a call through a pointer per row.
  template <class OtherSelector>
  KeyedStream(const KeyedStream<T, K, OtherSelector>& other)  // NOLINT: implicit.
    requires std::same_as<Selector, std::function<K(const T&)>>
      : origin_(other.origin()), selector_(other.selector()) {}

  // The value so far of the row's key, after every row: T f(const T& so_far, const T& next).
  template <class F>
  DataStream<T, NoRun> Reduce(F f) const {
    api_internal::CheckReduceFunction<T, F>();
    using Fold = ReduceFold<T, F>;
    JobNode node;
    node.operator_kind = "reduce";
    node.stateful = true;
    node.inputs = api_internal::KeyedEdges<T>(origin_.edges, selector_);
    node.output_codec = api_internal::CheckedRowCodec<T>();
    node.settings = absl::StrCat("state ", Codec<T>::SchemaOf().ToString());
    node.factory = [selector = selector_, fold = Fold(std::move(f))] {
      return std::make_unique<ReduceOperator<T, Selector, Fold>>(selector, fold);
    };
    const NodeId id = origin_.builder->Add(std::move(node));
    return DataStream<T, NoRun>(StreamOrigin::Of(origin_.builder, id), NoRun());
  }

  WindowedStream<T, K, Selector> Window(TumblingEventTimeWindows windows) const {
    return {origin_, selector_, windows};
  }

  const StreamOrigin& origin() const { return origin_; }
  const Selector& selector() const { return selector_; }

 private:
  StreamOrigin origin_;
  Selector selector_;
};

}  // namespace weir

#endif  // WEIR_CORE_API_KEYED_STREAM_H_
