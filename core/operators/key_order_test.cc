#include "core/operators/key_order.h"

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "core/testing/property.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

template <class K>
void CheckOrder(const std::vector<K>& keys) {
  struct Entry {
    K key;
  };
  std::vector<Entry> entries;
  for (const K& key : keys) entries.push_back({key});
  const std::vector<Entry*> sorted = SortByKey<K, Entry>(entries.size(), [&](const auto& add) {
    for (Entry& entry : entries) add(entry);
  });
  RC_ASSERT(sorted.size() == keys.size());
  for (size_t i = 1; i < sorted.size(); ++i) {
    std::string before, after;
    EncodeKey(sorted[i - 1]->key, before);
    EncodeKey(sorted[i]->key, after);
    RC_ASSERT(before <= after);
  }
}

WEIR_PROPERTY(SortByKeyTest, Integers, const std::vector<int64_t>& keys) { CheckOrder(keys); }
WEIR_PROPERTY(SortByKeyTest, ShortKeys, const std::vector<int16_t>& keys) { CheckOrder(keys); }
WEIR_PROPERTY(SortByKeyTest, Strings, const std::vector<std::string>& keys) { CheckOrder(keys); }
WEIR_PROPERTY(SortByKeyTest, Pairs, const std::vector<std::pair<int64_t, std::string>>& keys) {
  CheckOrder(keys);
}

// Enough for the radix sort, with long common beginnings.
TEST(SortByKeyTest, ManyKeys) {
  std::vector<int64_t> numbers;
  std::vector<std::string> paths;
  for (int64_t i = 0; i < 3000; ++i) {
    numbers.push_back((i * 7919) % 3001 - 1500);
    paths.push_back("/var/log/" + std::to_string((i * 7919) % 3001));
  }
  CheckOrder(numbers);
  CheckOrder(paths);
}

}  // namespace
}  // namespace weir
