// Codec<T>: the bytes of a value in frames, state and snapshots: fields one after another in a fixed little-endian form, without
// tags or padding; the Schema says how to read them. docs/formats/schema.md has the table.
//
// For bool, integers, float, double, enums (as their underlying type), std::string, EventTime, absl::Duration, StrongId,
// std::optional, vector, array, pair, tuple, and structs of such fields (core/types/reflect.h). Protobuf messages: include
// core/types/protobuf_codec.h. Types that contain themselves do not compile. Another type joins by specializing Codec with the
// members below.
//
//   static constexpr size_t kFixedSize;    bytes of every value; 0 if they differ
//   static constexpr size_t kMinSize;      bytes of the smallest value, > 0, which bounds how many elements some bytes can hold
//   static constexpr bool kMemoryImage;    the value is trivially copyable, its memory is its encoding, every encoding is valid
//   static size_t Size(const T&);
//   static char* Write(const T&, char* to);        writes Size() bytes, returns their end
//   static bool Load(const char* from, T&);        if kFixedSize > 0: reads kFixedSize bytes; false if malformed
//   static void Encode(const T&, ByteWriter&);
//   static bool Decode(ByteReader&, T&);           false if malformed or short; the value is then unspecified
//   static Schema SchemaOf();
//
// Decoding takes any bytes: it allocates in proportion to the elements it has read, never to a length it was told. Every value
// has one encoding. Durations travel as whole nanoseconds: finer ones are cut, those beyond 292 years become infinite. Pure.
#ifndef WEIR_CORE_TYPES_CODEC_H_
#define WEIR_CORE_TYPES_CODEC_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "core/base/byte_codec.h"
#include "core/base/check.h"
#include "core/base/strong_id.h"
#include "core/types/event_time.h"
#include "core/types/reflect.h"
#include "core/types/schema.h"

