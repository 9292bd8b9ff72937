// StateTable: key -> value in memory, one open-addressing table per key group, which can be snapshotted while it is updated.
// Belongs to the executor of its subtask. Operators get theirs from MemoryStateBackend.
//
// The key group is the top bits of the key's hash; slots come from its low bits (segmented_slots.h). With the same bits for both, a
// subtask that owns few groups would fill a fraction of its slots and probe through the rest.
//
// Snapshots. A value can be changed only through Upsert, Update and Erase. Each entry carries the epoch in which it was last emitted;
// BeginSnapshot starts a new epoch. Until the cursor has been through, a change of an entry of an older epoch emits the entry
// first, and so do removal, and moving by removal or growth; an insert counts as emitted. So what is emitted is exactly what
// the table held at BeginSnapshot, each entry once.
//
// Order is unspecified, and must not reach any output. Upsert and Erase invalidate references into the same key group.
#ifndef WEIR_STATE_MEMORY_STATE_TABLE_H_
#define WEIR_STATE_MEMORY_STATE_TABLE_H_

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "core/base/byte_codec.h"
#include "core/base/check.h"
#include "core/base/key_group.h"
#include "core/types/codec.h"
#include "core/types/key_codec.h"
#include "state/content_hash.h"
#include "state/memory/same_key.h"
#include "state/memory/segmented_slots.h"
#include "state/snapshot_chunk.h"

namespace weir {

// Which keys a table holds, and how its records are called.
struct StateTableIdentity {
  KeyGroupRange key_groups;
  int max_parallelism = kMaxParallelismDefault;
  uint16_t state_index = 0;  // In SnapshotWriter's table.
  std::string name_space;    // Encoded; empty for keyed state.
};

template <class K, class V>
class StateTable {
  using Slots = SegmentedSlots<K, V>;

 public:
  using Entry = typename Slots::Entry;

  StateTable(StateTableIdentity identity, uint32_t epoch)
      : identity_(std::move(identity)),
        group_shift_(63 - std::countr_zero(static_cast<uint32_t>(identity_.max_parallelism))),
        epoch_(epoch),
        groups_(std::make_unique<Slots[]>(identity_.key_groups.size())) {
    for (size_t i = 0; i < group_count(); ++i) groups_[i].Init(&no_slots_);
  }
  ~StateTable() { Clear(); }
  StateTable(const StateTable&) = delete;
  StateTable& operator=(const StateTable&) = delete;

  const StateTableIdentity& identity() const { return identity_; }
  size_t size() const { return size_; }

  // `hash` is KeyHash(key) and lies in the table's key groups (DCHECKed). Null if the key is absent.
  const V* Find(uint64_t hash, const K& key) const {
    const Entry* entry = GroupOf(hash).Find(Slots::TagOf(hash), key);
    return entry == nullptr ? nullptr : &entry->value;
  }

  // If the key is absent, adds it with the value make(); else calls change(V&). Neither may touch the table. The value as it is
  // then. After an exception of make() the key is absent.
  template <class KeyArgument, class Make, class Change>
  const V& Upsert(uint64_t hash, KeyArgument&& key, const Make& make, const Change& change) {
    Slots& group = GroupOf(hash);
    const uint32_t tag = Slots::TagOf(hash);
    const auto& bucket = group.BucketOf(tag);
    for (size_t slot = tag & bucket.mask;; slot = (slot + 1) & bucket.mask) {
      Entry& entry = bucket.slots[slot].entry;
      if (entry.tag == tag && SameKey<K>(entry.key, key)) [[likely]] {
        if (entry.epoch != epoch_) [[unlikely]]
          EmitOnce(group, entry);
        change(entry.value);
        return entry.value;
      }
      if (entry.tag == Slots::kAbsent) {
        return Insert(group, tag, entry, std::forward<KeyArgument>(key), make).value;
      }
    }
  }

  // Calls change(V&), which must not touch the table. False if the key is absent.
  template <class Change>
  bool Update(uint64_t hash, const K& key, const Change& change) {
    Slots& group = GroupOf(hash);
    Entry* entry = group.Find(Slots::TagOf(hash), key);
    if (entry == nullptr) return false;
    if (entry->epoch != epoch_) [[unlikely]]
      EmitOnce(group, *entry);
    change(entry->value);
    return true;
  }

