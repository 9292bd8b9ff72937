// Reflection of aggregates: field count, fields and their names, without macros and without anything at run time. It is what
// lets an ordinary struct be a row, a key or a state value:
//
//   struct Install {
//     EventTime time;
//     std::string package;
//     SourcePosition position;
//   };
//   ForEachField(install, [](std::string_view name, auto& field) { ... });
//   GetFieldOfType<SourcePosition>(install).offset;
//
// A struct qualifies if it is an aggregate (no constructors, no private or virtual members, no base classes) of at most 32
// fields, each of which can be made from {}: no references, no C arrays (std::array will do). Works in clang >= 16 and
// gcc >= 12; other compilers fail the static_asserts below instead of giving wrong names. Pure.
//
// Source: the technique is that of Boost.PFR.
#ifndef WEIR_CORE_TYPES_REFLECT_H_
#define WEIR_CORE_TYPES_REFLECT_H_

#include <array>
#include <concepts>
#include <cstddef>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace weir {

inline constexpr size_t kReflectedFieldsMax = 32;

namespace reflect_internal {

template <class T>
struct IsStdArray : std::false_type {};
template <class E, size_t N>
struct IsStdArray<std::array<E, N>> : std::true_type {};

}  // namespace reflect_internal

// A struct whose fields can be visited.
template <class T>
concept Reflected = std::is_class_v<T> && std::is_aggregate_v<T> && !std::is_union_v<T> &&
                    !reflect_internal::IsStdArray<T>::value;

namespace reflect_internal {

// T{{}, {}, {}} compiles for as many {} as T has fields. A field of class type takes its own {}, so nested structs count as
// one; nothing is converted, so optionals, strings and variants are not ambiguous.
template <class T>
consteval size_t CountFields() {
#define WEIR_TRY_FIELDS_(count, ...)           \
  if constexpr (!requires { T{__VA_ARGS__}; }) \
    return (count)-1;                          \
  else  // NOLINT
#define WEIR_B4_ \
  {}, {}, {}, {}
#define WEIR_B8_ WEIR_B4_, WEIR_B4_
#define WEIR_B16_ WEIR_B8_, WEIR_B8_
#define WEIR_TRY_4_FIELDS_(base, ...)               \
  WEIR_TRY_FIELDS_(base + 1, __VA_ARGS__{})         \
  WEIR_TRY_FIELDS_(base + 2, __VA_ARGS__{}, {})     \
  WEIR_TRY_FIELDS_(base + 3, __VA_ARGS__{}, {}, {}) \
  WEIR_TRY_FIELDS_(base + 4, __VA_ARGS__{}, {}, {}, {})
  WEIR_TRY_4_FIELDS_(0)
  WEIR_TRY_4_FIELDS_(4, WEIR_B4_, )
  WEIR_TRY_4_FIELDS_(8, WEIR_B8_, )
  WEIR_TRY_4_FIELDS_(12, WEIR_B8_, WEIR_B4_, )
  WEIR_TRY_4_FIELDS_(16, WEIR_B16_, )
  WEIR_TRY_4_FIELDS_(20, WEIR_B16_, WEIR_B4_, )
  WEIR_TRY_4_FIELDS_(24, WEIR_B16_, WEIR_B8_, )
  WEIR_TRY_4_FIELDS_(28, WEIR_B16_, WEIR_B8_, WEIR_B4_, )
  WEIR_TRY_FIELDS_(33, WEIR_B16_, WEIR_B16_, {})
  return kReflectedFieldsMax + 1;
#undef WEIR_TRY_4_FIELDS_
#undef WEIR_B16_
#undef WEIR_B8_
#undef WEIR_B4_
#undef WEIR_TRY_FIELDS_
}

}  // namespace reflect_internal

template <Reflected T>
inline constexpr size_t kFieldCount = reflect_internal::CountFields<std::remove_cv_t<T>>();

// The fields of `value` as a tuple of references, const if `value` is.
template <class T>
  requires Reflected<std::remove_cv_t<T>>
