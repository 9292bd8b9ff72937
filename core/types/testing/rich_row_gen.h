// Random RichRows for property tests. For tests only.
#ifndef WEIR_CORE_TYPES_TESTING_RICH_ROW_GEN_H_
#define WEIR_CORE_TYPES_TESTING_RICH_ROW_GEN_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/types/reflect.h"
#include "core/types/testing/rich_row.h"
#include "rapidcheck.h"

namespace weir {

// Draws a value for a field; NaN never comes, so that rows compare equal to themselves.
template <class T>
T DrawField() {
  if constexpr (std::is_same_v<T, EventTime>) {
    return EventTime::FromMicros(*rc::gen::arbitrary<int64_t>());
  } else if constexpr (std::is_same_v<T, absl::Duration>) {
    return absl::Nanoseconds(*rc::gen::arbitrary<int32_t>());
  } else if constexpr (std::is_enum_v<T>) {
    return static_cast<T>(*rc::gen::arbitrary<std::underlying_type_t<T>>());
  } else if constexpr (std::is_same_v<T, std::optional<RichInner>>) {
    return *rc::gen::arbitrary<bool>() ? std::optional(DrawField<RichInner>()) : std::nullopt;
  } else if constexpr (std::is_same_v<T, std::optional<std::string>>) {
    return *rc::gen::arbitrary<bool>() ? std::optional(DrawField<std::string>()) : std::nullopt;
  } else if constexpr (std::is_same_v<T, std::optional<int64_t>>) {
    return *rc::gen::arbitrary<bool>() ? std::optional(DrawField<int64_t>()) : std::nullopt;
  } else if constexpr (std::is_same_v<T, std::vector<RichInner>>) {
    T values(*rc::gen::inRange<size_t>(0, 4));
    for (RichInner& value : values) value = DrawField<RichInner>();
    return values;
  } else if constexpr (std::is_same_v<T, std::pair<bool, std::optional<RichInner>>>) {
    const bool first = *rc::gen::arbitrary<bool>();
    return {first, DrawField<std::optional<RichInner>>()};
  } else if constexpr (Reflected<T>) {
    T value{};
    ForEachField(value, [](std::string_view, auto& field) {
      field = DrawField<std::remove_reference_t<decltype(field)>>();
    });
    return value;
  } else {
    return *rc::gen::arbitrary<T>();
  }
}

}  // namespace weir

#endif  // WEIR_CORE_TYPES_TESTING_RICH_ROW_GEN_H_
