// SameKey: equality of keys as their encodings (KeyCodec) have it: -0 is +0 and every NaN is the one NaN, so that keys with one
// hash and one encoding are one key. Structs need no operator==. Pure.
#ifndef WEIR_STATE_MEMORY_SAME_KEY_H_
#define WEIR_STATE_MEMORY_SAME_KEY_H_

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "core/types/reflect.h"

namespace weir {

template <class K>
bool SameKey(const K& a, const K& b);

namespace same_key_internal {

template <class K>
bool Same(const K& a, const K& b) {
  return a == b;
}

template <std::floating_point K>
bool Same(const K& a, const K& b) {
  return a == b || (a != a && b != b);
}

template <class E>
bool Same(const std::optional<E>& a, const std::optional<E>& b) {
  return a.has_value() == b.has_value() && (!a.has_value() || SameKey(*a, *b));
}

template <class E>
bool Same(const std::vector<E>& a, const std::vector<E>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const E& x, const E& y) { return SameKey(x, y); });
}

template <class Fields>
bool SameFields(const Fields& a, const Fields& b) {
  return [&]<size_t... I>(std::index_sequence<I...>) {
    return (SameKey(std::get<I>(a), std::get<I>(b)) && ...);
  }(std::make_index_sequence<std::tuple_size_v<Fields>>());
}

template <class... E>
bool Same(const std::tuple<E...>& a, const std::tuple<E...>& b) {
  return SameFields(a, b);
}

template <class A, class B>
bool Same(const std::pair<A, B>& a, const std::pair<A, B>& b) {
  return SameKey(a.first, b.first) && SameKey(a.second, b.second);
}

template <Reflected K>
bool Same(const K& a, const K& b) {
  return SameFields(TieFields(a), TieFields(b));
}

}  // namespace same_key_internal

template <class K>
bool SameKey(const K& a, const K& b) {
  return same_key_internal::Same(a, b);
}

}  // namespace weir

#endif  // WEIR_STATE_MEMORY_SAME_KEY_H_
