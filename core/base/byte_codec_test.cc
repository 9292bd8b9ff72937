#include "core/base/byte_codec.h"

#include <string>
#include <string_view>

#include "gtest/gtest.h"

namespace weir {
namespace {

TEST(ByteCodecTest, WritesLittleEndianWithoutPadding) {
  std::string out = "x";
  ByteWriter writer(out);
  writer.PutU8(1);
  writer.PutU16(0x0203);
  writer.PutU32(0x04050607);
  writer.PutI64(-2);
  writer.PutBool(true);
  writer.PutString("ab");
  writer.PutRaw("cd");
  EXPECT_EQ(out,
            std::string_view("x\1\3\2\7\6\5\4\xfe\xff\xff\xff\xff\xff\xff\xff\1\2\0\0\0abcd", 25));
  EXPECT_EQ(writer.size(), out.size());
}

TEST(ByteCodecTest, ReadsBackWhatWasWritten) {
  std::string bytes;
  ByteWriter writer(bytes);
  writer.PutI8(-1);
  writer.PutI16(-2);
  writer.PutI32(-3);
  writer.PutU64(~uint64_t{0});
  writer.PutF32(1.5f);
  writer.PutF64(-0.0);
  writer.PutBool(false);
  writer.PutString(std::string_view("\0x", 2));
  ByteReader reader(bytes);
  int8_t i8;
  int16_t i16;
  int32_t i32;
  uint64_t u64;
  float f32;
  double f64;
  bool flag;
  std::string text;
  ASSERT_TRUE(reader.GetI8(i8) && reader.GetI16(i16) && reader.GetI32(i32) && reader.GetU64(u64) &&
              reader.GetF32(f32) && reader.GetF64(f64) && reader.GetBool(flag) &&
              reader.GetString(text));
  EXPECT_TRUE(reader.at_end());
  EXPECT_EQ(i8, -1);
  EXPECT_EQ(i16, -2);
  EXPECT_EQ(i32, -3);
  EXPECT_EQ(u64, ~uint64_t{0});
  EXPECT_EQ(f32, 1.5f);
  EXPECT_EQ(std::bit_cast<uint64_t>(f64), std::bit_cast<uint64_t>(-0.0));
  EXPECT_FALSE(flag);
  EXPECT_EQ(text, std::string_view("\0x", 2));
}

TEST(ByteCodecTest, NeverReadsPastTheEnd) {
  ByteReader reader("\1\2\3");
  uint32_t u32 = 7;
  uint8_t u8;
  ASSERT_TRUE(reader.GetU8(u8));
  EXPECT_FALSE(reader.GetU32(u32));
  EXPECT_EQ(u32, 7u);
  EXPECT_TRUE(reader.failed());
  EXPECT_EQ(reader.position(), 1u);
  EXPECT_FALSE(reader.GetU8(u8)) << "a failed reader stays failed";
  EXPECT_EQ(reader.position(), 1u) << "and keeps the place of the first failure";
}

TEST(ByteCodecTest, RefusesLengthsThatAreNotThereAndBytesThatAreNoBool) {
  std::string_view view = "kept";
  EXPECT_FALSE(ByteReader(std::string_view("\xff\xff\xff\xff"
                                           "ab",
                                           6))
                   .GetString(view));
  EXPECT_EQ(view, "kept");
  bool flag;
  EXPECT_FALSE(ByteReader("\2").GetBool(flag));
  EXPECT_FALSE(ByteReader("").GetBool(flag));
  EXPECT_FALSE(ByteReader(std::string_view()).Skip(1));
  EXPECT_TRUE(ByteReader(std::string_view()).Skip(0));
}

}  // namespace
}  // namespace weir
