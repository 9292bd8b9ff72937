// The files under testdata hold the bytes of each format version. A difference here is a change of format: data that is stored
// or sent by other builds would no longer be read.

#include <cstdint>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "core/base/byte_codec.h"
#include "core/base/ids.h"
#include "core/testing/cut_bytes.h"
#include "core/types/batch.h"
#include "core/types/codec.h"
#include "core/types/event_time.h"
#include "core/types/frame.h"
#include "core/types/hello.h"
#include "core/types/key_codec.h"
#include "core/types/row_codec.h"
#include "core/types/row_codec_for.h"
#include "core/types/schema.h"
#include "core/types/testing/rich_row.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

std::string Hex(const std::string& bytes) { return std::string(absl::BytesToHexString(bytes)); }
std::string Bytes(const std::string& hex) { return std::string(absl::HexStringToBytes(hex)); }

// Lines of "name word...", without comments.
std::vector<std::vector<std::string>> ReadGolden(const std::string& name) {
  std::ifstream file("core/types/testdata/" + name);
  EXPECT_TRUE(file.is_open()) << name;
  std::vector<std::vector<std::string>> lines;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream words(line);
    std::vector<std::string>& all = lines.emplace_back();
    for (std::string word; words >> word;) all.push_back(word);
  }
  return lines;
}

Batch<RichRow> GoldenBatch() {
  Batch<RichRow> batch;
  batch.Append(FullRichRow(), EventTime::FromMicros(1));
  batch.Append(RichRow(), EventTime::FromMicros(2));
  batch.key_hashes = {3, 4};
  return batch;
}

FrameHeader GoldenHeader() {
  return {FrameKind::kRows,      kRowsHaveTimes | kRowsHaveHashes,
          ChannelId(0x01020304), AttemptNumber(0x05060708),
          0x1112131415161718,    2};
}

std::string GoldenRowsFrame() {
  FrameBuilder builder;
  RowCodecFor<RichRow>()->AppendRowRange(GoldenBatch(), 0, 2, 1 << 20, builder.out());
  return builder.Seal(GoldenHeader()).value();
}

std::string GoldenHellos() {
  std::string bytes;
  EncodeHello({1, 2, "cluster-a", 0x1112131415161718, LeaderEpoch(9)}, bytes);
  EncodeChannelHello({JobId("job-1"), ChannelId(3), AttemptNumber(4), 0x2122232425262728}, bytes);
  return bytes;
}

TEST(GoldenTest, FrameV1) {
  const std::vector<std::vector<std::string>> expected = {
      {"rows", Hex(GoldenRowsFrame())},
      {"watermark",
       Hex(EncodeWatermarkFrame(GoldenHeader(), {EventTime::FromMicros(1'500'000), true}))},
      {"end_of_data", Hex(EncodeEndOfDataFrame(GoldenHeader()))},
      {"cancel", Hex(EncodeCancelFrame(GoldenHeader()))},
      {"hello_and_channel_hello", Hex(GoldenHellos())},
  };
  const auto golden = ReadGolden("frame_v1.golden");
  EXPECT_EQ(golden, expected);

  const std::string bytes = Bytes(golden.at(0).at(1));
  const FrameView frame = ParseFrame(bytes).value();
  EXPECT_EQ(frame.header, GoldenHeader());
  Batch<RichRow> rows;
  ASSERT_TRUE(RowCodecFor<RichRow>()->DecodeRows(frame.payload, 2, frame.header.flags, rows).ok());
  EXPECT_EQ(rows.rows, GoldenBatch().rows);
  EXPECT_EQ(rows.event_times, GoldenBatch().event_times);
  EXPECT_EQ(rows.key_hashes, GoldenBatch().key_hashes);

  // Wherever it is cut.
  for (size_t border = 0; border <= bytes.size(); ++border) {
    const CutBytes cut(bytes, {border});
    const FrameView pieces = ParseFrame(cut.pieces()).value();
    EXPECT_EQ(pieces.header, GoldenHeader());
    Batch<RichRow> same;
    ASSERT_TRUE(
        RowCodecFor<RichRow>()->DecodeRows(pieces.payload, 2, frame.header.flags, same).ok());
    EXPECT_EQ(same.rows, rows.rows) << border;
    EXPECT_EQ(same.event_times, rows.event_times) << border;
    EXPECT_EQ(same.key_hashes, rows.key_hashes) << border;
  }
}

TEST(GoldenTest, SchemaV1) {
  const Schema schema = Codec<RichRow>::SchemaOf();
  std::string row;
  ByteWriter writer(row);
  Codec<RichRow>::Encode(FullRichRow(), writer);
  const std::vector<std::vector<std::string>> expected = {
      {"schema", schema.ToString()},
      {"digest", absl::StrFormat("%016x", schema.Digest())},
      {"row", Hex(row)},
  };
  const auto golden = ReadGolden("schema_v1.golden");
  EXPECT_EQ(golden, expected);
  EXPECT_EQ(ParseSchema(golden.at(0).at(1)).value(), schema);
}

template <class K>
void AddKey(const K& key, std::vector<std::vector<std::string>>& lines) {
  std::string bytes;
  EncodeKey(key, bytes);
  lines.push_back(
      {Codec<K>::SchemaOf().ToString(), Hex(bytes), absl::StrFormat("%016x", KeyHash(key))});
}

TEST(GoldenTest, KeysV1) {
  std::vector<std::vector<std::string>> expected;
  AddKey(true, expected);
  AddKey(int8_t{-1}, expected);
  AddKey(int32_t{-2}, expected);
  AddKey(int64_t{3}, expected);
  AddKey(uint16_t{4}, expected);
  AddKey(uint64_t{5}, expected);
  AddKey(1.5f, expected);
  AddKey(-0.0, expected);
  AddKey(-2.25, expected);
  AddKey(std::string("install"), expected);
  AddKey(std::string("a\0b", 3), expected);
  AddKey(EventTime::FromMicros(1'500'000), expected);
  AddKey(absl::Duration(absl::Milliseconds(1500)), expected);
  AddKey(std::optional<int32_t>(), expected);
  AddKey(std::optional<int32_t>(1), expected);
  AddKey(std::vector<std::string>{"a", ""}, expected);
  AddKey(std::tuple<std::string, int64_t>("a", -1), expected);
  AddKey(RichInner{"a", 0.5}, expected);
  EXPECT_EQ(ReadGolden("keys_v1.golden"), expected);
}

}  // namespace
}  // namespace weir
