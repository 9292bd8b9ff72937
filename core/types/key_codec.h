// KeyCodec<K>: the bytes of a key. They compare under memcmp as the keys do, so every table, timer queue and sorted file agrees on
// one order of keys; and no key's bytes are a prefix of another's, so keys compose. docs/formats/keys.md has the table.
//
// Unsigned integers are big-endian, signed ones with the sign bit flipped, floats ordered with -0 as +0 and one NaN above all,
// strings escaped (00 becomes 00 FF) and terminated (00 00), optionals a byte 0 or 1, vectors a byte 1 before each element and
// a byte 0 at the end; tuples, arrays and structs are their fields one after another.
//
// KeyHash(key) is StableHash64 of exactly these bytes, but for a key that is one string it is that of the string itself, which
// need not be copied then. It decides key groups, so both are fixed forever. Pure.
#ifndef WEIR_CORE_TYPES_KEY_CODEC_H_
#define WEIR_CORE_TYPES_KEY_CODEC_H_

#include <algorithm>
#include <array>
#include <bit>
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

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/base/byte_codec.h"
#include "core/base/hash.h"
#include "core/base/strong_id.h"
#include "core/types/codec.h"
#include "core/types/event_time.h"
#include "core/types/reflect.h"

namespace weir {

// Members as in Codec<T>: kFixedSize, Size, Write, Decode. Decode accepts only what Write writes.
template <class K>
struct KeyCodec {
  static_assert(!std::is_pointer_v<K> && !std::is_reference_v<K>, "a pointer cannot be a key");
  static_assert(!std::is_same_v<K, K>,
                "this type cannot be a key. Keys are made of bool, integers, float, double, enums, "
                "std::string, EventTime, absl::Duration, optional, vector, array, pair, tuple and "
                "plain structs without constructors or base classes");
};

namespace key_codec_internal {

template <class K, class Number>
struct IntegerKeyCodec {
  using Bits = std::make_unsigned_t<Number>;
  static constexpr size_t kFixedSize = sizeof(Bits);
  static constexpr Bits kSignBit =
      std::is_signed_v<Number> ? static_cast<Bits>(Bits{1} << (8 * sizeof(Bits) - 1)) : Bits{0};

  static size_t Size(const K&) { return kFixedSize; }
  static char* Write(const K& key, char* to) {
    StoreLittle(Swap(static_cast<Bits>(static_cast<Bits>(KeyCodec<K>::ToNumber(key)) ^ kSignBit)),
                to);
    return to + kFixedSize;
  }
  static bool Decode(ByteReader& reader, K& key) {
    Bits bits;
    if (!reader.Get(bits)) return false;
    key = KeyCodec<K>::FromNumber(static_cast<Number>(Swap(bits) ^ kSignBit));
    return true;
  }
  static Bits Swap(Bits bits) {
    if constexpr (sizeof(Bits) == 8) return __builtin_bswap64(bits);
    if constexpr (sizeof(Bits) == 4) return __builtin_bswap32(bits);
    if constexpr (sizeof(Bits) == 2) return __builtin_bswap16(bits);
    return bits;
  }
};

// char counts as signed on every machine.
template <class T>
using KeyNumber = std::conditional_t<std::same_as<T, char>, signed char, T>;

// Of a K that `tie` turns into a tuple of references to its fields.
template <class K, auto tie, class... Fields>
struct FieldsKeyCodec {
  static_assert(sizeof...(Fields) > 0, "a struct or tuple without fields cannot be a key");
  static constexpr size_t kFixedSize =
      ((KeyCodec<Fields>::kFixedSize > 0) && ...) ? (KeyCodec<Fields>::kFixedSize + ...) : 0;
  static size_t Size(const K& key) {
    if constexpr (kFixedSize > 0) return kFixedSize;
    return std::apply([](auto&... f) { return (KeyCodec<Fields>::Size(f) + ...); }, tie(key));
  }
  static char* Write(const K& key, char* to) {
    std::apply([&](auto&... f) { ((to = KeyCodec<Fields>::Write(f, to)), ...); }, tie(key));
    return to;
  }
  static bool Decode(ByteReader& reader, K& key) {
    return std::apply([&](auto&... f) { return (KeyCodec<Fields>::Decode(reader, f) && ...); },
                      tie(key));
  }
};

template <class K, auto tie, class... Fields>
FieldsKeyCodec<K, tie, Fields...> OfFields(std::tuple<Fields&...>);

template <class K>
struct RepOf {};
template <class Tag, class Rep>
struct RepOf<StrongId<Tag, Rep>> {
  using Type = Rep;
};

}  // namespace key_codec_internal

template <codec_internal::CodecNumber K>
  requires std::integral<K>
struct KeyCodec<K> : key_codec_internal::IntegerKeyCodec<K, key_codec_internal::KeyNumber<K>> {
  using Number = key_codec_internal::KeyNumber<K>;
  static Number ToNumber(K key) { return static_cast<Number>(key); }
  static K FromNumber(Number number) { return static_cast<K>(number); }
};

template <class K>
  requires std::is_enum_v<K>
struct KeyCodec<K> : key_codec_internal::IntegerKeyCodec<
                         K, key_codec_internal::KeyNumber<std::underlying_type_t<K>>> {
  using Number = key_codec_internal::KeyNumber<std::underlying_type_t<K>>;
  static Number ToNumber(K key) { return static_cast<Number>(key); }
  static K FromNumber(Number number) { return static_cast<K>(number); }
};

template <>
struct KeyCodec<EventTime> : key_codec_internal::IntegerKeyCodec<EventTime, int64_t> {
  static int64_t ToNumber(EventTime key) { return key.micros(); }
  static EventTime FromNumber(int64_t number) { return EventTime::FromMicros(number); }
};

template <>
struct KeyCodec<absl::Duration> : key_codec_internal::IntegerKeyCodec<absl::Duration, int64_t> {
  static int64_t ToNumber(absl::Duration key) { return Codec<absl::Duration>::ToNumber(key); }
  static absl::Duration FromNumber(int64_t n) { return Codec<absl::Duration>::FromNumber(n); }
};

template <>
struct KeyCodec<bool> {
  static constexpr size_t kFixedSize = 1;
  static size_t Size(bool) { return 1; }
  static char* Write(bool key, char* to) { return Codec<bool>::Write(key, to); }
  static bool Decode(ByteReader& reader, bool& key) { return reader.GetBool(key); }
};

template <std::floating_point K>
  requires codec_internal::CodecNumber<K>
struct KeyCodec<K> {
  using Bits = std::conditional_t<sizeof(K) == 4, uint32_t, uint64_t>;
  static constexpr size_t kFixedSize = sizeof(K);
  static constexpr Bits kSignBit = Bits{1} << (8 * sizeof(Bits) - 1);

