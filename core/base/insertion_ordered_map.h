// InsertionOrderedMap: the one hash map of the code base. Lookups go by hash; iteration goes in the order of insertion, which
// is the same in every build and run. Not thread-safe.
//
//   InsertionOrderedMap<std::string, int> counts;
//   counts["install"] += 1;
//   if (int* count = counts.Find("install")) ...
//   for (auto [key, value] : counts) ...   // key is const&, value is &
//
// Keys are integers, enums, strings and StrongIds of those, or anything with a hasher of the user's; pointers are refused,
// because their order and hash differ between runs. Any insertion or erasure invalidates iterators, and pointers to values.
// Erasing keeps the order of the others; an erased key that comes again goes to the end. At most 2^30 entries.
#ifndef WEIR_CORE_BASE_INSERTION_ORDERED_MAP_H_
#define WEIR_CORE_BASE_INSERTION_ORDERED_MAP_H_

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/base/check.h"
#include "core/base/hash.h"

namespace weir {

// Hashes what converts to string_view, integers, enums, and StrongIds (anything with value()).
struct StableHasher {
  template <class K>
  uint64_t operator()(const K& key) const {
    static_assert(!std::is_pointer_v<K> || std::is_convertible_v<const K&, std::string_view>,
                  "pointers are no keys: their hash differs between runs");
    if constexpr (std::is_convertible_v<const K&, std::string_view>) {
      return StableHash64(key);
    } else if constexpr (std::is_enum_v<K> || std::is_integral_v<K>) {
      return StableHashOfU64(static_cast<uint64_t>(key));
    } else {
      return (*this)(key.value());
    }
  }
};

template <class K, class V, class Hasher = StableHasher>
class InsertionOrderedMap {
  static_assert(!std::is_pointer_v<K>, "pointers are no keys: their hash differs between runs");

  struct Entry {
    uint64_t hash;
    std::optional<std::pair<K, V>> pair;  // Empty: erased.
  };

  template <bool kConst>
  class Iterator {
   public:
    using Entries = std::conditional_t<kConst, const std::vector<Entry>, std::vector<Entry>>;
    using Value = std::conditional_t<kConst, const V, V>;

    Iterator(Entries* entries, size_t at) : entries_(entries), at_(at) { SkipErased(); }
    std::pair<const K&, Value&> operator*() const {
      auto& pair = *(*entries_)[at_].pair;
      return {pair.first, pair.second};
    }
    Iterator& operator++() {
      ++at_;
      SkipErased();
      return *this;
    }
    friend bool operator==(const Iterator& a, const Iterator& b) { return a.at_ == b.at_; }

   private:
    void SkipErased() {
      while (at_ < entries_->size() && !(*entries_)[at_].pair) ++at_;
    }
    Entries* entries_;
    size_t at_;
  };

 public:
  using iterator = Iterator<false>;
  using const_iterator = Iterator<true>;

  InsertionOrderedMap() = default;
  explicit InsertionOrderedMap(Hasher hasher) : hasher_(std::move(hasher)) {}

  size_t size() const { return live_; }
  bool empty() const { return live_ == 0; }

  // Null if absent. `key` is a K or what compares and hashes like one (string_view for string).
  template <class Key>
  V* Find(const Key& key) {
    const size_t at = FindEntry(key, hasher_(key));
    return at == kNone ? nullptr : &entries_[at].pair->second;
  }
  template <class Key>
  const V* Find(const Key& key) const {
    return const_cast<InsertionOrderedMap*>(this)->Find(key);
  }
  template <class Key>
  bool Contains(const Key& key) const {
    return Find(key) != nullptr;
  }

  // The value under `key`, made from `args` if there was none (then .second is true).
  template <class Key, class... Args>
  std::pair<V*, bool> TryEmplace(const Key& key, Args&&... args) {
    const uint64_t hash = hasher_(key);
    if (const size_t at = FindEntry(key, hash); at != kNone) {
      return {&entries_[at].pair->second, false};
    }
    if ((entries_.size() + 1) * 4 > index_.size() * 3) Rebuild();
    entries_.push_back({hash, std::pair<K, V>(std::piecewise_construct, std::forward_as_tuple(key),
                                              std::forward_as_tuple(std::forward<Args>(args)...))});
    ++live_;
    IndexLast();
    return {&entries_.back().pair->second, true};
  }
  template <class Key>
  V& operator[](const Key& key) {
    return *TryEmplace(key).first;
  }
  // True if `key` was there.
  template <class Key>
  bool Erase(const Key& key) {
    const size_t at = FindEntry(key, hasher_(key));
    if (at == kNone) return false;
    entries_[at].pair.reset();  // The index keeps pointing here, so that probes go on past it.
    --live_;
    return true;
  }
  void Clear() {
    entries_.clear();
    index_.clear();
    live_ = 0;
  }

  iterator begin() { return {&entries_, 0}; }
  iterator end() { return {&entries_, entries_.size()}; }
  const_iterator begin() const { return {&entries_, 0}; }
  const_iterator end() const { return {&entries_, entries_.size()}; }

 private:
  static constexpr size_t kNone = ~size_t{0};

  template <class Key>
  size_t FindEntry(const Key& key, uint64_t hash) const {
    if (index_.empty()) return kNone;
    const size_t mask = index_.size() - 1;
    for (size_t slot = hash & mask; index_[slot] != 0; slot = (slot + 1) & mask) {
      const Entry& entry = entries_[index_[slot] - 1];
      if (entry.hash == hash && entry.pair && entry.pair->first == key) return index_[slot] - 1;
    }
    return kNone;
  }

  void IndexLast() {
    const size_t mask = index_.size() - 1;
    size_t slot = entries_.back().hash & mask;
    while (index_[slot] != 0) slot = (slot + 1) & mask;
    index_[slot] = static_cast<uint32_t>(entries_.size());
  }

  // Drops erased entries and makes an index in which one more entry and as many again have room.
  void Rebuild() {
    WEIR_CHECK_LT(live_, size_t{1} << 30);
    std::vector<Entry> old;
    old.swap(entries_);
    index_.assign(std::bit_ceil(live_ * 2 + 8), 0);
    entries_.reserve(index_.size() / 4 * 3);
    for (Entry& entry : old) {
      if (!entry.pair) continue;
      entries_.push_back(std::move(entry));
      IndexLast();
    }
  }

  [[no_unique_address]] Hasher hasher_;
  std::vector<Entry> entries_;   // In order of insertion, erased ones in between.
  std::vector<uint32_t> index_;  // Open addressing, power of two: entry number + 1, 0 if free.
  size_t live_ = 0;
};

}  // namespace weir

#endif  // WEIR_CORE_BASE_INSERTION_ORDERED_MAP_H_
