// Folds: one shape for reduce and aggregate functions, so that each keyed operator is written once. A fold makes an accumulator
// from the first row, adds further rows, and shows what it has. Pure apart from the user's function.
#ifndef WEIR_CORE_OPERATORS_FOLD_H_
#define WEIR_CORE_OPERATORS_FOLD_H_

#include <functional>
#include <type_traits>
#include <utility>

#include "core/operators/aggregate_function.h"

namespace weir {

// F is T(const T&, const T&) or takes them by value, or is void(T& into, const T& row).
template <class F, class T>
concept ReduceFunction =
    std::is_invocable_v<F&, T&, const T&> || std::is_invocable_r_v<T, F&, T, T>;

template <class T, class F>
class ReduceFold {
 public:
  using Accumulator = T;
  using Result = T;

  explicit ReduceFold(F f) : f_(std::move(f)) {}

  // `row` may be moved from.
  T First(T& row) { return std::move(row); }
  void Add(T& row, T& into) {
    if constexpr (std::is_invocable_v<F&, T&, const T&> && kInPlace) {
      std::invoke(f_, into, std::as_const(row));
    } else {
      into = std::invoke(f_, std::move(into), std::move(row));
    }
  }
  const T& Get(const T& accumulator) const { return accumulator; }

 private:
  static constexpr bool kInPlace = [] {
    if constexpr (std::is_invocable_v<F&, T&, const T&>) {
      return std::is_void_v<std::invoke_result_t<F&, T&, const T&>>;
    } else {
      return false;
    }
  }();

  F f_;
};

template <class T, class Aggregate>
class AggregateFold {
 public:
  using Accumulator = AccumulatorOf<Aggregate>;
  using Result = AggregateResultOf<Aggregate>;

  explicit AggregateFold(Aggregate aggregate) : aggregate_(std::move(aggregate)) {}

  Accumulator First(T& row) {
    Accumulator accumulator = aggregate_.CreateAccumulator();
    Add(row, accumulator);
    return accumulator;
  }
  void Add(T& row, Accumulator& into) { aggregate_.Add(std::as_const(row), into); }
  Result Get(const Accumulator& accumulator) const { return aggregate_.GetResult(accumulator); }

 private:
  const Aggregate aggregate_;
};

}  // namespace weir

#endif  // WEIR_CORE_OPERATORS_FOLD_H_