constexpr auto TieFields(T& value) {
  constexpr size_t kCount = kFieldCount<std::remove_cv_t<T>>;
  static_assert(kCount <= kReflectedFieldsMax,
                "a struct may have at most 32 fields; group some of them in a nested struct");
  // clang-format off
  if constexpr (kCount == 0) { return std::tuple<>();
#define WEIR_TIE_(count, ...)                   \
  } else if constexpr (kCount == (count)) {     \
    auto& [__VA_ARGS__] = value;                \
    return std::tie(__VA_ARGS__);
  WEIR_TIE_(1, f1)
  WEIR_TIE_(2, f1, f2)
  WEIR_TIE_(3, f1, f2, f3)
  WEIR_TIE_(4, f1, f2, f3, f4)
  WEIR_TIE_(5, f1, f2, f3, f4, f5)
  WEIR_TIE_(6, f1, f2, f3, f4, f5, f6)
  WEIR_TIE_(7, f1, f2, f3, f4, f5, f6, f7)
  WEIR_TIE_(8, f1, f2, f3, f4, f5, f6, f7, f8)
#define WEIR_F8_ f1, f2, f3, f4, f5, f6, f7, f8
  WEIR_TIE_(9, WEIR_F8_, f9)
  WEIR_TIE_(10, WEIR_F8_, f9, f10)
  WEIR_TIE_(11, WEIR_F8_, f9, f10, f11)
  WEIR_TIE_(12, WEIR_F8_, f9, f10, f11, f12)
  WEIR_TIE_(13, WEIR_F8_, f9, f10, f11, f12, f13)
  WEIR_TIE_(14, WEIR_F8_, f9, f10, f11, f12, f13, f14)
  WEIR_TIE_(15, WEIR_F8_, f9, f10, f11, f12, f13, f14, f15)
  WEIR_TIE_(16, WEIR_F8_, f9, f10, f11, f12, f13, f14, f15, f16)
#define WEIR_F16_ WEIR_F8_, f9, f10, f11, f12, f13, f14, f15, f16
  WEIR_TIE_(17, WEIR_F16_, f17)
  WEIR_TIE_(18, WEIR_F16_, f17, f18)
  WEIR_TIE_(19, WEIR_F16_, f17, f18, f19)
  WEIR_TIE_(20, WEIR_F16_, f17, f18, f19, f20)
  WEIR_TIE_(21, WEIR_F16_, f17, f18, f19, f20, f21)
  WEIR_TIE_(22, WEIR_F16_, f17, f18, f19, f20, f21, f22)
  WEIR_TIE_(23, WEIR_F16_, f17, f18, f19, f20, f21, f22, f23)
  WEIR_TIE_(24, WEIR_F16_, f17, f18, f19, f20, f21, f22, f23, f24)
#define WEIR_F24_ WEIR_F16_, f17, f18, f19, f20, f21, f22, f23, f24
  WEIR_TIE_(25, WEIR_F24_, f25)
  WEIR_TIE_(26, WEIR_F24_, f25, f26)
  WEIR_TIE_(27, WEIR_F24_, f25, f26, f27)
  WEIR_TIE_(28, WEIR_F24_, f25, f26, f27, f28)
  WEIR_TIE_(29, WEIR_F24_, f25, f26, f27, f28, f29)
  WEIR_TIE_(30, WEIR_F24_, f25, f26, f27, f28, f29, f30)
  WEIR_TIE_(31, WEIR_F24_, f25, f26, f27, f28, f29, f30, f31)
  WEIR_TIE_(32, WEIR_F24_, f25, f26, f27, f28, f29, f30, f31, f32)
#undef WEIR_F24_
#undef WEIR_F16_
#undef WEIR_F8_
#undef WEIR_TIE_
  }
  // clang-format on
}

template <Reflected T>
using FieldTypes = decltype(TieFields(std::declval<T&>()));  // std::tuple of references

template <Reflected T, size_t I>
using FieldType = std::remove_reference_t<std::tuple_element_t<I, FieldTypes<T>>>;