  static size_t Size(K) { return kFixedSize; }
  static char* Write(K key, char* to) {
    if (key == 0) key = 0;  // -0
    if (key != key) key = std::numeric_limits<K>::quiet_NaN();
    const auto bits = std::bit_cast<Bits>(key);
    return KeyCodec<Bits>::Write(bits & kSignBit ? ~bits : bits ^ kSignBit, to);
  }
  static bool Decode(ByteReader& reader, K& key) {
    Bits ordered;
    if (!KeyCodec<Bits>::Decode(reader, ordered)) return false;
    const auto value = std::bit_cast<K>(ordered & kSignBit ? ordered ^ kSignBit : ~ordered);
    char canonical[kFixedSize];
    Write(value, canonical);
    if (KeyCodec<Bits>::Swap(LoadLittle<Bits>(canonical)) != ordered) return reader.Fail();
    key = value;
    return true;
  }
};

// For std::string, and for looking up such a key by a view of it.
template <>
struct KeyCodec<std::string_view> {
  static constexpr size_t kFixedSize = 0;

  static size_t Size(std::string_view key) {
    const bool plain = key.empty() || std::memchr(key.data(), 0, key.size()) == nullptr;
    const auto zeros = plain ? 0 : std::count(key.begin(), key.end(), '\0');
    return key.size() + static_cast<size_t>(zeros) + 2;
  }
  static char* Write(std::string_view key, char* to) {
    while (!key.empty()) {
      const void* zero = std::memchr(key.data(), 0, key.size());
      const size_t plain =
          zero ? static_cast<size_t>(static_cast<const char*>(zero) - key.data()) : key.size();
      std::memcpy(to, key.data(), plain);
      to += plain;
      if (zero == nullptr) break;
      *to++ = '\0';
      *to++ = '\xff';
      key.remove_prefix(plain + 1);
    }
    *to++ = '\0';
    *to++ = '\0';
    return to;
  }
};

template <>
struct KeyCodec<std::string> : KeyCodec<std::string_view> {
  static bool Decode(ByteReader& reader, std::string& key) {
    key.clear();
    for (;;) {
      if (reader.remaining() < 2) return reader.Fail();
      const void* zero = std::memchr(reader.cursor(), 0, reader.remaining() - 1);
      if (zero == nullptr) return reader.Fail();
      std::string_view plain, escape;
      const auto size = static_cast<size_t>(static_cast<const char*>(zero) - reader.cursor());
      if (!reader.GetRaw(size, plain) || !reader.GetRaw(2, escape)) return false;
      key.append(plain);
      if (escape[1] == '\0') return true;
      if (escape[1] != '\xff') return reader.Fail();
      key.push_back('\0');
    }
  }
};

template <class Tag, class Rep>
struct KeyCodec<StrongId<Tag, Rep>> {
  using K = StrongId<Tag, Rep>;
  static constexpr size_t kFixedSize = KeyCodec<Rep>::kFixedSize;
  static size_t Size(const K& key) { return KeyCodec<Rep>::Size(key.value()); }
  static char* Write(const K& key, char* to) { return KeyCodec<Rep>::Write(key.value(), to); }
  static bool Decode(ByteReader& reader, K& key) {
    Rep rep;
    if (!KeyCodec<Rep>::Decode(reader, rep)) return false;
    key = K(std::move(rep));
    return true;
  }
};

template <class E>
struct KeyCodec<std::optional<E>> {
  static constexpr size_t kFixedSize = 0;
  static size_t Size(const std::optional<E>& key) { return key ? 1 + KeyCodec<E>::Size(*key) : 1; }
  static char* Write(const std::optional<E>& key, char* to) {
    *to++ = key ? '\1' : '\0';
    return key ? KeyCodec<E>::Write(*key, to) : to;
  }
  static bool Decode(ByteReader& reader, std::optional<E>& key) {
    bool present;
    if (!reader.GetBool(present)) return false;
    if (present) return KeyCodec<E>::Decode(reader, key.emplace());
    key.reset();
    return true;
  }
};

template <class E>
struct KeyCodec<std::vector<E>> {
  static constexpr size_t kFixedSize = 0;
  static size_t Size(const std::vector<E>& key) {
    size_t size = 1;
    for (const E& element : key) size += 1 + KeyCodec<E>::Size(element);
    return size;
  }
  static char* Write(const std::vector<E>& key, char* to) {
    for (const E& element : key) {
      *to++ = '\1';
      to = KeyCodec<E>::Write(element, to);
    }
    *to++ = '\0';
    return to;
  }
  static bool Decode(ByteReader& reader, std::vector<E>& key) {
    key.clear();
    bool more;
    while (reader.GetBool(more)) {
      if (!more) return true;
      E element{};
      if (!KeyCodec<E>::Decode(reader, element)) return false;
      key.push_back(std::move(element));
    }
    return false;
  }
};

template <class E, size_t kCount>
struct KeyCodec<std::array<E, kCount>> {
  using K = std::array<E, kCount>;
  static_assert(kCount > 0);
  static constexpr size_t kFixedSize = KeyCodec<E>::kFixedSize * kCount;
  static size_t Size(const K& key) {
    size_t size = 0;
    for (const E& element : key) size += KeyCodec<E>::Size(element);
    return size;
  }
  static char* Write(const K& key, char* to) {
    for (const E& element : key) to = KeyCodec<E>::Write(element, to);
    return to;
  }
  static bool Decode(ByteReader& reader, K& key) {
    for (E& element : key) {
      if (!KeyCodec<E>::Decode(reader, element)) return false;
    }
    return true;
  }
};

template <Reflected K>
struct KeyCodec<K> : decltype(key_codec_internal::OfFields<K, codec_internal::kTieStruct>(
                         TieFields(std::declval<K&>()))) {};

template <class... Es>
struct KeyCodec<std::tuple<Es...>>
    : key_codec_internal::FieldsKeyCodec<std::tuple<Es...>, codec_internal::kTieTuple, Es...> {};

template <class A, class B>
struct KeyCodec<std::pair<A, B>>
    : key_codec_internal::FieldsKeyCodec<std::pair<A, B>, codec_internal::kTieTuple, A, B> {};

// Appends the key's bytes to `out`.
template <class K>
void EncodeKey(const K& key, std::string& out) {
  KeyCodec<K>::Write(key, ByteWriter(out).Extend(KeyCodec<K>::Size(key)));
}

// `bytes` must be exactly one key; DataLoss otherwise, `key` is then unspecified.
template <class K>
absl::Status DecodeKey(std::string_view bytes, K& key) {
  ByteReader reader(bytes);
  if (KeyCodec<K>::Decode(reader, key) && reader.at_end()) return absl::OkStatus();
  return absl::DataLossError("malformed key at byte " + std::to_string(reader.position()) + " of " +
                             std::to_string(bytes.size()));
}

// StableHash64 of the encoded key; of a string as the whole key, of the string itself. Allocates only for keys longer than
// 256 bytes.
template <class K>
uint64_t KeyHash(const K& key) {
  constexpr size_t kStackBytes = 256;
  if constexpr (std::is_convertible_v<const K&, std::string_view>) {
    return StableHash64(key);
  } else if constexpr (requires { typename key_codec_internal::RepOf<K>::Type; }) {
    return KeyHash(key.value());
  } else if constexpr (KeyCodec<K>::kFixedSize > 0 && KeyCodec<K>::kFixedSize <= kStackBytes) {
    char bytes[KeyCodec<K>::kFixedSize];
    KeyCodec<K>::Write(key, bytes);
    return StableHash64(std::string_view(bytes, sizeof(bytes)));
  } else {
    const size_t size = KeyCodec<K>::Size(key);
    char on_stack[kStackBytes];
    std::string on_heap;
    if (size > kStackBytes) on_heap.resize(size);
    char* bytes = size > kStackBytes ? on_heap.data() : on_stack;
    KeyCodec<K>::Write(key, bytes);
    return StableHash64(std::string_view(bytes, size));
  }
}

// KeyHash of the key that EncodeKey made `bytes` of, DataLoss if it cannot have.
template <class K>
absl::StatusOr<uint64_t> KeyHashOfEncoded(std::string_view bytes) {
  K key{};
  if (absl::Status status = DecodeKey(bytes, key); !status.ok()) return status;
  return KeyHash(key);
}

}  // namespace weir

#endif  // WEIR_CORE_TYPES_KEY_CODEC_H_
