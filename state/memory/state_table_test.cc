#include "state/memory/state_table.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "core/base/key_group.h"
#include "core/testing/property.h"
#include "core/types/key_codec.h"
#include "gtest/gtest.h"
#include "state/memory/same_key.h"
#include "state/snapshot_chunk.h"

namespace weir {
namespace {

using Numbers = StateTable<int64_t, int64_t>;
static_assert(sizeof(Numbers::Entry) == 24);

constexpr auto kKeep = [](auto&) {};

StateTableIdentity Groups(KeyGroupRange groups, int max_parallelism) {
  return {groups, max_parallelism, 0, ""};
}

template <class K, class V>
std::map<K, V> ContentsOf(const StateTable<K, V>& table) {
  std::map<K, V> contents;
  table.ForEach([&](const auto& entry) { contents.emplace(entry.key, entry.value); });
  return contents;
}

// What one subtask of `parallelism` sees of `keys`, against std::map.
template <class K>
void CompareWithMap(const std::vector<K>& keys, int index, int max_parallelism, int parallelism) {
  const KeyGroupRange range = KeyGroupRangeForSubtask(index, max_parallelism, parallelism);
  StateTable<K, int64_t> table(Groups(range, max_parallelism), 1);
  std::map<K, int64_t> map;
  for (int round = 0; round < 3; ++round) {
    for (const K& key : keys) {
      const uint64_t hash = KeyHash(key);
      if (!range.Contains(KeyGroupOfHash(hash, max_parallelism))) continue;
      RC_ASSERT((table.Find(hash, key) != nullptr) == map.contains(key));
      if (round == 1 && hash % 3 == 0) {
        RC_ASSERT(table.Erase(hash, key) == (map.erase(key) == 1));
        continue;
      }
      const int64_t now = table.Upsert(
          hash, key, [] { return int64_t{1}; }, [](int64_t& value) { ++value; });
      RC_ASSERT(now == ++map[key]);
    }
    RC_ASSERT(table.size() == map.size());
    RC_ASSERT(ContentsOf(table) == map);
  }
  table.Reuse("", 1);
  RC_ASSERT(table.size() == 0u);
  RC_ASSERT(ContentsOf(table).empty());
}

WEIR_PROPERTY(StateTableTest, EqualsMapWithManyKeyGroups, const std::vector<int64_t>& keys) {
  CompareWithMap(keys, 0, 128, 1);
}
WEIR_PROPERTY(StateTableTest, EqualsMapWithOneKeyGroup, const std::vector<int64_t>& keys) {
  CompareWithMap(keys, 0, 1, 1);
  CompareWithMap(keys, 2, 4, 4);
}
WEIR_PROPERTY(StateTableTest, EqualsMapForStrings, const std::vector<std::string>& keys) {
  CompareWithMap(keys, 0, 128, 1);
  CompareWithMap(keys, 1, 32768, 2);
}

// Drives a table whose keys have the hashes that `hash_of` gives, while a snapshot of it is taken, against std::map.
template <class HashOf>
void SnapshotUnderChange(const HashOf& hash_of, int64_t key_count, uint64_t seed) {
  Numbers table(Groups({0, 1}, 1), 1);
  SnapshotWriter writer(1);
  StateDeclaration declaration;
  declaration.name = "numbers";
  writer.SetStates({declaration});
  std::map<int64_t, int64_t> map;
  uint64_t draws = seed * 1'000'000;
  const auto change = [&](int64_t keys) {
    const uint64_t draw = StableHashOfU64(++draws);
    const auto key = static_cast<int64_t>(draw % static_cast<uint64_t>(keys));
    if ((draw >> 40) % 3 == 0) {
      ASSERT_EQ(table.Erase(hash_of(key), key), map.erase(key) == 1) << key;
      return;
    }
    const auto value = static_cast<int64_t>(draws);
    table.Upsert(
        hash_of(key), key, [&] { return value; }, [&](int64_t& old) { old = value; });
    map[key] = value;
  };
  for (int64_t i = 0; i < 2 * key_count; ++i) change(key_count);
  ASSERT_EQ(ContentsOf(table), map);
  for (uint32_t epoch = 2; epoch < 6; ++epoch) {
    const std::map<int64_t, int64_t> expected = map;
    table.BeginSnapshot(epoch, writer);
    for (bool done = false; !done;) {
      for (int i = 0; i < 5; ++i) change(2 * key_count);
      size_t slots = 1 + StableHashOfU64(++draws) % 60;
      done = table.AdvanceSnapshot(slots);
    }
    ASSERT_EQ(ContentsOf(table), map);
    std::map<int64_t, int64_t> emitted;
    const std::string records = writer.Take(~size_t{0});
    EXPECT_EQ(writer.bytes(), 0u);
    const absl::Status status = ForEachSnapshotRun(records, 1, [&](const SnapshotRun& run) {
      ByteReader reader(run.bytes);
      for (uint32_t i = 0; i < run.entry_count; ++i) {
        int64_t key = 0;
        int64_t value = 0;
        EXPECT_TRUE(KeyCodec<int64_t>::Decode(reader, key));
        EXPECT_TRUE(Codec<int64_t>::Decode(reader, value));
        EXPECT_TRUE(emitted.emplace(key, value).second) << key << " was emitted twice";
      }
      EXPECT_TRUE(reader.at_end());
      return absl::OkStatus();
    });
    ASSERT_TRUE(status.ok()) << status;
    ASSERT_EQ(emitted, expected);
  }
}

TEST(StateTableTest, SnapshotsWithGoodHashes) {
  for (uint64_t seed = 0; seed < 30; ++seed) {
    SnapshotUnderChange([](int64_t key) { return KeyHash(key); }, 100 << (seed % 5), seed);
  }
}
TEST(StateTableTest, SnapshotsWithSplitSegments) {
  SnapshotUnderChange([](int64_t key) { return KeyHash(key); }, 12'000, 1);
}
// All keys in one chain that wraps around the end of the table.
TEST(StateTableTest, SnapshotsWithOneHash) {
  for (uint64_t seed = 0; seed < 10; ++seed) {
    SnapshotUnderChange([](int64_t) { return ~uint64_t{0}; }, 60, seed);
  }
}
TEST(StateTableTest, SnapshotsWithFewHashes) {
  for (uint64_t seed = 0; seed < 10; ++seed) {
    SnapshotUnderChange([](int64_t key) { return static_cast<uint64_t>(key % 7) << 61; }, 60, seed);
    SnapshotUnderChange([](int64_t key) { return static_cast<uint64_t>(key / 9); }, 300, seed);
  }
}

// Segments that splitting cannot relieve, and those which only a deep split does.
TEST(StateTableTest, GrowsThroughCollisions) {
  for (const uint64_t shared : {uint64_t{0}, uint64_t{0x7fffffff}}) {
    Numbers table(Groups({0, 1}, 1), 1);
    for (int64_t i = 0; i < 5000; ++i) {
      const uint64_t hash = i < 2500 ? shared : KeyHash(i);
      table.Upsert(
          hash, i, [&] { return i; }, kKeep);
    }
    EXPECT_EQ(table.size(), 5000u);
    EXPECT_EQ(*table.Find(shared, 2499), 2499);
    EXPECT_EQ(table.Find(shared, 2500), nullptr);
  }
  Numbers deep(Groups({0, 1}, 1), 1);
  for (int64_t i = 0; i < 4000; ++i) {
    deep.Upsert((i % 2 == 0 ? uint64_t{1} << 30 : 0) | static_cast<uint64_t>(i % 4096), i,
                [&] { return i; }, kKeep);
  }
  EXPECT_EQ(deep.size(), 4000u);
  EXPECT_EQ(ContentsOf(deep).size(), 4000u);
}

TEST(StateTableTest, GrowsThroughManyKeys) {
  Numbers table(Groups({0, 4}, 4), 1);
  for (int64_t i = 0; i < 100'000; ++i) {
    table.Upsert(
        KeyHash(i), i, [&] { return 3 * i; }, kKeep);
  }
  EXPECT_EQ(table.size(), 100'000u);
  EXPECT_LE(table.capacity(), 100'000u * 5);
  for (int64_t i = 0; i < 100'000; ++i) ASSERT_EQ(*table.Find(KeyHash(i), i), 3 * i);
  EXPECT_EQ(table.Find(KeyHash<int64_t>(-1), -1), nullptr);
}

// With slots from the bits that chose the key group, this would probe through most of the table.
TEST(StateTableTest, SlotsDoNotRepeatTheBitsOfTheKeyGroup) {
  Numbers table(Groups({0, 1}, 32768), 1);
  int64_t added = 0;
  for (int64_t i = 0; added < 200; ++i) {
    if (KeyGroupOfHash(KeyHash(i), 32768).value() != 0) continue;
    table.Upsert(
        KeyHash(i), i, [&] { return i; }, kKeep);
    ++added;
  }
  EXPECT_LE(table.capacity(), 1024u);
}

TEST(StateTableTest, AThrowingValueLeavesNoEntry) {
  StateTable<std::string, std::string> table(Groups({0, 1}, 1), 1);
  const std::string key = "a";
  EXPECT_THROW(
      table.Upsert(
          KeyHash(key), key, []() -> std::string { throw std::runtime_error("no"); }, kKeep),
      std::runtime_error);
  EXPECT_EQ(table.size(), 0u);
  EXPECT_EQ(table.Find(KeyHash(key), key), nullptr);
}

TEST(SameKeyTest, IsEqualityOfEncodings) {
  struct Point {
    double x = 0;
    std::string name;
  };
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(SameKey(Point{-0.0, "a"}, Point{0.0, "a"}));
  EXPECT_TRUE(SameKey(Point{nan, "a"}, Point{-nan, "a"}));
  EXPECT_FALSE(SameKey(Point{1, "a"}, Point{1, "b"}));
}

}  // namespace
}  // namespace weir