  // False if the key is absent. Tables do not shrink.
  bool Erase(uint64_t hash, const K& key) {
    Slots& group = GroupOf(hash);
    Entry* entry = group.Find(Slots::TagOf(hash), key);
    if (entry == nullptr) return false;
    EmitOnce(group, *entry);
    // A move may take an entry from before the cursor to behind it.
    group.Erase(*entry, [&](Entry& moving) { EmitOnce(group, moving); });
    --size_;
    return true;
  }

  // Brings the key's slot closer; worth a pass of its own over a batch once the table is larger than the cache.
  void Prefetch(uint64_t hash) const {
    const uint32_t tag = Slots::TagOf(hash);
    const auto& bucket = GroupOf(hash).BucketOf(tag);
    __builtin_prefetch(&bucket.slots[tag & bucket.mask], 1);
  }

  // Calls fn(const Entry&) for every entry, group by group.
  template <class Fn>
  void ForEach(const Fn& fn) const {
    for (size_t i = 0; i < group_count(); ++i) {
      for (const auto& segment : groups_[i].segments()) {
        Slots::ForEachIn(segment, [&](const Entry& entry) { fn(entry); });
      }
    }
  }

  // Of the entries in `groups`, which may reach beyond the table's (state/content_hash.h).
  uint64_t ContentHash(KeyGroupRange groups, uint64_t seed_of_state) const {
    const uint64_t seed = ContentSeedOfNamespace(seed_of_state, identity_.name_space);
    uint64_t sum = 0;
    std::string bytes;
    for (size_t i = 0; i < group_count(); ++i) {
      if (!groups.Contains(IdOf(groups_[i]))) continue;
      for (const auto& segment : groups_[i].segments()) {
        Slots::ForEachIn(segment, [&](const Entry& entry) {
          bytes.clear();
          ByteWriter writer(bytes);
          Write(entry, writer);
          sum += ContentHashOfEntry(seed, bytes);
        });
      }
    }
    return sum;
  }

  // Slots that take memory.
  size_t capacity() const {
    size_t slots = 0;
    for (size_t i = 0; i < group_count(); ++i) {
      for (const auto& segment : groups_[i].segments()) slots += size_t{segment.mask} + 1;
    }
    return slots;
  }

  // What follows is called by the backend.

  // The epoch must be another than before.
  void BeginSnapshot(uint32_t epoch, SnapshotWriter& writer) {
    WEIR_DCHECK_NE(epoch, epoch_);
    epoch_ = epoch;
    writer_ = &writer;
    source_ = writer.NewSource();
    content_seed_ = writer.ContentSeed(identity_.state_index, identity_.name_space);
    cursor_ = {};
  }
  // Emits what is in the next `slots_max` slots and lowers it by the slots seen. True: the cursor is at the end.
  bool AdvanceSnapshot(size_t& slots_max) {
    if (writer_ == nullptr) return true;
    for (; cursor_.group < group_count(); ++cursor_.group, cursor_.segment = 0) {
      Slots& group = groups_[cursor_.group];
      for (; cursor_.segment < group.segments().size(); ++cursor_.segment, cursor_.slot = 0) {
        if (!ScanSlots(group, group.segments()[cursor_.segment], slots_max)) return false;
      }
      // One for the group itself: empty ones are not free either.
      if (slots_max == 0) return false;
      --slots_max;
    }
    writer_ = nullptr;
    return true;
  }
  // Forgets the snapshot. The entries keep their epochs: the next one is newer than all of them.
  void AbortSnapshot() { writer_ = nullptr; }

  // Removes every entry and keeps the memory. CHECKs that no snapshot needs them.
  void Reuse(std::string name_space, uint32_t epoch) {
    WEIR_CHECK(writer_ == nullptr);
    Clear();
    identity_.name_space = std::move(name_space);
    epoch_ = epoch;
  }

  // DataLoss: "at byte ...". `reader` stands behind the namespace of the run.
  absl::Status Restore(const SnapshotRun& run, ByteReader& reader) {
    for (uint32_t i = 0; i < run.entry_count; ++i) {
      const size_t at = reader.position();
      K key{};
      V value{};
      if (!KeyCodec<K>::Decode(reader, key) || !Codec<V>::Decode(reader, value)) {
        return SnapshotRunError(run, reader.position(), "malformed entry");
      }
      const uint64_t hash = KeyHash(key);
      if (KeyGroupOfHash(hash, identity_.max_parallelism) != run.group) {
        return SnapshotRunError(run, at, "the key belongs to another key group");
      }
      bool repeated = false;
      Upsert(
          hash, std::move(key), [&] { return std::move(value); }, [&](V&) { repeated = true; });
      if (repeated) return SnapshotRunError(run, at, "the key is there twice");
    }
    if (reader.at_end()) return absl::OkStatus();
    return SnapshotRunError(run, reader.position(), "bytes follow the last entry");
  }

