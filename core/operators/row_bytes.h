// RowBytes: what a row weighs: its own size and what its strings, vectors and optionals hold on the heap, found by reflection.
// A bound for memory accounting, not the size in a frame. Pure.
#ifndef WEIR_CORE_OPERATORS_ROW_BYTES_H_
#define WEIR_CORE_OPERATORS_ROW_BYTES_H_

#include <cstddef>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

#include "core/types/reflect.h"

namespace weir {
namespace row_bytes_internal {

// What `value` holds beside its own sizeof. Overloads rather than branches, so that other types cost nothing.
template <class T>
size_t HeapBytes(const T& value);

inline size_t HeapBytes(const std::string& value) { return value.size(); }

template <class E>
size_t HeapBytes(const std::vector<E>& value) {
  size_t bytes = value.size() * sizeof(E);
  if constexpr (!std::is_trivially_copyable_v<E>) {
    for (const E& element : value) bytes += HeapBytes(element);
  }
  return bytes;
}

template <class E>
size_t HeapBytes(const std::optional<E>& value) {
  return value.has_value() ? HeapBytes(*value) : 0;
}

template <class... E>
size_t HeapBytes(const std::tuple<E...>& value);

template <class Tuple>
size_t HeapBytesOfAll(const Tuple& fields) {
  return std::apply([](const auto&... field) { return (size_t{0} + ... + HeapBytes(field)); },
                    fields);
}

template <class... E>
size_t HeapBytes(const std::tuple<E...>& value) {
  return HeapBytesOfAll(value);
}

template <class T>
size_t HeapBytes(const T& value) {
  if constexpr (std::is_trivially_copyable_v<T>) {
    return 0;
  } else if constexpr (requires { value.ByteSizeLong(); }) {
    return value.ByteSizeLong();
  } else if constexpr (Reflected<T>) {
    return HeapBytesOfAll(TieFields(value));
  } else {
    return 0;
  }
}

}  // namespace row_bytes_internal

template <class T>
size_t RowBytes(const T& row) {
  if constexpr (std::is_trivially_copyable_v<T>) {
    return sizeof(T);
  } else {
    return sizeof(T) + row_bytes_internal::HeapBytes(row);
  }
}

}  // namespace weir

#endif  // WEIR_CORE_OPERATORS_ROW_BYTES_H_
