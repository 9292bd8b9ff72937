// Rows as text: ToText for people, CSV and JSON for files. Any type with a Codec has all three. The texts are the same on every
// machine; floating-point numbers are the shortest that read back the same. Pure.
//
//   ToText:  {action=install, count=3, at=2026-09-22T04:52:01Z}
//   CSV:     action,count,position.offset  (nested structs flattened)  install,3,128
//   JSON:    {"action":"install","count":3,"position":{"container":0,"offset":128}}
//
// Event times are ISO 8601, durations like 1h30m, enums their number. Other rows than structs have one CSV column `value`, tuples
// have f0, f1, ...; vectors and arrays are JSON inside their cell. Types with a Codec of their own print as "(N bytes)" unless
// they specialize RowText.
#ifndef WEIR_CORE_TYPES_ROW_TEXT_H_
#define WEIR_CORE_TYPES_ROW_TEXT_H_

#include <array>
#include <charconv>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "core/base/strong_id.h"
#include "core/types/codec.h"
#include "core/types/event_time.h"
#include "core/types/reflect.h"
#include "core/types/text_escape.h"

namespace weir {

// For types that specialize Codec: static void AppendText(const T&, std::string&), and AppendJson, one JSON value.
template <class T>
struct RowText;

namespace row_text_internal {

template <class T>
struct IsSequence : std::false_type {};
template <class E>
struct IsSequence<std::vector<E>> : std::true_type {};
template <class E, size_t N>
struct IsSequence<std::array<E, N>> : std::true_type {};

template <class T>
struct IsTuple : std::false_type {};
template <class... Es>
struct IsTuple<std::tuple<Es...>> : std::true_type {};
template <class A, class B>
struct IsTuple<std::pair<A, B>> : std::true_type {};

template <class T>
struct IsOptional : std::false_type {};
template <class E>
struct IsOptional<std::optional<E>> : std::true_type {};

template <class T>
struct IsStrongId : std::false_type {};
template <class Tag, class Rep>
struct IsStrongId<StrongId<Tag, Rep>> : std::true_type {};

template <class T>
concept HasRowText = requires(const T& value, std::string& out) {
  RowText<T>::AppendText(value, out);
  RowText<T>::AppendJson(value, out);
};

template <class Number>
void AppendNumber(Number value, std::string& out) {
  char digits[32];  // The longest double has 24 bytes.
  const auto end = [&] {
    if constexpr (std::is_same_v<Number, char>) {
      return std::to_chars(digits, digits + sizeof(digits), static_cast<signed char>(value)).ptr;
    } else {
      return std::to_chars(digits, digits + sizeof(digits), value).ptr;
    }
  }();
  out.append(digits, static_cast<size_t>(end - digits));
}

// What has no parts. False if T is none of them.
template <class T>
bool AppendScalar(const T& value, std::string& out) {
  if constexpr (std::same_as<T, bool>) {
    out.append(value ? "true" : "false");
  } else if constexpr (std::is_enum_v<T>) {
    AppendNumber(static_cast<std::underlying_type_t<T>>(value), out);
  } else if constexpr (std::floating_point<T>) {
    if (std::isnan(value)) {
      out.append("nan");  // to_chars may print a sign that means nothing.
    } else {
      AppendNumber(value, out);
    }
  } else if constexpr (std::integral<T>) {
    AppendNumber(value, out);
  } else if constexpr (std::same_as<T, EventTime>) {
    out.append(value.ToString());
  } else if constexpr (std::same_as<T, absl::Duration>) {
    out.append(absl::FormatDuration(value));
  } else {
    return false;
  }
  return true;
}

template <class T>
inline constexpr bool kIsScalar = std::is_arithmetic_v<T> || std::is_enum_v<T> ||
                                  std::same_as<T, EventTime> || std::same_as<T, absl::Duration>;

template <class T>
void AppendSize(const T& value, std::string& out) {
  out.push_back('(');
  AppendNumber(Codec<T>::Size(value), out);
  out.append(" bytes)");
}

template <class T>
void AppendTextTo(const T& value, std::string& out);

// "a, b, c", each through `append`.
template <class Elements, class Append>
void AppendList(const Elements& elements, std::string_view separator, std::string& out,
                Append append) {
  bool first = true;
  const auto one = [&](const auto& element) {
    if (!first) out.append(separator);
    first = false;
    append(element);
  };
  if constexpr (IsSequence<Elements>::value) {
    for (const auto& element : elements) {
      if constexpr (std::same_as<Elements, std::vector<bool>>) {
        one(static_cast<bool>(element));
      } else {
        one(element);
      }
    }
  } else {
    std::apply([&](const auto&... element) { (one(element), ...); }, elements);
  }
}

template <class T>
void AppendTextTo(const T& value, std::string& out) {
  const auto append = [&](const auto& element) { AppendTextTo(element, out); };
  if constexpr (HasRowText<T>) {
    RowText<T>::AppendText(value, out);
  } else if constexpr (kIsScalar<T>) {
    AppendScalar(value, out);
  } else if constexpr (std::same_as<T, std::string>) {
    AppendPrintable(value, out);
  } else if constexpr (IsStrongId<T>::value) {
    out.append(value.ToString());
  } else if constexpr (IsOptional<T>::value) {
    value ? append(*value) : static_cast<void>(out.append("null"));
  } else if constexpr (IsSequence<T>::value) {
    out.push_back('[');
    AppendList(value, ", ", out, append);
    out.push_back(']');
  } else if constexpr (IsTuple<T>::value) {
    out.push_back('(');
    AppendList(value, ", ", out, append);
    out.push_back(')');
  } else if constexpr (Reflected<T>) {
    out.push_back('{');
    ForEachField(value, [&, first = true](std::string_view name, const auto& field) mutable {
      if (!first) out.append(", ");
      first = false;
      out.append(name).push_back('=');
      append(field);
    });
    out.push_back('}');
  } else {
    AppendSize(value, out);
  }
}

template <class T>
void AppendJsonTo(const T& value, std::string& out) {
  const auto append = [&](const auto& element) { AppendJsonTo(element, out); };
  if constexpr (HasRowText<T>) {
    RowText<T>::AppendJson(value, out);
  } else if constexpr (std::floating_point<T>) {
    std::isfinite(value) ? AppendNumber(value, out) : static_cast<void>(out.append("null"));
  } else if constexpr (std::same_as<T, EventTime> || std::same_as<T, absl::Duration>) {
    out.push_back('"');
    AppendScalar(value, out);
    out.push_back('"');
  } else if constexpr (kIsScalar<T>) {
    AppendScalar(value, out);
  } else if constexpr (std::same_as<T, std::string>) {
    AppendJsonString(value, out);
  } else if constexpr (IsStrongId<T>::value) {
    append(value.value());
  } else if constexpr (IsOptional<T>::value) {
    value ? append(*value) : static_cast<void>(out.append("null"));
  } else if constexpr (IsSequence<T>::value || IsTuple<T>::value) {
    out.push_back('[');
    AppendList(value, ",", out, append);
    out.push_back(']');
  } else if constexpr (Reflected<T>) {
    out.push_back('{');
    ForEachField(value, [&, first = true](std::string_view name, const auto& field) mutable {
      if (!first) out.push_back(',');
      first = false;
      AppendJsonString(name, out);
      out.push_back(':');
      append(field);
    });
    out.push_back('}');
  } else {
    std::string text;
    AppendSize(value, text);
    AppendJsonString(text, out);
  }
}

// Structs and tuples lie flat in CSV, optional ones too.
template <class T>
struct CsvValue {
  using Type = T;
};
template <class E>
struct CsvValue<std::optional<E>> : CsvValue<E> {};

template <class T>
inline constexpr bool kIsFlattened = (Reflected<T> || IsTuple<T>::value) && !HasRowText<T>;

template <class T>
void AppendCsvNames(const std::string& name, std::string& out) {
  using Value = typename CsvValue<T>::Type;
  const std::string prefix = name.empty() ? "" : name + ".";
  if constexpr (kIsFlattened<Value> && Reflected<Value>) {
    [&]<size_t... I>(std::index_sequence<I...>) {
      (AppendCsvNames<FieldType<Value, I>>(prefix + std::string(kFieldNames<Value>[I]), out), ...);
    }(std::make_index_sequence<kFieldCount<Value>>());
  } else if constexpr (kIsFlattened<Value>) {
    [&]<size_t... I>(std::index_sequence<I...>) {
      (AppendCsvNames<std::tuple_element_t<I, Value>>(prefix + "f" + std::to_string(I), out), ...);
    }(std::make_index_sequence<std::tuple_size_v<Value>>());
  } else {
    AppendCsvCell(name.empty() ? "value" : name, out);
    out.push_back(',');
  }
}

// What is not flattened, in one cell.
template <class T>
void AppendCsvValue(const T& value, std::string& out) {
  if constexpr (std::same_as<T, std::string>) {
    AppendCsvCell(value, out);
  } else if constexpr (kIsScalar<T>) {
    AppendScalar(value, out);
  } else if constexpr (IsStrongId<T>::value) {
    AppendCsvValue(value.value(), out);
  } else {
    std::string json;
    AppendJsonTo(value, json);
    AppendCsvCell(json, out);
  }
}

// The cells of `value`, or as many empty ones if it is null, each with a comma after it.
template <class T>
void AppendCsvCells(const T* value, std::string& out) {
  if constexpr (IsOptional<T>::value) {
    AppendCsvCells(value && *value ? &**value : nullptr, out);
  } else if constexpr (kIsFlattened<T>) {
    const auto cells = [&]<size_t... I>(const auto* fields, std::index_sequence<I...>) {
      using Fields = std::remove_cvref_t<decltype(*fields)>;
      (AppendCsvCells<std::remove_cvref_t<std::tuple_element_t<I, Fields>>>(
           fields ? &std::get<I>(*fields) : nullptr, out),
       ...);
    };
    if constexpr (Reflected<T>) {
      using Fields = decltype(TieFields(std::declval<const T&>()));
      const std::optional<Fields> fields =
          value ? std::optional<Fields>(TieFields(*value)) : std::nullopt;
      cells(fields ? &*fields : nullptr, std::make_index_sequence<kFieldCount<T>>());
    } else {
      cells(value, std::make_index_sequence<std::tuple_size_v<T>>());
    }
  } else {
    if (value != nullptr) AppendCsvValue(*value, out);
    out.push_back(',');
  }
}

}  // namespace row_text_internal

// For printing and errors. Control characters and malformed UTF-8 in strings come out as \n, \x1b and the like.
template <class T>
std::string ToText(const T& value) {
  std::string out;
  row_text_internal::AppendTextTo(value, out);
  return out;
}

// Column names of T, without line end.
template <class T>
void AppendCsvHeader(std::string& out) {
  row_text_internal::AppendCsvNames<T>("", out);
  out.pop_back();  // The comma after the last name.
}

// One line without its end, quoted as in RFC 4180. A missing optional is an empty cell, an empty string is "".
template <class T>
void AppendCsvRow(const T& value, std::string& out) {
  row_text_internal::AppendCsvCells(&value, out);
  out.pop_back();
}

// One JSON value. 64-bit integers are plain numbers, NaN and infinities are null, malformed UTF-8 becomes U+FFFD.
template <class T>
void AppendJson(const T& value, std::string& out) {
  row_text_internal::AppendJsonTo(value, out);
}

}  // namespace weir

#endif  // WEIR_CORE_TYPES_ROW_TEXT_H_
