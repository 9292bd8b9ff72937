#include "state/memory/keyed_table.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/base/key_group.h"
#include "core/testing/property.h"
#include "core/types/key_codec.h"
#include "gtest/gtest.h"
#include "state/memory/same_key.h"

namespace weir {
namespace {

// What one subtask of `parallelism` sees of `keys`, against std::map.
template <class K>
void CompareWithMap(const std::vector<K>& keys, int index, int max_parallelism, int parallelism) {
  const KeyGroupRange range = KeyGroupRangeForSubtask(index, max_parallelism, parallelism);
  KeyedTable<K, int64_t> table(range, max_parallelism);
  std::map<K, int64_t> map;
  for (int round = 0; round < 2; ++round) {
    for (const K& key : keys) {
      const uint64_t hash = KeyHash(key);
      if (!range.Contains(KeyGroupOfHash(hash, max_parallelism))) continue;
      RC_ASSERT((table.Find(hash, key) != nullptr) == map.contains(key));
      const auto [entry, is_new] = table.FindOrInsert(hash, key, [] { return int64_t{0}; });
      RC_ASSERT(is_new == !map.contains(key));
      RC_ASSERT(entry->key == key);
      entry->value += 1;
      map[key] += 1;
    }
    RC_ASSERT(table.size() == map.size());
    std::map<K, int64_t> seen;
    table.ForEach(
        [&](const auto& entry) { RC_ASSERT(seen.emplace(entry.key, entry.value).second); });
    RC_ASSERT(seen == map);
    for (const auto& [key, value] : map) {
      const int64_t* found = table.Find(KeyHash(key), key);
      RC_ASSERT(found != nullptr);
      RC_ASSERT(*found == value);
    }
    table.Clear();
    map.clear();
    RC_ASSERT(table.size() == 0u);
  }
}

WEIR_PROPERTY(KeyedTableTest, EqualsMapWithManyKeyGroups, const std::vector<int64_t>& keys) {
  CompareWithMap(keys, 0, 128, 1);
}
WEIR_PROPERTY(KeyedTableTest, EqualsMapWithOneKeyGroup, const std::vector<int64_t>& keys) {
  CompareWithMap(keys, 0, 1, 1);
  CompareWithMap(keys, 2, 4, 4);
}
WEIR_PROPERTY(KeyedTableTest, EqualsMapForStrings, const std::vector<std::string>& keys) {
  CompareWithMap(keys, 0, 128, 1);
  CompareWithMap(keys, 1, 32768, 2);
}

TEST(KeyedTableTest, GrowsThroughManyKeys) {
  KeyedTable<int64_t, int64_t> table({0, 4}, 4);
  for (int64_t i = 0; i < 100'000; ++i) {
    table.FindOrInsert(KeyHash(i), i, [&] { return 3 * i; });
  }
  EXPECT_EQ(table.size(), 100'000u);
  for (int64_t i = 0; i < 100'000; ++i) ASSERT_EQ(*table.Find(KeyHash(i), i), 3 * i);
  EXPECT_EQ(table.Find(KeyHash<int64_t>(-1), -1), nullptr);
}

// With slots from the bits that chose the key group, this would probe through most of the table.
TEST(KeyedTableTest, SlotsDoNotRepeatTheBitsOfTheKeyGroup) {
  KeyedTable<int64_t, int64_t> table({0, 1}, 32768);
  int64_t added = 0;
  for (int64_t i = 0; added < 200; ++i) {
    if (KeyGroupOfHash(KeyHash(i), 32768).value() != 0) continue;
    table.FindOrInsert(KeyHash(i), i, [&] { return i; });
    ++added;
  }
  EXPECT_LE(table.capacity(), 1024u);
}

TEST(KeyedTableTest, TakesAHashOfZero) {
  KeyedTable<std::string, int> table({0, 1}, 1);
  table.FindOrInsert(0, std::string("a"), [] { return 1; });
  table.FindOrInsert(0, std::string("b"), [] { return 2; });
  EXPECT_EQ(*table.Find(0, "a"), 1);
  EXPECT_EQ(*table.Find(0, "b"), 2);
}

TEST(KeyedTableTest, AThrowingValueLeavesNoEntry) {
  KeyedTable<std::string, std::string> table({0, 1}, 1);
  EXPECT_THROW(table.FindOrInsert(KeyHash(std::string("a")), std::string("a"),
                                  []() -> std::string { throw std::runtime_error("no"); }),
               std::runtime_error);
  EXPECT_EQ(table.size(), 0u);
  EXPECT_EQ(table.Find(KeyHash(std::string("a")), "a"), nullptr);
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
