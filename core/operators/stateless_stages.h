// The stages a fused run is composed of at compile time: what the user's function of a map, filter or flatMap is applied to
// and what it yields. Pure apart from the user's function.
//
// Rows are moved, never copied: a map function gets the row as an rvalue if it takes one (by value, T&& or const T&), else as
// T&. A map function that returns nothing changes the row in place. If a function that took a row by value throws, what the failure
// shows of it is what the move has left: a copy of every row, for the one that fails, would cost more than it is worth.
#ifndef WEIR_CORE_OPERATORS_STATELESS_STAGES_H_
#define WEIR_CORE_OPERATORS_STATELESS_STAGES_H_

#include <cstdint>
#include <functional>
#include <type_traits>
#include <utility>

#include "core/operators/collector.h"

namespace weir {

enum class StageKind : uint8_t { kMap, kMutate, kFilter, kFlatMap };

namespace stateless_internal {

template <class F, class T>
constexpr bool kTakesRvalue = std::is_invocable_v<F&, T&&>;

template <class F, class T>
decltype(auto) InvokeOnRow(F& f, T& row) {
  if constexpr (kTakesRvalue<F, T>) {
    return std::invoke(f, std::move(row));
  } else {
    return std::invoke(f, row);
  }
}

template <class F, class T>
using RowResult = decltype(InvokeOnRow(std::declval<F&>(), std::declval<T&>()));

}  // namespace stateless_internal

// True for a map function of rows T that returns nothing and changes the row it is given.
template <class F, class T>
concept MutatesRow = std::is_invocable_v<F&, T&> && std::is_void_v<std::invoke_result_t<F&, T&>>;

template <class T, class F>
struct MapStage {
  static constexpr StageKind kKind = StageKind::kMap;
  using In = T;
  using Out = std::remove_cvref_t<stateless_internal::RowResult<F, T>>;

  Out Apply(T& row) { return stateless_internal::InvokeOnRow(f, row); }
  F f;
};

template <class T, class F>
struct MutateStage {
  static constexpr StageKind kKind = StageKind::kMutate;
  using In = T;
  using Out = T;

  void Apply(T& row) { std::invoke(f, row); }
  F f;
};

template <class T, class F>
struct FilterStage {
  static constexpr StageKind kKind = StageKind::kFilter;
  using In = T;
  using Out = T;

  bool Apply(const T& row) { return static_cast<bool>(std::invoke(f, row)); }
  F f;
};

template <class T, class U, class F>
struct FlatMapStage {
  static constexpr StageKind kKind = StageKind::kFlatMap;
  using In = T;
  using Out = U;

  void Apply(T& row, Collector<U>& out) {
    if constexpr (std::is_invocable_v<F&, T&&, Collector<U>&>) {
      std::invoke(f, std::move(row), out);
    } else {
      std::invoke(f, row, out);
    }
  }
  F f;
};

// MapStage, or MutateStage for a function that returns nothing.
template <class T, class F>
using MapStageFor = std::conditional_t<MutatesRow<F, T>, MutateStage<T, F>, MapStage<T, F>>;

}  // namespace weir

#endif  // WEIR_CORE_OPERATORS_STATELESS_STAGES_H_
