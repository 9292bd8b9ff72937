#include "core/types/key_codec.h"

#include <array>
#include <bit>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "core/base/ids.h"
#include "core/testing/property.h"
#include "core/types/testing/rich_row.h"
#include "core/types/testing/rich_row_gen.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

template <class K>
std::string Encoded(const K& key) {
  std::string bytes;
  EncodeKey(key, bytes);
  return bytes;
}

// The three promises, for two keys: order, prefix-freeness, round trip; and how hashes follow from bytes.
template <class K>
void CheckPair(const K& a, const K& b) {
  const std::string x = Encoded(a);
  const std::string y = Encoded(b);
  RC_ASSERT((a < b) == (x < y));
  RC_ASSERT((b < a) == (y < x));
  RC_ASSERT((a == b) == (x == y));
  if (a != b) RC_ASSERT(!x.starts_with(y) && !y.starts_with(x));
  K back{};
  RC_ASSERT(DecodeKey(x, back).ok());
  RC_ASSERT(back == a);
  RC_ASSERT(KeyHashOfEncoded<K>(x).value() == KeyHash(a));
  if constexpr (std::is_same_v<K, std::string>) {
    RC_ASSERT(KeyHash(a) == StableHash64(a));
  } else {
    RC_ASSERT(KeyHash(a) == StableHash64(x));
  }
}

// Mostly zeros, ones and FFs, the bytes that escaping is about.
std::string NastyString() {
  return *rc::gen::container<std::string>(rc::gen::element('\0', '\1', '\xff', 'a'));
}

WEIR_PROPERTY(KeyCodecTest, I64, int64_t a, int64_t b) { CheckPair(a, b); }
WEIR_PROPERTY(KeyCodecTest, I32, int32_t a, int32_t b) { CheckPair(a, b); }
WEIR_PROPERTY(KeyCodecTest, I16, int16_t a, int16_t b) { CheckPair(a, b); }
WEIR_PROPERTY(KeyCodecTest, I8, int8_t a, int8_t b) { CheckPair(a, b); }
WEIR_PROPERTY(KeyCodecTest, U64, uint64_t a, uint64_t b) { CheckPair(a, b); }
WEIR_PROPERTY(KeyCodecTest, U8, uint8_t a, uint8_t b) { CheckPair(a, b); }
WEIR_PROPERTY(KeyCodecTest, Bool, bool a, bool b) { CheckPair(a, b); }
WEIR_PROPERTY(KeyCodecTest, F64, double a, double b) { CheckPair(a, b); }
WEIR_PROPERTY(KeyCodecTest, F32, float a, float b) { CheckPair(a, b); }
WEIR_PROPERTY(KeyCodecTest, String, std::string a, std::string b) { CheckPair(a, b); }
WEIR_PROPERTY(KeyCodecTest, NastyStrings) {
  const std::string a = NastyString();
  CheckPair(a, NastyString());
}
WEIR_PROPERTY(KeyCodecTest, TupleOfNastyStrings) {
  const std::string a = NastyString();
  const std::string b = NastyString();
  const std::string c = NastyString();
  CheckPair(std::tuple(a, b), std::tuple(c, NastyString()));
}
WEIR_PROPERTY(KeyCodecTest, StringThenNumber, std::pair<std::string, int64_t> a,
              std::pair<std::string, int64_t> b) {
  CheckPair(a, b);
}
WEIR_PROPERTY(KeyCodecTest, VectorOfStrings, std::vector<std::string> a,
              std::vector<std::string> b) {
  CheckPair(a, b);
}
WEIR_PROPERTY(KeyCodecTest, Bits, std::vector<bool> a, std::vector<bool> b) { CheckPair(a, b); }
WEIR_PROPERTY(KeyCodecTest, Array, std::array<int16_t, 3> a, std::array<int16_t, 3> b) {
  CheckPair(a, b);
}

struct Nested {
  std::optional<RichInner> inner;
  EventTime time;
  RichColor color;
  absl::Duration duration;
  friend bool operator==(const Nested&, const Nested&) = default;
  friend bool operator<(const Nested& a, const Nested& b) { return TieFields(a) < TieFields(b); }
};

WEIR_PROPERTY(KeyCodecTest, Struct) {
  Nested a = DrawField<Nested>();
  Nested b = DrawField<Nested>();
  if (*rc::gen::arbitrary<bool>()) b.inner = a.inner;  // So that later fields decide, too.
  CheckPair(a, b);
}

TEST(KeyCodecTest, FloatsAreNormalizedAndOrdered) {
  const double infinity = std::numeric_limits<double>::infinity();
  const double nan = std::bit_cast<double>(uint64_t{0xfff8000000000123});
  EXPECT_EQ(Encoded(0.0), Encoded(-0.0));
  EXPECT_EQ(Encoded(nan), Encoded(std::numeric_limits<double>::quiet_NaN()));
  EXPECT_EQ(KeyHash(0.0f), KeyHash(-0.0f));
  const std::vector<double> ordered = {-infinity, -1e300, -1, -1e-310, 0, 1e-310, 1, infinity, nan};
  for (size_t i = 1; i < ordered.size(); ++i) {
    EXPECT_LT(Encoded(ordered[i - 1]), Encoded(ordered[i])) << i;
  }
  double back;
  EXPECT_TRUE(DecodeKey(Encoded(nan), back).ok());
  EXPECT_NE(back, back);
}

TEST(KeyCodecTest, RefusesBytesThatNoKeyHas) {
  const auto refused = [](std::string_view bytes, auto key) { return !DecodeKey(bytes, key).ok(); };
  EXPECT_TRUE(refused("", std::string()));
  EXPECT_TRUE(refused("abc", std::string()));
  EXPECT_TRUE(refused(std::string_view("a\0", 2), std::string()));
  EXPECT_TRUE(refused(std::string_view("a\0b\0\0", 5), std::string()));
  EXPECT_TRUE(refused(std::string_view("a\0\0x", 4), std::string()));
  EXPECT_TRUE(refused("\2", false));
  EXPECT_TRUE(refused("1234567", int64_t{0}));
  EXPECT_TRUE(refused("123456789", int64_t{0}));
  EXPECT_TRUE(refused("\x7f\xff\xff\xff", 0.0f)) << "-0";
  EXPECT_TRUE(refused("\xff\xc0\x01\x02", 0.0f)) << "another NaN";
  EXPECT_TRUE(refused("\1", std::vector<bool>()));
  EXPECT_EQ(DecodeKey("abc", *std::make_unique<std::string>()).message(),
            "malformed key at byte 0 of 3");
}

TEST(KeyCodecTest, IdsAndViewsHashLikeWhatTheyHold) {
  EXPECT_EQ(KeyHash(SplitId(7)), KeyHash(uint32_t{7}));
  EXPECT_EQ(KeyHash(JobId("j")), KeyHash(std::string("j")));
  EXPECT_EQ(KeyHash(std::string_view("j")), KeyHash(std::string("j")));
  EXPECT_EQ(KeyHash(uint64_t{7}), StableHashOfU64(7));
  const std::pair<std::string, int> longer = {std::string(1000, 'x'), 1};
  EXPECT_EQ(KeyHash(longer), StableHash64(Encoded(longer)));
}

}  // namespace
}  // namespace weir
