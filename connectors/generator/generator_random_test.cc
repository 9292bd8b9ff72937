#include "connectors/generator/generator_random.h"

#include <array>
#include <cstdint>

#include "gtest/gtest.h"

namespace weir {
namespace {

TEST(GeneratorRandom, IsFixedForever) {
  GeneratorRandom random(1, 0);
  GeneratorRandom same(1, 0);
  const uint64_t first = random.Bits();
  EXPECT_EQ(first, same.Bits());
  EXPECT_NE(first, random.Bits());
  EXPECT_NE(first, GeneratorRandom(1, 1).Bits());
  EXPECT_NE(first, GeneratorRandom(2, 0).Bits());
}

TEST(GeneratorRandom, UniformIsEven) {
  std::array<int, 7> counts{};
  for (int64_t i = 0; i < 70'000; ++i) ++counts[GeneratorRandom(5, i).Uniform(7)];
  for (const int count : counts) EXPECT_NEAR(count, 10'000, 500);
}

TEST(GeneratorRandom, InclusiveReachesBothEnds) {
  bool low = false;
  bool high = false;
  for (int64_t i = 0; i < 100; ++i) {
    const int64_t value = GeneratorRandom(5, i).UniformInclusive(-1, 1);
    ASSERT_GE(value, -1);
    ASSERT_LE(value, 1);
    low |= value == -1;
    high |= value == 1;
  }
  EXPECT_TRUE(low && high);
  GeneratorRandom(5, 0).UniformInclusive(INT64_MIN, INT64_MAX);
}

TEST(GeneratorRandom, ChanceIsAProbability) {
  int count = 0;
  for (int64_t i = 0; i < 10'000; ++i) count += GeneratorRandom(5, i).Chance(1, 4) ? 1 : 0;
  EXPECT_NEAR(count, 2500, 200);
  EXPECT_FALSE(GeneratorRandom(5, 0).Chance(0, 4));
  EXPECT_TRUE(GeneratorRandom(5, 0).Chance(4, 4));
}

TEST(GeneratorRandom, SkewedFavoursSmallValues) {
  std::array<int, 100> counts{};
  for (int64_t i = 0; i < 100'000; ++i) ++counts[GeneratorRandom(5, i).Skewed(100)];
  EXPECT_GT(counts[0], 10'000);
  EXPECT_GT(counts[0], 5 * counts[10]);
  EXPECT_GT(counts[10], 3 * counts[80]);
  for (int64_t i = 0; i < 10; ++i) EXPECT_EQ(GeneratorRandom(5, i).Skewed(1), 0u);
}

}  // namespace
}  // namespace weir
