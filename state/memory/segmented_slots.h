// SegmentedSlots: the storage of one key group of a StateTable: open addressing with linear probing, load at most 1/2, in segments.
// Knows nothing of snapshots, but tells its caller before it moves entries.
//
// The first segment doubles up to kSegmentSlots; from then on segments split, so that no insert ever moves more than one
// (extendible hashing). Slots come from the low 12 bits of the hash, segments from the bits above those; the key group's
// are far from both. Keys whose low 31 bits all agree cannot be told apart by splitting; their segment doubles. Nothing
// ever shrinks.
//
// Source: Fagin et al., "Extendible Hashing", TODS 1979.
#ifndef WEIR_STATE_MEMORY_SEGMENTED_SLOTS_H_
#define WEIR_STATE_MEMORY_SEGMENTED_SLOTS_H_

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "state/memory/same_key.h"

namespace weir {

template <class K, class V>
class SegmentedSlots {
 public:
  struct Entry {
    uint32_t tag;    // TagOf() the hash, or kAbsent: then key and value do not exist.
    uint32_t epoch;  // For the caller; goes where the entry goes.
    K key;
    V value;
  };
  union Slot {
    Slot() { entry.tag = kAbsent; }
    ~Slot() {}
    Entry entry;
  };
  // Where keys with some segment bits are.
  struct Bucket {
    Slot* slots;
    uint32_t mask;  // Number of slots - 1.
    uint32_t segment;
  };
  struct Segment {
    std::unique_ptr<Slot[]> slots;
    uint32_t mask = 0;
    uint32_t count = 0;
    int depth = 0;         // How many segment bits its keys agree in, and
    uint32_t pattern = 0;  // which bits these are.
    uint32_t scanned_epoch =
        0;  // For the caller. New segments get that of the one they split from.
  };

  static constexpr uint32_t kAbsent = 0;
  // No more than 4096, and no more memory than 128 KiB unless the entries are huge.
  static constexpr size_t kSegmentSlots =
      std::clamp(std::bit_floor(size_t{128 * 1024} / sizeof(Entry)), size_t{64}, size_t{4096});

  static uint32_t TagOf(uint64_t hash) { return static_cast<uint32_t>(hash) | kPresent; }

  // Until the first insert, looks at `no_slots`, which stays absent.
  void Init(Slot* no_slots) {
    only_ = {no_slots, 0, 0};
    directory_ = &only_;
  }

  const Bucket& BucketOf(uint32_t tag) const {
    // A branch, so that the usual small group need not wait for the directory.
    if (directory_mask_ == 0) [[likely]]
      return only_;
    return directory_[(tag >> kSegmentBitMin) & directory_mask_];
  }

  Entry* Find(uint32_t tag, const K& key) const {
    const Bucket& bucket = BucketOf(tag);
    for (size_t slot = tag & bucket.mask;; slot = (slot + 1) & bucket.mask) {
      Entry& entry = bucket.slots[slot].entry;
      if (entry.tag == tag && SameKey<K>(entry.key, key)) return &entry;
      if (entry.tag == kAbsent) return nullptr;
    }
  }

  // An absent entry for a key that is not there. `free_entry` is where a search for it ended. Calls before_growth(Segment&) if entries
  // of that segment are going to move. The caller makes key, value, epoch and tag, and then calls Added().
  template <class BeforeGrowth>
  Entry& EntryFor(uint32_t tag, Entry& free_entry, const BeforeGrowth& before_growth) {
    const Bucket& bucket = BucketOf(tag);
    if (!segments_.empty() && segments_[bucket.segment].count * 2 < bucket.mask + 1) [[likely]]
      return free_entry;
    Grow(tag, before_growth);
    const Bucket& grown = BucketOf(tag);
    return FreeSlot(grown.slots, grown.mask, tag);
  }
  void Added(uint32_t tag) { ++segments_[BucketOf(tag).segment].count; }

  // Removes an entry. Calls before_move(Entry&) for each one that moves to another slot.
  template <class BeforeMove>
  void Erase(Entry& entry, const BeforeMove& before_move) {
    const Bucket& bucket = BucketOf(entry.tag);
    --segments_[bucket.segment].count;
    Destroy(entry);
    // What was displaced over the hole moves back into it.
    const size_t mask = bucket.mask;
    auto hole = static_cast<size_t>(reinterpret_cast<Slot*>(&entry) - bucket.slots);
    for (size_t slot = (hole + 1) & mask;; slot = (slot + 1) & mask) {
      Entry& next = bucket.slots[slot].entry;
      if (next.tag == kAbsent) return;
      const size_t home = next.tag & mask;
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue;
      before_move(next);
      Move(next, bucket.slots[hole].entry);
      hole = slot;
    }
  }

  // Removes every entry and keeps the memory.
  void Clear() {
    for (Segment& segment : segments_) {
      for (size_t slot = 0; segment.count > 0; ++slot) {
        Entry& entry = segment.slots[slot].entry;
        if (entry.tag == kAbsent) continue;
        Destroy(entry);
        --segment.count;
      }
    }
  }

  std::vector<Segment>& segments() { return segments_; }
  const std::vector<Segment>& segments() const { return segments_; }

  template <class Fn>
  static void ForEachIn(const Segment& segment, const Fn& fn) {
    if (segment.count == 0) return;
    for (size_t slot = 0; slot <= segment.mask; ++slot) {
      Entry& entry = segment.slots[slot].entry;
      if (entry.tag != kAbsent) fn(entry);
    }
  }

