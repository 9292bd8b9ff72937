// AggregateFunction: how the rows of a key and window become one value (Flink's interface of the same name), and ready ones.
//
//   struct Average {
//     struct Accumulator { int64_t count = 0; double sum = 0; };
//     Accumulator CreateAccumulator() const { return {}; }
//     void Add(const Click& click, Accumulator& into) const { ++into.count; into.sum += click.ms; }
//     double GetResult(const Accumulator& acc) const { return acc.sum / acc.count; }
//     void Merge(const Accumulator& from, Accumulator& into) const {...}
//   };
//
// Pure: all state is in the accumulator, which is a state type (it has a Codec). An accumulator has at least one row.
#ifndef WEIR_CORE_OPERATORS_AGGREGATE_FUNCTION_H_
#define WEIR_CORE_OPERATORS_AGGREGATE_FUNCTION_H_

#include <concepts>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>

namespace weir {

template <class A>
using AccumulatorOf = std::remove_cvref_t<decltype(std::declval<const A&>().CreateAccumulator())>;

template <class A>
using AggregateResultOf = std::remove_cvref_t<decltype(std::declval<const A&>().GetResult(
    std::declval<const AccumulatorOf<A>&>()))>;

template <class A, class T>
concept AggregateFunction = requires(const A& aggregate, const T& row, AccumulatorOf<A>& into,
                                     const AccumulatorOf<A>& from) {
  aggregate.Add(row, into);
  aggregate.GetResult(from);
  aggregate.Merge(from, into);
};

// How many rows.
struct Count {
  int64_t CreateAccumulator() const { return 0; }
  template <class T>
  void Add(const T&, int64_t& into) const {
    ++into;
  }
  int64_t GetResult(const int64_t& count) const { return count; }
  void Merge(const int64_t& from, int64_t& into) const { into += from; }
};

namespace aggregate_internal {

// Integers add up in 64 bits; signed overflow wraps around.
template <class V>
using SumType =
    std::conditional_t<std::is_floating_point_v<V>, double,
                       std::conditional_t<std::is_signed_v<V>, int64_t,
                                          std::conditional_t<std::is_integral_v<V>, uint64_t, V>>>;

template <class V>
void AddTo(const V& value, SumType<V>& sum) {
  if constexpr (std::is_signed_v<V> && std::is_integral_v<V>) {
    sum = static_cast<int64_t>(static_cast<uint64_t>(sum) +
                               static_cast<uint64_t>(static_cast<int64_t>(value)));
  } else {
    sum += value;
  }
}

}  // namespace aggregate_internal

// Sum(&Click::bytes)
template <class T, class V>
class Sum {
 public:
  using Accumulator = aggregate_internal::SumType<V>;
  explicit Sum(V T::*field) : field_(field) {}
  Accumulator CreateAccumulator() const { return {}; }
  void Add(const T& row, Accumulator& into) const {
    aggregate_internal::AddTo<V>(row.*field_, into);
  }
  Accumulator GetResult(const Accumulator& sum) const { return sum; }
  void Merge(const Accumulator& from, Accumulator& into) const {
    aggregate_internal::AddTo<Accumulator>(from, into);
  }

 private:
  V T::*field_;
};

namespace aggregate_internal {

// The first of equal values stays.
template <class T, class V, bool kLargest>
class Extreme {
 public:
  explicit Extreme(V T::*field) : field_(field) {}
  std::optional<V> CreateAccumulator() const { return std::nullopt; }
  void Add(const T& row, std::optional<V>& into) const { Offer(row.*field_, into); }
  V GetResult(const std::optional<V>& value) const { return value.value(); }
  void Merge(const std::optional<V>& from, std::optional<V>& into) const {
    if (from.has_value()) Offer(*from, into);
  }

 private:
  static void Offer(const V& value, std::optional<V>& into) {
    if (!into.has_value() || (kLargest ? *into < value : value < *into)) into = value;
  }

  V T::*field_;
};

}  // namespace aggregate_internal

// Min(&Click::ms), Max(&Click::ms)
template <class T, class V>
class Min : public aggregate_internal::Extreme<T, V, false> {
 public:
  explicit Min(V T::*field) : aggregate_internal::Extreme<T, V, false>(field) {}
};
template <class T, class V>
class Max : public aggregate_internal::Extreme<T, V, true> {
 public:
  explicit Max(V T::*field) : aggregate_internal::Extreme<T, V, true>(field) {}
};

}  // namespace weir

#endif  // WEIR_CORE_OPERATORS_AGGREGATE_FUNCTION_H_
