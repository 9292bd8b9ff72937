// What the API asks of row, key and state types, each as a static_assert with a message that says what to write. Pure.
#ifndef WEIR_CORE_API_ROW_TYPE_H_
#define WEIR_CORE_API_ROW_TYPE_H_

#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

#include "core/operators/collector.h"
#include "core/types/codec.h"
#include "core/types/row_codec_for.h"

namespace weir {
namespace api_internal {

template <class T>
constexpr void CheckRowType() {
  static_assert(!std::is_void_v<T>, "a stream has rows: the function must return one");
  static_assert(std::is_same_v<T, std::string> ||
                    (!std::is_pointer_v<T> && !std::is_convertible_v<const T&, std::string_view>),
                "a row must own its data: return std::string instead of const char* or "
                "std::string_view, and values instead of pointers");
  static_assert(!std::is_same_v<T, bool>,
                "a row cannot be a bare bool; put it into a struct: struct Flag { bool value; }");
  static_assert(std::is_default_constructible_v<T> && std::is_move_constructible_v<T> &&
                    std::is_copy_constructible_v<T>,
                "a row must be default constructible, copyable and movable");
}

// The RowCodec of T, after the checks.
template <class T>
std::shared_ptr<const RowCodec> CheckedRowCodec() {
  CheckRowType<T>();
  return RowCodecFor<T>();
}

// The row type that a flatMap function collects, from its second parameter.
template <class Member>
struct CollectedBy;
template <class Class, class First, class U>
struct CollectedBy<void (Class::*)(First, Collector<U>&)> {
  using Type = U;
};
template <class Class, class First, class U>
struct CollectedBy<void (Class::*)(First, Collector<U>&) const> {
  using Type = U;
};
template <class First, class U>
struct CollectedBy<void (*)(First, Collector<U>&)> {
  using Type = U;
};

template <class F>
constexpr bool kHasOneCallOperator = requires { &F::operator(); };

template <class F>
consteval auto CollectedTypeOf() {
  if constexpr (std::is_pointer_v<F>) {
    return std::type_identity<typename CollectedBy<F>::Type>();
  } else {
    static_assert(kHasOneCallOperator<F>,
                  "FlatMap cannot see which rows a function with auto parameters collects; write "
                  "[](const In& row, weir::Collector<Out>& out) {...}, or FlatMap<Out>(...)");
    return std::type_identity<typename CollectedBy<decltype(&F::operator())>::Type>();
  }
}

template <class F>
using CollectedType = typename decltype(CollectedTypeOf<F>())::type;

}  // namespace api_internal
}  // namespace weir

#endif  // WEIR_CORE_API_ROW_TYPE_H_
