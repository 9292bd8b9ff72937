#include "core/base/hash.h"

#include <cstdint>
#include <string>
#include <string_view>

#include "core/testing/property.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

// Stored checkpoints depend on these values: a test that has to be changed here is a change of format.
TEST(HashTest, GoldenValues) {
  std::string bytes;
  for (int i = 0; i < 1000; ++i) bytes.push_back(static_cast<char>(i * 7));
  const std::string_view view = bytes;
  EXPECT_EQ(kHashVersion, 1u);
  EXPECT_EQ(StableHash64(""), 0x2d06800538d394c2u);
  EXPECT_EQ(StableHash64("weir"), 0x09831dc741817118u);
  EXPECT_EQ(StableHash64(view.substr(0, 16)), 0x9da23836adf2be1eu);
  EXPECT_EQ(StableHash64(view.substr(0, 100)), 0x6dbb812cf19d012eu);
  EXPECT_EQ(StableHash64(view.substr(0, 200)), 0x7c64f3b17285e96au);
  EXPECT_EQ(StableHash64(view), 0x10ad30264426c830u);
  EXPECT_EQ(StableHash64WithSeed("weir", 1), 0x18b3a371387f03a2u);
  EXPECT_EQ(StableHashOfU64(1), 0xf36b4a1a44f78bf3u);
  EXPECT_EQ(StableHashOfU32(1), 0x0da1a8141638550fu);
}

WEIR_PROPERTY(HashTest, IntegersHashLikeTheirBigEndianBytes, uint64_t value) {
  std::string bytes;
  for (int shift = 56; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(value >> shift));
  RC_ASSERT(StableHashOfU64(value) == StableHash64(bytes));
  RC_ASSERT(StableHashOfU32(static_cast<uint32_t>(value)) == StableHash64(bytes.substr(4)));
}

// All paths of the hash: it treats up to 16, 128 and 240 bytes each in another way, and longer ones in blocks.
TEST(HashTest, AStreamHashesLikeTheWhole) {
  std::string bytes;
  for (int i = 0; i < 3000; ++i) bytes.push_back(static_cast<char>(i * 7 + i / 256));
  for (const uint64_t seed : {uint64_t{0}, uint64_t{1}, ~uint64_t{0}}) {
    StableHash64Stream hash(seed);
    for (size_t size = 0; size <= bytes.size(); size += size < 600 ? 1 : 97) {
      for (const size_t piece : {size_t{1}, size_t{13}, size_t{256}, size_t{1025}}) {
        hash.Reset();
        const std::string_view whole = std::string_view(bytes).substr(0, size);
        for (size_t at = 0; at < size; at += piece) hash.Update(whole.substr(at, piece));
        ASSERT_EQ(hash.Digest(), StableHash64WithSeed(whole, seed)) << size << " in " << piece;
      }
    }
  }
}

}  // namespace
}  // namespace weir
