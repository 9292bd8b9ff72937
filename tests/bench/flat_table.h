// FlatTable: key -> value, one flat open-addressing table per key group that doubles, without snapshots: what StateTable is measured
// against.
#ifndef WEIR_TESTS_BENCH_FLAT_TABLE_H_
#define WEIR_TESTS_BENCH_FLAT_TABLE_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/base/check.h"
#include "core/base/key_group.h"
#include "state/memory/same_key.h"

namespace weir {

template <class K, class V>
class FlatTable {
  static_assert(std::is_trivially_destructible_v<K> && std::is_trivially_destructible_v<V>);

 public:
  struct Entry {
    uint64_t hash;
    K key;
    V value;
  };
  struct Inserted {
    Entry* entry;
    bool is_new;
  };

  // Holds keys of the groups in `range`, of `max_parallelism` in all.
  FlatTable(KeyGroupRange range, int max_parallelism)
      : range_(range),
        group_shift_(63 - std::countr_zero(static_cast<uint32_t>(max_parallelism))),
        groups_(range.size()) {}
  FlatTable(const FlatTable&) = delete;
  FlatTable& operator=(const FlatTable&) = delete;

  // The entry of `key`; if it is new, with the value make() returns. make() must not touch the table.
  template <class KeyArgument, class Make>
  Inserted FindOrInsert(uint64_t hash, KeyArgument&& key, const Make& make) {
    Group& group = GroupOf(hash);
    const uint64_t tag = TagOf(hash);
    if (group.slots) [[likely]] {
      for (size_t slot = hash & group.mask;; slot = (slot + 1) & group.mask) {
        Entry& entry = group.slots[slot].entry;
        if (entry.hash == tag && SameKey(entry.key, key)) [[likely]]
          return {&entry, false};
        if (entry.hash != kEmpty) continue;
        if (group.count * 2 >= group.mask + 1) [[unlikely]]
          break;
        return {Construct(group, entry, tag, std::forward<KeyArgument>(key), make), true};
      }
    }
    Grow(group);
    return {Construct(group, FreeSlot(group, tag), tag, std::forward<KeyArgument>(key), make),
            true};
  }

 private:
  static constexpr uint64_t kEmpty = 0;
  static constexpr size_t kSlotsMin = 8;

  // An entry whose key and value exist only while its hash is not kEmpty.
  union Slot {
    Slot() { entry.hash = kEmpty; }
    ~Slot() {}
    Entry entry;
  };
  struct Group {
    std::unique_ptr<Slot[]> slots;
    size_t mask = 0;  // Number of slots - 1.
    size_t count = 0;
  };

  // What an entry stores: the hash, moved aside if it looks like an empty slot. Its slot still follows from the hash's low bits.
  static uint64_t TagOf(uint64_t hash) { return hash == kEmpty ? uint64_t{1} << 62 : hash; }

  size_t GroupIndex(uint64_t hash) const {
    // In two steps: with one group the shift would be by 64.
    const size_t group = (hash >> 1) >> group_shift_;
    WEIR_DCHECK(range_.Contains(KeyGroupId(static_cast<uint32_t>(group))))
        << "a key of group " << group << " came to " << range_;
    return group - range_.begin;
  }
  Group& GroupOf(uint64_t hash) { return groups_[GroupIndex(hash)]; }

  template <class KeyArgument, class Make>
  Entry* Construct(Group& group, Entry& entry, uint64_t tag, KeyArgument&& key, const Make& make) {
    std::construct_at(&entry.key, std::forward<KeyArgument>(key));
    try {
      ::new (static_cast<void*>(&entry.value)) V(make());
    } catch (...) {
      std::destroy_at(&entry.key);
      throw;
    }
    entry.hash = tag;  // From here on the entry exists.
    ++group.count;
    ++size_;
    return &entry;
  }

  static Entry& FreeSlot(Group& group, uint64_t tag) {
    size_t slot = tag & group.mask;
    while (group.slots[slot].entry.hash != kEmpty) slot = (slot + 1) & group.mask;
    return group.slots[slot].entry;
  }

  [[gnu::noinline]] void Grow(Group& group) {
    const size_t slots_before = group.slots ? group.mask + 1 : 0;
    const size_t slots = slots_before == 0 ? kSlotsMin : slots_before * 2;
    std::unique_ptr<Slot[]> old = std::exchange(group.slots, std::make_unique<Slot[]>(slots));
    group.mask = slots - 1;
    for (size_t i = 0; i < slots_before; ++i) {
      Entry& from = old[i].entry;
      if (from.hash == kEmpty) continue;
      Entry& to = FreeSlot(group, from.hash);
      std::construct_at(&to.key, std::move(from.key));
      std::construct_at(&to.value, std::move(from.value));
      to.hash = from.hash;
      std::destroy_at(&from.key);
      std::destroy_at(&from.value);
    }
  }

  const KeyGroupRange range_;
  const int group_shift_;
  std::vector<Group> groups_;
  size_t size_ = 0;
};

}  // namespace weir

#endif  // WEIR_TESTS_BENCH_FLAT_TABLE_H_