namespace reflect_internal {

template <class T>
struct Holder {
  T value;
};

#ifdef __clang__
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wundefined-internal"
#pragma clang diagnostic ignored "-Wundefined-var-template"
#endif
// Never defined: only addresses of its fields are formed, for the compiler to print.
template <class T>
extern const Holder<T> kNowhere;

// clang < 18 takes no pointer to a subobject as a template argument, but takes a struct that holds one.
template <class Pointer>
struct PointerBox {
  Pointer pointer;
};
template <class Pointer>
PointerBox(Pointer) -> PointerBox<Pointer>;

// "... {&kNowhere.value.package}]" or "... {(& kNowhere<T>.Holder<T>::value.T::package)}; ...]".
template <auto kBox>
consteval std::string_view PrettyName() {
  return __PRETTY_FUNCTION__;
}

template <class T, size_t I>
consteval std::string_view FieldNameOf() {
  constexpr std::string_view kText =
      PrettyName<PointerBox{&std::get<I>(TieFields(kNowhere<T>.value))}>();
  size_t end = kText.rfind('}');
  while (kText[end - 1] == ')') --end;
  size_t begin = end;
  while (kText[begin - 1] != '.' && kText[begin - 1] != ':' && kText[begin - 1] != ' ') --begin;
  return kText.substr(begin, end - begin);
}
#ifdef __clang__
#pragma clang diagnostic pop
#endif

template <class T, size_t... I>
consteval auto FieldNamesOf(std::index_sequence<I...>) {
  return std::array<std::string_view, sizeof...(I)>{FieldNameOf<T, I>()...};
}

struct Probe {
  int first_field;
  std::array<char, 3> last_field;
};
static_assert(CountFields<Probe>() == 2);
static_assert(FieldNameOf<Probe, 0>() == "first_field", "unknown form of __PRETTY_FUNCTION__");
static_assert(FieldNameOf<Probe, 1>() == "last_field", "unknown form of __PRETTY_FUNCTION__");

}  // namespace reflect_internal

// In order of declaration.
template <Reflected T>
inline constexpr auto kFieldNames =
    reflect_internal::FieldNamesOf<T>(std::make_index_sequence<kFieldCount<T>>());

// Calls fn(name, field) for each field in order of declaration; the field is const if `value` is.
template <class T, class Fn>
  requires Reflected<std::remove_cv_t<T>>
constexpr void ForEachField(T& value, Fn&& fn) {
  std::apply(
      [&](auto&... fields) {
        [[maybe_unused]] size_t index = 0;
        (fn(kFieldNames<std::remove_cv_t<T>>[index++], fields), ...);
      },
      TieFields(value));
}

namespace reflect_internal {

// Index of the first field of exactly type F; the field count if there is none.
template <class T, class F>
consteval size_t IndexOfType() {
  if constexpr (!Reflected<T>) {
    return 0;
  } else {
    return []<size_t... I>(std::index_sequence<I...>) {
      size_t index = sizeof...(I);
      ((index = index == sizeof...(I) && std::same_as<FieldType<T, I>, F> ? I : index), ...);
      return index;
    }(std::make_index_sequence<kFieldCount<T>>());
  }
}

template <class T, class F>
consteval bool HasType() {
  if constexpr (!Reflected<T>) {
    return false;
  } else {
    return IndexOfType<T, F>() < kFieldCount<T>;
  }
}

}  // namespace reflect_internal

// True if T is a struct with a field (of its own, not of a nested struct) of exactly type F.
template <class T, class F>
inline constexpr bool HasFieldOfType = reflect_internal::HasType<T, F>();

// The first such field.
template <class F, class T>
  requires HasFieldOfType<std::remove_cv_t<T>, F>
constexpr auto& GetFieldOfType(T& value) {
  return std::get<reflect_internal::IndexOfType<std::remove_cv_t<T>, F>()>(TieFields(value));
}

}  // namespace weir

#endif  // WEIR_CORE_TYPES_REFLECT_H_