 private:
  static constexpr uint32_t kPresent = uint32_t{1} << 31;
  static constexpr int kSegmentBitMin = 12;  // Of the hash: above the bits of the slot.
  static constexpr int kDepthMax = 31 - kSegmentBitMin;
  static constexpr size_t kSlotsMin = 8;
  static_assert(kSegmentSlots <= size_t{1} << kSegmentBitMin);

  static Entry& FreeSlot(Slot* slots, size_t mask, uint32_t tag) {
    size_t slot = tag & mask;
    while (slots[slot].entry.tag != kAbsent) slot = (slot + 1) & mask;
    return slots[slot].entry;
  }

  static void Destroy(Entry& entry) {
    entry.tag = kAbsent;
    std::destroy_at(&entry.key);
    std::destroy_at(&entry.value);
  }

  static void Move(Entry& from, Entry& to) {
    std::construct_at(&to.key, std::move(from.key));
    std::construct_at(&to.value, std::move(from.value));
    to.epoch = from.epoch;
    to.tag = from.tag;
    Destroy(from);
  }

  // Makes room where keys with this tag go.
  template <class BeforeGrowth>
  [[gnu::noinline]] void Grow(uint32_t tag, const BeforeGrowth& before_growth) {
    if (segments_.empty()) {
      Segment& first = segments_.emplace_back();
      first.slots = std::make_unique<Slot[]>(kSlotsMin);
      first.mask = kSlotsMin - 1;
      PointDirectoryTo(0);
      return;
    }
    // A split may leave everything on one side.
    for (;;) {
      const uint32_t index = BucketOf(tag).segment;
      Segment& segment = segments_[index];
      if (segment.count * 2 < segment.mask + 1) return;
      before_growth(segment);
      if (size_t{segment.mask} + 1 < kSegmentSlots || !CanSplit(segment)) {
        Double(segment);
        PointDirectoryTo(index);
      } else {
        Split(index);
      }
    }
  }

  // Whether the keys differ in any segment bit that is left: several splits may be needed to part them.
  static bool CanSplit(const Segment& segment) {
    if (segment.depth == kDepthMax) return false;
    uint32_t any = 0;
    uint32_t all = ~uint32_t{0};
    ForEachIn(segment, [&](const Entry& entry) {
      any |= entry.tag;
      all &= entry.tag;
    });
    return ((any ^ all) >> (kSegmentBitMin + segment.depth)) != 0;
  }

  static void Double(Segment& segment) {
    const size_t slots = (size_t{segment.mask} + 1) * 2;
    auto old = std::exchange(segment.slots, std::make_unique<Slot[]>(slots));
    const size_t old_mask = std::exchange(segment.mask, static_cast<uint32_t>(slots - 1));
    for (size_t slot = 0; slot <= old_mask; ++slot) {
      Entry& entry = old[slot].entry;
      if (entry.tag == kAbsent) continue;
      Move(entry, FreeSlot(segment.slots.get(), segment.mask, entry.tag));
    }
  }

  void Split(uint32_t index) {
    const auto new_index = static_cast<uint32_t>(segments_.size());
    if ((size_t{1} << segments_[index].depth) > directory_mask_) DoubleDirectory();
    segments_.emplace_back();
    Segment& from = segments_[index];
    Segment& to = segments_[new_index];
    const uint32_t bit = uint32_t{1} << from.depth;
    to.slots = std::make_unique<Slot[]>(size_t{from.mask} + 1);
    to.mask = from.mask;
    to.pattern = from.pattern | bit;
    to.depth = ++from.depth;
    to.scanned_epoch = from.scanned_epoch;
    Redistribute(from, to, bit << kSegmentBitMin);
    PointDirectoryTo(new_index);
  }

  // Moves the entries with `tag_bit` from `from` to `to`, and closes the holes they leave.
  static void Redistribute(Segment& from, Segment& to, uint32_t tag_bit) {
    Slot* slots = from.slots.get();
    const size_t mask = from.mask;
    size_t start = 0;
    while (slots[start].entry.tag != kAbsent) ++start;  // There is one: load is at most 1/2.
    // From a free slot on, once around: whatever stays goes to a slot between its home and where it was.
    for (size_t step = 1; step <= mask; ++step) {
      Entry& entry = slots[(start + step) & mask].entry;
      if (entry.tag == kAbsent) continue;
      if ((entry.tag & tag_bit) != 0) {
        Move(entry, FreeSlot(to.slots.get(), mask, entry.tag));
        --from.count;
        ++to.count;
        continue;
      }
      for (size_t slot = entry.tag & mask; &slots[slot].entry != &entry; slot = (slot + 1) & mask) {
        if (slots[slot].entry.tag != kAbsent) continue;
        Move(entry, slots[slot].entry);
        break;
      }
    }
  }

  void DoubleDirectory() {
    const size_t size = size_t{directory_mask_} + 1;
    auto doubled = std::make_unique<Bucket[]>(size * 2);
    std::copy_n(directory_, size, doubled.get());
    std::copy_n(directory_, size, doubled.get() + size);
    buckets_ = std::move(doubled);
    directory_ = buckets_.get();
    directory_mask_ = static_cast<uint32_t>(size * 2 - 1);
  }

  void PointDirectoryTo(uint32_t index) {
    const Segment& segment = segments_[index];
    for (size_t i = segment.pattern; i <= directory_mask_; i += size_t{1} << segment.depth) {
      directory_[i] = {segment.slots.get(), segment.mask, index};
    }
  }

  Bucket only_ = {};
  Bucket* directory_ = nullptr;  // &only_ or buckets_; a power of two of them, by segment bits.
  uint32_t directory_mask_ = 0;
  std::vector<Segment> segments_;
  std::unique_ptr<Bucket[]> buckets_;
};

}  // namespace weir

#endif  // WEIR_STATE_MEMORY_SEGMENTED_SLOTS_H_