namespace weir {

template <class T>
struct Codec {
  static_assert(
      !std::is_pointer_v<T> && !std::is_reference_v<T>,
      "a row, key or state value leaves the process: it cannot hold a pointer or reference");
  static_assert(!std::is_convertible_v<const T&, std::string_view>,
                "a row, key or state value must own its text: use std::string, not a view");
  static_assert(!std::is_same_v<T, T>,
                "no Codec for this type. Rows, keys and state are made of bool, integers, float, "
                "double, enums, std::string, EventTime, absl::Duration, optional, vector, array, "
                "pair, tuple, plain structs without constructors or base classes, and protobuf "
                "messages (include core/types/protobuf_codec.h); else specialize weir::Codec");
};

namespace codec_internal {

template <class T>
concept CodecNumber = FixedNumber<T> && !std::same_as<T, wchar_t> && !std::same_as<T, char8_t> &&
                      !std::same_as<T, char16_t> && !std::same_as<T, char32_t>;

template <CodecNumber T>
constexpr SchemaKind KindOfNumber() {
  if constexpr (std::is_floating_point_v<T>) {
    return sizeof(T) == 4 ? SchemaKind::kF32 : SchemaKind::kF64;
  } else {
    // char counts as i8 on every machine.
    constexpr bool kSigned = std::is_signed_v<T> || std::same_as<T, char>;
    constexpr SchemaKind kFirst = kSigned ? SchemaKind::kI8 : SchemaKind::kU8;
    return static_cast<SchemaKind>(static_cast<int>(kFirst) +
                                   std::countr_zero(static_cast<unsigned>(sizeof(T))));
  }
}

// What follows from Write and Load for values that all have `kSize` bytes.
template <class T, size_t kSize>
struct FixedSizeCodec {
  static constexpr size_t kFixedSize = kSize;
  static constexpr size_t kMinSize = kSize;
  static size_t Size(const T&) { return kSize; }
  static void Encode(const T& value, ByteWriter& writer) {
    Codec<T>::Write(value, writer.Extend(kSize));
  }
  static bool Decode(ByteReader& reader, T& value) {
    std::string_view bytes;
    if (!reader.GetRaw(kSize, bytes)) return false;
    return Codec<T>::Load(bytes.data(), value) || reader.Fail();
  }
};

// What follows from Size and Write for values that differ in size.
template <class T, size_t kSizeMin>
struct VariableSizeCodec {
  static constexpr size_t kFixedSize = 0;
  static constexpr size_t kMinSize = kSizeMin;
  static constexpr bool kMemoryImage = false;
  static void Encode(const T& value, ByteWriter& writer) {
    Codec<T>::Write(value, writer.Extend(Codec<T>::Size(value)));
  }
};

// A value that travels as a number it converts to and from.
template <class T, class Number>
struct AsNumberCodec : FixedSizeCodec<T, sizeof(Number)> {
  static char* Write(const T& value, char* to) {
    StoreLittle<Number>(Codec<T>::ToNumber(value), to);
    return to + sizeof(Number);
  }
  static bool Load(const char* from, T& value) {
    value = Codec<T>::FromNumber(LoadLittle<Number>(from));
    return true;
  }
};

// Writes a u32 count or length.
inline char* WriteCount(size_t count, char* to) {
  WEIR_CHECK_LE(count, std::numeric_limits<uint32_t>::max());
  StoreLittle(static_cast<uint32_t>(count), to);
  return to + sizeof(uint32_t);
}

}  // namespace codec_internal

template <codec_internal::CodecNumber T>
struct Codec<T> : codec_internal::AsNumberCodec<T, T> {
  static constexpr bool kMemoryImage = true;
  static T ToNumber(T value) { return value; }
  static T FromNumber(T number) { return number; }
  static Schema SchemaOf() { return Schema::Scalar(codec_internal::KindOfNumber<T>()); }
};

template <class T>
  requires std::is_enum_v<T>
struct Codec<T> : codec_internal::AsNumberCodec<T, std::underlying_type_t<T>> {
  using Number = std::underlying_type_t<T>;
  static_assert(codec_internal::CodecNumber<Number>, "an enum over bool or a character type");
  static constexpr bool kMemoryImage = true;
  static Number ToNumber(T value) { return static_cast<Number>(value); }
  static T FromNumber(Number number) { return static_cast<T>(number); }
  static Schema SchemaOf() { return Codec<Number>::SchemaOf(); }
};

template <>
struct Codec<EventTime> : codec_internal::AsNumberCodec<EventTime, int64_t> {
  static constexpr bool kMemoryImage = sizeof(EventTime) == sizeof(int64_t);
  static int64_t ToNumber(EventTime value) { return value.micros(); }
  static EventTime FromNumber(int64_t number) { return EventTime::FromMicros(number); }
  static Schema SchemaOf() { return Schema::Scalar(SchemaKind::kEventTime); }
};

template <>
struct Codec<absl::Duration> : codec_internal::AsNumberCodec<absl::Duration, int64_t> {
  static constexpr bool kMemoryImage = false;
  static int64_t ToNumber(absl::Duration value) { return absl::ToInt64Nanoseconds(value); }
  static absl::Duration FromNumber(int64_t number) {
    if (number == std::numeric_limits<int64_t>::max()) return absl::InfiniteDuration();
    if (number == std::numeric_limits<int64_t>::min()) return -absl::InfiniteDuration();
    return absl::Nanoseconds(number);
  }
  static Schema SchemaOf() { return Schema::Scalar(SchemaKind::kDuration); }
};

template <>
struct Codec<bool> : codec_internal::FixedSizeCodec<bool, 1> {
  static constexpr bool kMemoryImage = false;  // Only 0 and 1 are valid.
  static char* Write(bool value, char* to) {
    *to = value ? '\1' : '\0';
    return to + 1;
  }
  static bool Load(const char* from, bool& value) {
    const auto byte = static_cast<unsigned char>(*from);
    value = (byte & 1) != 0;
    return byte <= 1;
  }
  static Schema SchemaOf() { return Schema::Scalar(SchemaKind::kBool); }
};

template <>
struct Codec<std::string> : codec_internal::VariableSizeCodec<std::string, 4> {
  static size_t Size(const std::string& value) { return 4 + value.size(); }
  static char* Write(const std::string& value, char* to) {
    to = codec_internal::WriteCount(value.size(), to);
    std::memcpy(to, value.data(), value.size());
    return to + value.size();
  }
  static bool Decode(ByteReader& reader, std::string& value) { return reader.GetString(value); }
  static Schema SchemaOf() { return Schema::Scalar(SchemaKind::kString); }
};

template <class Tag, class Rep>
struct Codec<StrongId<Tag, Rep>> {
  using Id = StrongId<Tag, Rep>;
  static constexpr size_t kFixedSize = Codec<Rep>::kFixedSize;
  static constexpr size_t kMinSize = Codec<Rep>::kMinSize;
  static constexpr bool kMemoryImage = Codec<Rep>::kMemoryImage && sizeof(Id) == sizeof(Rep);
  static size_t Size(const Id& id) { return Codec<Rep>::Size(id.value()); }
  static char* Write(const Id& id, char* to) { return Codec<Rep>::Write(id.value(), to); }
  static bool Load(const char* from, Id& id) {
    Rep rep;
    const bool ok = Codec<Rep>::Load(from, rep);
    id = Id(std::move(rep));
    return ok;
  }
  static void Encode(const Id& id, ByteWriter& writer) { Codec<Rep>::Encode(id.value(), writer); }
  static bool Decode(ByteReader& reader, Id& id) {
    Rep rep;
    if (!Codec<Rep>::Decode(reader, rep)) return false;
    id = Id(std::move(rep));
    return true;
  }
  static Schema SchemaOf() { return Codec<Rep>::SchemaOf(); }
};

template <class E>
struct Codec<std::optional<E>> : codec_internal::VariableSizeCodec<std::optional<E>, 1> {
  static size_t Size(const std::optional<E>& value) {
    return value ? 1 + Codec<E>::Size(*value) : 1;
  }
  static char* Write(const std::optional<E>& value, char* to) {
    *to++ = value ? '\1' : '\0';
    return value ? Codec<E>::Write(*value, to) : to;
  }
  static bool Decode(ByteReader& reader, std::optional<E>& value) {
    bool present;
    if (!reader.GetBool(present)) return false;
    if (present) return Codec<E>::Decode(reader, value ? *value : value.emplace());
    value.reset();
    return true;
  }
  static Schema SchemaOf() { return Schema::Optional(Codec<E>::SchemaOf()); }
};

template <class E>
struct Codec<std::vector<E>> : codec_internal::VariableSizeCodec<std::vector<E>, 4> {
  static size_t Size(const std::vector<E>& values) {
    if constexpr (Codec<E>::kFixedSize > 0) {
      return 4 + values.size() * Codec<E>::kFixedSize;
    } else {
      size_t size = 4;
      for (const E& value : values) size += Codec<E>::Size(value);
      return size;
    }
  }
  static char* Write(const std::vector<E>& values, char* to) {
    to = codec_internal::WriteCount(values.size(), to);
    if constexpr (Codec<E>::kMemoryImage) {
      if (!values.empty()) std::memcpy(to, values.data(), values.size() * sizeof(E));
      return to + values.size() * sizeof(E);
    } else {
      for (const auto& value : values) to = Codec<E>::Write(value, to);
      return to;
    }
  }
  static bool Decode(ByteReader& reader, std::vector<E>& values) {
    uint32_t count;
    if (!reader.GetU32(count)) return false;
    if (count > reader.remaining() / Codec<E>::kMinSize) return reader.Fail();
    values.clear();
    if constexpr (Codec<E>::kMemoryImage) {
      std::string_view bytes;
      if (!reader.GetRaw(count * sizeof(E), bytes)) return false;
      values.resize(count);
      if (count > 0) std::memcpy(static_cast<void*>(values.data()), bytes.data(), bytes.size());
      return true;
    } else {
      // An element may be far larger in memory than encoded, so there is a limit to taking the count at its word.
      values.reserve(std::min<size_t>(count, 1 + kReserveBytesMax / sizeof(E)));
      for (uint32_t i = 0; i < count; ++i) {
        if (!DecodeElement(reader, values)) return false;
      }
      return true;
    }
  }
  static Schema SchemaOf() { return Schema::Vector(Codec<E>::SchemaOf()); }

