#include "core/base/insertion_ordered_map.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/ids.h"
#include "core/testing/property.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

template <class Map>
auto Keys(const Map& map) {
  std::vector<std::string> keys;
  for (auto [key, value] : map) keys.push_back(key);
  return keys;
}

TEST(InsertionOrderedMapTest, FindsAndIteratesInOrderOfInsertion) {
  InsertionOrderedMap<std::string, int> map;
  map["z"] = 1;
  map["a"] += 2;
  map["m"] = 3;
  EXPECT_EQ(Keys(map), (std::vector<std::string>{"z", "a", "m"}));
  EXPECT_EQ(*map.Find(std::string_view("a")), 2);
  EXPECT_EQ(map.Find("b"), nullptr);
  EXPECT_FALSE(map.TryEmplace("z", 9).second);
  EXPECT_EQ(map["z"], 1);
}

TEST(InsertionOrderedMapTest, ErasedKeysComeBackAtTheEnd) {
  InsertionOrderedMap<std::string, int> map;
  for (const char* key : {"a", "b", "c"}) map[key] = 0;
  EXPECT_TRUE(map.Erase("a"));
  EXPECT_FALSE(map.Erase("a"));
  EXPECT_EQ(map.size(), 2u);
  map["a"] = 1;
  EXPECT_EQ(Keys(map), (std::vector<std::string>{"b", "c", "a"}));
}

TEST(InsertionOrderedMapTest, TakesStrongIdsAndValuesThatOnlyMove) {
  InsertionOrderedMap<SplitId, std::unique_ptr<int>> map;
  map.TryEmplace(SplitId(3), std::make_unique<int>(5));
  map[SplitId(4)] = nullptr;
  EXPECT_EQ(**map.Find(SplitId(3)), 5);
  for (auto [key, value] : map) value = std::make_unique<int>(7);
  EXPECT_EQ(**map.Find(SplitId(4)), 7);
}

// All keys in one slot: probing has to do everything.
struct OneSlot {
  uint64_t operator()(int) const { return 5; }
};

template <class Hasher>
void CheckAgainstModel(const std::vector<std::pair<bool, uint8_t>>& steps) {
  InsertionOrderedMap<int, int, Hasher> map;
  std::vector<std::pair<int, int>> model;
  int count = 0;
  for (const auto& [insert, byte] : steps) {
    const int key = byte % 32;
    const auto same = [key](const auto& entry) { return entry.first == key; };
    const auto at = std::find_if(model.begin(), model.end(), same);
    if (insert) {
      RC_ASSERT(map.TryEmplace(key, ++count).second == (at == model.end()));
      if (at == model.end()) model.emplace_back(key, count);
    } else {
      RC_ASSERT(map.Erase(key) == (at != model.end()));
      if (at != model.end()) model.erase(at);
    }
    std::vector<std::pair<int, int>> entries;
    for (auto [k, v] : map) entries.emplace_back(k, v);
    RC_ASSERT(entries == model);
    RC_ASSERT(map.size() == model.size());
    for (int k = 0; k < 32; ++k) {
      const bool there = std::find_if(model.begin(), model.end(), [k](const auto& entry) {
                           return entry.first == k;
                         }) != model.end();
      RC_ASSERT(map.Contains(k) == there);
    }
  }
}

WEIR_PROPERTY(InsertionOrderedMapTest, EqualsAList,
              const std::vector<std::pair<bool, uint8_t>>& steps) {
  CheckAgainstModel<StableHasher>(steps);
}
WEIR_PROPERTY(InsertionOrderedMapTest, EqualsAListWhenAllHashesCollide,
              const std::vector<std::pair<bool, uint8_t>>& steps) {
  CheckAgainstModel<OneSlot>(steps);
}

TEST(InsertionOrderedMapTest, StaysBoundedUnderChurn) {
  InsertionOrderedMap<uint64_t, int> map;
  for (uint64_t i = 0; i < 100'000; ++i) {
    map[i] = 1;
    if (i >= 10) map.Erase(i - 10);
  }
  EXPECT_EQ(map.size(), 10u);
  EXPECT_EQ((*map.begin()).first, 99'990u);
}

}  // namespace
}  // namespace weir