 private:
  struct Cursor {
    size_t group = 0;
    size_t segment = 0;
    size_t slot = 0;
  };

  size_t group_count() const { return identity_.key_groups.size(); }
  size_t IndexOf(uint64_t hash) const {
    // In two steps: with one group the shift would be by 64.
    const size_t group = (hash >> 1) >> group_shift_;
    WEIR_DCHECK(identity_.key_groups.Contains(KeyGroupId(static_cast<uint32_t>(group))))
        << "a key of group " << group << " came to " << identity_.key_groups;
    return group - identity_.key_groups.begin;
  }
  Slots& GroupOf(uint64_t hash) { return groups_[IndexOf(hash)]; }
  const Slots& GroupOf(uint64_t hash) const { return groups_[IndexOf(hash)]; }
  KeyGroupId IdOf(const Slots& group) const {
    return KeyGroupId(identity_.key_groups.begin + static_cast<uint32_t>(&group - groups_.get()));
  }

  // `free_entry` is where the key would go without growth. Not inlined, so that callers are small enough to be.
  template <class KeyArgument, class Make>
  [[gnu::noinline]] Entry& Insert(Slots& group, uint32_t tag, Entry& free_entry, KeyArgument&& key,
                                  const Make& make) {
    Entry& entry = group.EntryFor(tag, free_entry, [&](auto& segment) {
      // All its entries are emitted before they move: the cursor could miss or repeat them after.
      if (writer_ != nullptr && segment.scanned_epoch != epoch_) {
        Slots::ForEachIn(segment, [&](Entry& moving) { EmitOnce(group, moving); });
      }
      segment.scanned_epoch = epoch_;
    });
    std::construct_at(&entry.key, std::forward<KeyArgument>(key));
    try {
      ::new (static_cast<void*>(&entry.value)) V(make());
    } catch (...) {
      std::destroy_at(&entry.key);
      throw;
    }
    entry.epoch = epoch_;
    entry.tag = tag;  // From here on the entry exists.
    group.Added(tag);
    ++size_;
    return entry;
  }

  static void Write(const Entry& entry, ByteWriter& writer) {
    KeyCodec<K>::Write(entry.key, writer.Extend(KeyCodec<K>::Size(entry.key)));
    Codec<V>::Encode(entry.value, writer);
  }

  // Emits the entry if the running snapshot does not have it yet. Without one, only brings its epoch up to date.
  [[gnu::noinline]] void EmitOnce(const Slots& group, Entry& entry) {
    if (entry.epoch == epoch_) return;
    if (writer_ != nullptr) {
      Write(entry,
            writer_->BeginEntry(source_, identity_.state_index, IdOf(group), identity_.name_space));
      writer_->EndEntry(content_seed_);
    }
    entry.epoch = epoch_;
  }

  // From the cursor to the end of the segment; false if slots_max ended before.
  bool ScanSlots(const Slots& group, typename Slots::Segment& segment, size_t& slots_max) {
    if (segment.scanned_epoch == epoch_) return true;
    const size_t slots = size_t{segment.mask} + 1;
    const size_t end = std::min(slots, cursor_.slot + slots_max);
    slots_max -= end - cursor_.slot;
    for (; cursor_.slot < end; ++cursor_.slot) {
      Entry& entry = segment.slots[cursor_.slot].entry;
      if (entry.tag != Slots::kAbsent) EmitOnce(group, entry);
    }
    if (cursor_.slot < slots) return false;
    segment.scanned_epoch = epoch_;
    return true;
  }

  void Clear() {
    for (size_t i = 0; i < group_count(); ++i) groups_[i].Clear();
    size_ = 0;
  }

  StateTableIdentity identity_;
  const int group_shift_;
  uint32_t epoch_;
  size_t size_ = 0;
  typename Slots::Slot no_slots_;  // Where a group without segments looks.
  std::unique_ptr<Slots[]> groups_;

  SnapshotWriter* writer_ = nullptr;  // Null unless a snapshot runs whose cursor is not at the end.
  uint64_t source_ = 0;
  uint64_t content_seed_ = 0;
  Cursor cursor_;
};

}  // namespace weir

#endif  // WEIR_STATE_MEMORY_STATE_TABLE_H_