 private:
  static constexpr size_t kReserveBytesMax = 64 * 1024;

  static bool DecodeElement(ByteReader& reader, std::vector<E>& values) {
    if constexpr (std::same_as<E, bool>) {
      bool value;
      if (!reader.GetBool(value)) return false;
      values.push_back(value);
      return true;
    } else {
      return Codec<E>::Decode(reader, values.emplace_back());
    }
  }
};

namespace codec_internal {

// Fields one after another, given as a tuple of references to them.
template <class... Fields>
struct FieldsCodec {
  static_assert(sizeof...(Fields) > 0, "a struct or tuple without fields cannot be a row");
  static constexpr size_t kMinSize = (Codec<Fields>::kMinSize + ...);
  static constexpr size_t kFixedSize = ((Codec<Fields>::kFixedSize > 0) && ...) ? kMinSize : 0;
  static constexpr bool kAllMemoryImages = (Codec<Fields>::kMemoryImage && ...);

  using In = std::tuple<const Fields&...>;
  using Out = std::tuple<Fields&...>;

  static size_t Size(const In& in) {
    return std::apply([](auto&... f) { return (Codec<Fields>::Size(f) + ...); }, in);
  }
  static char* Write(const In& in, char* to) {
    std::apply([&](auto&... f) { ((to = Codec<Fields>::Write(f, to)), ...); }, in);
    return to;
  }
  static bool Load(const char* from, const Out& out) {
    bool ok = true;
    std::apply(
        [&](auto&... f) {
          ((ok &= Codec<Fields>::Load(from, f), from += Codec<Fields>::kFixedSize), ...);
        },
        out);
    return ok;
  }
  static bool Decode(ByteReader& reader, const Out& out) {
    return std::apply([&](auto&... f) { return (Codec<Fields>::Decode(reader, f) && ...); }, out);
  }
};

template <class... Fields>
FieldsCodec<std::remove_const_t<Fields>...> FieldsCodecOf(std::tuple<Fields&...>);

// Codec of a T that `tie` turns into a tuple of references.
template <class T, class Fields, auto tie>
struct TiedCodec : VariableSizeCodec<T, Fields::kMinSize> {
  static constexpr size_t kFixedSize = Fields::kFixedSize;
  // No padding anywhere, nested structs included, since the fields are as long as the whole.
  static constexpr bool kMemoryImage = Reflected<T> && Fields::kAllMemoryImages &&
                                       Fields::kFixedSize == sizeof(T) &&
                                       std::is_trivially_copyable_v<T>;
  static size_t Size(const T& value) {
    if constexpr (kFixedSize > 0) return kFixedSize;
    return Fields::Size(tie(value));
  }
  static char* Write(const T& value, char* to) {
    if constexpr (kMemoryImage) {
      std::memcpy(to, static_cast<const void*>(&value), sizeof(T));
      return to + sizeof(T);
    } else {
      return Fields::Write(tie(value), to);
    }
  }
  static bool Load(const char* from, T& value) {
    if constexpr (kMemoryImage) {
      std::memcpy(static_cast<void*>(&value), from, sizeof(T));
      return true;
    } else {
      return Fields::Load(from, tie(value));
    }
  }
  static bool Decode(ByteReader& reader, T& value) {
    if constexpr (kFixedSize > 0) {
      return FixedSizeCodec<T, kFixedSize>::Decode(reader, value);
    } else {
      return Fields::Decode(reader, tie(value));
    }
  }
};

inline constexpr auto kTieStruct = [](auto& value) { return TieFields(value); };
inline constexpr auto kTieTuple = [](auto& value) {
  return std::apply([](auto&... f) { return std::tie(f...); }, value);
};

}  // namespace codec_internal

template <Reflected T>
struct Codec<T> : codec_internal::TiedCodec<
                      T, decltype(codec_internal::FieldsCodecOf(TieFields(std::declval<T&>()))),
                      codec_internal::kTieStruct> {
  static Schema SchemaOf() {
    return []<size_t... I>(std::index_sequence<I...>) {
      return Schema::Struct(
          {Schema::Field{std::string(kFieldNames<T>[I]), Codec<FieldType<T, I>>::SchemaOf()}...});
    }(std::make_index_sequence<kFieldCount<T>>());
  }
};

template <class... Es>
struct Codec<std::tuple<Es...>>
    : codec_internal::TiedCodec<std::tuple<Es...>, codec_internal::FieldsCodec<Es...>,
                                codec_internal::kTieTuple> {
  static Schema SchemaOf() { return Schema::Tuple({Codec<Es>::SchemaOf()...}); }
};

template <class A, class B>
struct Codec<std::pair<A, B>>
    : codec_internal::TiedCodec<std::pair<A, B>, codec_internal::FieldsCodec<A, B>,
                                codec_internal::kTieTuple> {
  static Schema SchemaOf() { return Schema::Tuple({Codec<A>::SchemaOf(), Codec<B>::SchemaOf()}); }
};

template <class E, size_t kCount>
struct Codec<std::array<E, kCount>>
    : codec_internal::VariableSizeCodec<std::array<E, kCount>, Codec<E>::kMinSize * kCount> {
  using T = std::array<E, kCount>;
  static_assert(kCount > 0 && kCount < 1'000'000'000, "array size");
  static constexpr size_t kFixedSize = Codec<E>::kFixedSize * kCount;
  static constexpr bool kMemoryImage = Codec<E>::kMemoryImage;
  static size_t Size(const T& values) {
    size_t size = kFixedSize;
    if constexpr (kFixedSize == 0) {
      for (const E& value : values) size += Codec<E>::Size(value);
    }
    return size;
  }
  static char* Write(const T& values, char* to) {
    for (const E& value : values) to = Codec<E>::Write(value, to);
    return to;
  }
  static bool Load(const char* from, T& values) {
    bool ok = true;
    for (E& value : values) {
      ok &= Codec<E>::Load(from, value);
      from += Codec<E>::kFixedSize;
    }
    return ok;
  }
  static bool Decode(ByteReader& reader, T& values) {
    for (E& value : values) {
      if (!Codec<E>::Decode(reader, value)) return false;
    }
    return true;
  }
  static Schema SchemaOf() { return Schema::Array(Codec<E>::SchemaOf(), uint32_t{kCount}); }
};

}  // namespace weir

#endif  // WEIR_CORE_TYPES_CODEC_H_
