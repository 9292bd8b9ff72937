#include "core/types/codec.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ids.h"
#include "core/testing/property.h"
#include "core/types/testing/rich_row.h"
#include "core/types/testing/rich_row_gen.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

struct Pod {
  int64_t a, b, c, d;
  double e;
  int32_t f, g;
};
struct Padded {
  int8_t a;
  int64_t b;
};
struct WithBool {
  bool a;
};
static_assert(Codec<Pod>::kFixedSize == 48 && Codec<Pod>::kMemoryImage);
static_assert(Codec<Padded>::kFixedSize == 9 && !Codec<Padded>::kMemoryImage);
static_assert(Codec<WithBool>::kFixedSize == 1 && !Codec<WithBool>::kMemoryImage);
static_assert(Codec<RichRow>::kFixedSize == 0);
static_assert(Codec<std::array<Pod, 2>>::kFixedSize == 96);
static_assert(Codec<SourcePosition>::kFixedSize == 12);
static_assert(Codec<std::tuple<int, int>>::kFixedSize == 8 &&
              !Codec<std::tuple<int, int>>::kMemoryImage);

template <class T>
std::string Encoded(const T& value) {
  std::string bytes = "before";
  ByteWriter writer(bytes);
  Codec<T>::Encode(value, writer);
  EXPECT_EQ(bytes.size() - 6, Codec<T>::Size(value));
  return bytes.substr(6);
}

template <class T>
std::optional<T> Decoded(std::string_view bytes) {
  ByteReader reader(bytes);
  T value{};
  if (!Codec<T>::Decode(reader, value) || !reader.at_end()) return std::nullopt;
  return value;
}

TEST(CodecTest, FullRowReadsBack) {
  EXPECT_EQ(Decoded<RichRow>(Encoded(FullRichRow())), FullRichRow());
  EXPECT_EQ(Decoded<RichRow>(Encoded(RichRow())), RichRow());
}

WEIR_PROPERTY(CodecTest, AnyRowReadsBackOverAnyOther) {
  const RichRow row = DrawField<RichRow>();
  const std::string bytes = Encoded(row);
  RichRow over = FullRichRow();
  ByteReader reader(bytes);
  RC_ASSERT(Codec<RichRow>::Decode(reader, over));
  RC_ASSERT(reader.at_end());
  RC_ASSERT(over == row);
}

TEST(CodecTest, EveryTruncationFails) {
  const std::string bytes = Encoded(FullRichRow());
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(Decoded<RichRow>(std::string_view(bytes).substr(0, size))) << size;
  }
}

WEIR_PROPERTY(CodecTest, WhatDecodesEncodesToTheSameBytes) {
  std::string bytes = Encoded(DrawField<RichRow>());
  const auto at = *rc::gen::inRange<size_t>(0, bytes.size());
  bytes[at] = *rc::gen::arbitrary<char>();
  if (const std::optional<RichRow> row = Decoded<RichRow>(bytes)) RC_ASSERT(Encoded(*row) == bytes);
}

TEST(CodecTest, BytesThatWriteNeverWritesAreMalformed) {
  EXPECT_FALSE(Decoded<bool>("\2"));
  EXPECT_FALSE(Decoded<WithBool>("\2"));
  EXPECT_FALSE(Decoded<std::optional<bool>>("\2\1"));
  EXPECT_FALSE(Decoded<std::vector<bool>>(std::string_view("\1\0\0\0\2", 5)));
  EXPECT_FALSE((Decoded<std::array<bool, 2>>("\1\3")));
}

// Lengths are believed only as far as there are bytes, and memory follows the elements that were read.
TEST(CodecTest, HugeLengthsDoNotAllocate) {
  struct Huge {
    std::optional<std::array<int64_t, 4096>> maybe;
  };
  const std::string_view four_billion("\xff\xff\xff\xff", 4);
  EXPECT_FALSE(Decoded<std::vector<int64_t>>(four_billion));
  EXPECT_FALSE(Decoded<std::vector<std::string>>(four_billion));
  EXPECT_FALSE(Decoded<std::vector<std::vector<bool>>>(four_billion));
  EXPECT_FALSE(Decoded<std::string>(four_billion));
  std::string many(4, '\0');
  StoreLittle(uint32_t{1'000'000}, many.data());
  many.append(1'000'000, '\2');  // Each a malformed optional.
  std::vector<Huge> values;
  ByteReader reader(many);
  EXPECT_FALSE(Codec<std::vector<Huge>>::Decode(reader, values));
  EXPECT_LT(values.capacity(), 100u);
}

TEST(CodecTest, FloatsKeepTheirBits) {
  const double nan = std::bit_cast<double>(uint64_t{0xfff8000000000123});
  EXPECT_EQ(std::bit_cast<uint64_t>(*Decoded<double>(Encoded(nan))), 0xfff8000000000123u);
  EXPECT_TRUE(std::signbit(*Decoded<float>(Encoded(-0.0f))));
}

TEST(CodecTest, DurationsAreNanoseconds) {
  EXPECT_EQ(Decoded<absl::Duration>(Encoded(absl::InfiniteDuration())), absl::InfiniteDuration());
  EXPECT_EQ(Decoded<absl::Duration>(Encoded(-absl::InfiniteDuration())), -absl::InfiniteDuration());
  EXPECT_EQ(Decoded<absl::Duration>(Encoded(absl::Nanoseconds(1.75))), absl::Nanoseconds(1));
  EXPECT_EQ(Decoded<absl::Duration>(Encoded(absl::Hours(24 * 366 * 300))),
            absl::InfiniteDuration());
}

TEST(CodecTest, IdsTravelAsTheirValue) {
  EXPECT_EQ(Encoded(SplitId(1)), std::string_view("\1\0\0\0", 4));
  EXPECT_EQ(Decoded<JobId>(Encoded(JobId("j"))), JobId("j"));
}

TEST(CodecTest, SchemasNameEveryField) {
  EXPECT_EQ(Codec<RichRow>::SchemaOf().ToString(),
            "struct{flag:bool,i8:i8,i16:i16,i32:i32,i64:i64,u8:u8,u16:u16,u32:u32,u64:u64,f32:f32,"
            "f64:f64,color:u16,text:string,time:event_time,duration:duration,maybe:optional<i64>,"
            "numbers:vector<i32>,inners:vector<struct{name:optional<string>,weight:f64}>,"
            "bits:vector<bool>,three:array<i16,3>,tuple:tuple<string,i32>,"
            "pair:tuple<bool,optional<struct{name:optional<string>,weight:f64}>>,"
            "nested:vector<vector<string>>,position:struct{container:i32,offset:i64}}");
  EXPECT_EQ(Codec<char>::SchemaOf().ToString(), "i8");
  EXPECT_EQ(Codec<long long>::SchemaOf().ToString(), "i64");
}

}  // namespace
}  // namespace weir
