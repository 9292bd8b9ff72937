// SortByKey: puts entries in key order, which is the order of their keys' encodings (KeyCodec) under memcmp. Fired output is in
// this order, so that the order inside hash tables never shows. Pure; takes up to 16 bytes per entry and, for keys
// that do not fit eight bytes, their encodings.
//
// The first eight bytes of the encodings, read as one number, are radix sorted (least significant byte first, bytes that are
// the same everywhere skipped); ties are settled by comparing the rest.
#ifndef WEIR_CORE_OPERATORS_KEY_ORDER_H_
#define WEIR_CORE_OPERATORS_KEY_ORDER_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "core/types/key_codec.h"

namespace weir {
namespace key_order_internal {

inline uint64_t LoadBigEndian(const char* bytes) {
  uint64_t value;
  std::memcpy(&value, bytes, sizeof(value));
  return __builtin_bswap64(value);
}

// Stable. `Ref` has a uint64_t `prefix`.
template <class Ref>
void RadixSort(std::vector<Ref>& refs) {
  constexpr size_t kTooFewForRadix = 128;
  if (refs.size() < kTooFewForRadix) {
    std::stable_sort(refs.begin(), refs.end(),
                     [](const Ref& a, const Ref& b) { return a.prefix < b.prefix; });
    return;
  }
  uint64_t differing = 0;
  for (const Ref& ref : refs) differing |= ref.prefix ^ refs[0].prefix;
  std::vector<Ref> other(refs.size());
  for (int shift = 0; shift < 64; shift += 8) {
    if (((differing >> shift) & 0xff) == 0) continue;
    std::array<size_t, 257> begin{};
    for (const Ref& ref : refs) ++begin[((ref.prefix >> shift) & 0xff) + 1];
    for (size_t digit = 0; digit < 256; ++digit) begin[digit + 1] += begin[digit];
    for (const Ref& ref : refs) other[begin[(ref.prefix >> shift) & 0xff]++] = ref;
    refs.swap(other);
  }
}

}  // namespace key_order_internal

// Entries have a member `key` of type K, all different. Returns their addresses in key order. ForEach calls its argument with
// each Entry&.
template <class K, class Entry, class ForEach>
std::vector<Entry*> SortByKey(size_t count, const ForEach& for_each) {
  constexpr size_t kFixedSize = KeyCodec<K>::kFixedSize;
  constexpr bool kFitsPrefix = kFixedSize > 0 && kFixedSize <= sizeof(uint64_t);
  std::vector<Entry*> sorted(count);
  if constexpr (kFitsPrefix) {
    struct Ref {
      uint64_t prefix;
      Entry* entry;
    };
    std::vector<Ref> refs;
    refs.reserve(count);
    for_each([&](Entry& entry) {
      char bytes[sizeof(uint64_t)] = {};
      KeyCodec<K>::Write(entry.key, bytes);
      refs.push_back({key_order_internal::LoadBigEndian(bytes), &entry});
    });
    key_order_internal::RadixSort(refs);
    for (size_t i = 0; i < count; ++i) sorted[i] = refs[i].entry;
  } else {
    struct Ref {
      uint64_t prefix;
      Entry* entry;
      size_t begin;  // Of the encoding.
      size_t size;
    };
    std::vector<Ref> refs;
    refs.reserve(count);
    std::string encodings;
    for_each([&](Entry& entry) {
      const size_t begin = encodings.size();
      EncodeKey(entry.key, encodings);
      const size_t size = encodings.size() - begin;
      char bytes[sizeof(uint64_t)] = {};
      std::memcpy(bytes, encodings.data() + begin, std::min(size, sizeof(bytes)));
      refs.push_back({key_order_internal::LoadBigEndian(bytes), &entry, begin, size});
    });
    key_order_internal::RadixSort(refs);
    const auto bytes_of = [&](const Ref& ref) {
      return std::string_view(encodings).substr(ref.begin, ref.size);
    };
    for (size_t begin = 0; begin < count;) {
      size_t end = begin + 1;
      while (end < count && refs[end].prefix == refs[begin].prefix) ++end;
      std::sort(refs.begin() + static_cast<std::ptrdiff_t>(begin),
                refs.begin() + static_cast<std::ptrdiff_t>(end),
                [&](const Ref& a, const Ref& b) { return bytes_of(a) < bytes_of(b); });
      begin = end;
    }
    for (size_t i = 0; i < count; ++i) sorted[i] = refs[i].entry;
  }
  return sorted;
}

}  // namespace weir

#endif  // WEIR_CORE_OPERATORS_KEY_ORDER_H_
