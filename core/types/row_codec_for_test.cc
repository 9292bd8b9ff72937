#include "core/types/row_codec_for.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/testing/property.h"
#include "core/types/testing/rich_row.h"
#include "core/types/testing/rich_row_gen.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

struct Fixed {
  int64_t a = 0;
  bool b = false;
  friend bool operator==(const Fixed&, const Fixed&) = default;
};

template <class T>
Batch<T> MakeBatch(std::vector<T> rows, uint8_t flags) {
  Batch<T> batch;
  batch.rows = std::move(rows);
  for (size_t i = 0; i < batch.rows.size(); ++i) {
    const auto number = static_cast<int64_t>(i);
    if (flags & kRowsHaveTimes) batch.event_times.push_back(EventTime::FromMicros(-number));
    if (flags & kRowsHaveHashes) batch.key_hashes.push_back(i * 0x9e3779b97f4a7c15);
  }
  return batch;
}

// Writes `batch` in payloads of about `bytes_max`, reads them into one batch, and compares.
template <class T>
void CheckRoundTrip(const Batch<T>& batch, size_t bytes_max) {
  const std::shared_ptr<const RowCodec> codec = RowCodecFor<T>();
  const std::unique_ptr<BatchBase> back = codec->NewBatch();
  size_t row = 0;
  while (row < batch.size()) {
    std::string payload;
    const size_t count = codec->AppendRowRange(batch, row, batch.size(), bytes_max, payload);
    ASSERT_GT(count, 0u);
    if (row + count < batch.size()) {
      ASSERT_GE(payload.size(), bytes_max);
    }
    ASSERT_TRUE(codec->DecodeRows(payload, count, RowFlags(batch), *back).ok());
    row += count;
  }
  EXPECT_EQ(BatchAs<T>(*back).rows, batch.rows);
  EXPECT_EQ(back->event_times, batch.event_times);
  EXPECT_EQ(back->key_hashes, batch.key_hashes);
}

TEST(RowCodecForTest, AllFlagsAndSizesReadBack) {
  for (uint8_t flags = 0; flags < 4; ++flags) {
    for (const size_t bytes_max : {size_t{0}, size_t{1}, size_t{50}, size_t{1000}, ~size_t{0}}) {
      CheckRoundTrip(MakeBatch(std::vector<Fixed>(300, Fixed{7, true}), flags), bytes_max);
      CheckRoundTrip(MakeBatch(std::vector<RichRow>(150, FullRichRow()), flags), bytes_max);
      CheckRoundTrip(MakeBatch(std::vector<std::string>(150, "abc"), flags), bytes_max);
      CheckRoundTrip(MakeBatch(std::vector<bool>(150, true), flags), bytes_max);
    }
  }
}

TEST(RowCodecForTest, TheLimitIsOfTheWholeStringAndOneRowAlwaysGoesIn) {
  const Batch<Fixed> batch = MakeBatch(std::vector<Fixed>(10), 0);
  const std::shared_ptr<const RowCodec> codec = RowCodecFor<Fixed>();
  std::string out(40, 'h');
  EXPECT_EQ(codec->AppendRowRange(batch, 0, 10, 40 + 18, out), 2u);
  EXPECT_EQ(out.size(), 58u);
  EXPECT_EQ(codec->AppendRowRange(batch, 2, 10, 58, out), 1u);
  EXPECT_EQ(codec->AppendRowRange(batch, 3, 3, 58, out), 0u);
  EXPECT_EQ(codec->AppendRows(batch, {}, 58, out), 0u);
  EXPECT_EQ(out.substr(0, 40), std::string(40, 'h'));
}

WEIR_PROPERTY(RowCodecForTest, IndicesChooseRows, const std::vector<uint8_t>& bytes) {
  std::vector<RichRow> rows(256);
  for (size_t i = 0; i < rows.size(); ++i) rows[i].i64 = static_cast<int64_t>(i);
  const Batch<RichRow> batch = MakeBatch(rows, kRowsHaveHashes);
  const std::vector<uint32_t> indices(bytes.begin(), bytes.end());
  const std::shared_ptr<const RowCodec> codec = RowCodecFor<RichRow>();
  std::string payload;
  RC_ASSERT(codec->AppendRows(batch, indices, 1 << 20, payload) == indices.size());
  Batch<RichRow> back;
  RC_ASSERT(codec->DecodeRows(payload, indices.size(), kRowsHaveHashes, back).ok());
  for (size_t i = 0; i < indices.size(); ++i) {
    RC_ASSERT(back.rows[i] == batch.rows[indices[i]]);
    RC_ASSERT(back.key_hashes[i] == batch.key_hashes[indices[i]]);
  }
}

TEST(RowCodecForTest, NamesTheMalformedRow) {
  const std::shared_ptr<const RowCodec> codec = RowCodecFor<Fixed>();
  Batch<Fixed> back;
  std::string payload(27, '\0');
  payload[17] = 2;  // The bool of row 1.
  const auto message = [&](std::string_view bytes, size_t count, uint8_t flags) {
    back.Clear();
    const absl::Status status = codec->DecodeRows(bytes, count, flags, back);
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
    return std::string(status.message());
  };
  EXPECT_EQ(message(payload, 3, 0), "row 1 of 3 is malformed at payload byte 9 of 27");
  EXPECT_EQ(message(payload, 2, 0), "2 rows do not fill 27 payload bytes");
  EXPECT_EQ(message(payload, ~size_t{0}, 0),
            "18446744073709551615 rows do not fill 27 payload bytes");
  EXPECT_EQ(message(payload, 3, 8), "unknown row flags 0x08");
  const std::shared_ptr<const RowCodec> strings = RowCodecFor<std::string>();
  Batch<std::string> texts;
  EXPECT_EQ(strings->DecodeRows(std::string_view("\1\0\0\0ab", 6), 1, 0, texts).message(),
            "1 bytes follow the last row of a payload of 6");
}

TEST(RowCodecForTest, RowsWithAndWithoutTimesDoNotMix) {
  Batch<Fixed> batch = MakeBatch(std::vector<Fixed>(1), kRowsHaveTimes);
  EXPECT_EQ(RowCodecFor<Fixed>()->DecodeRows(std::string(9, '\0'), 1, 0, batch).code(),
            absl::StatusCode::kFailedPrecondition);
}

WEIR_PROPERTY(RowCodecForTest, AnyBytesAreRowsOrDataLoss, const std::string& payload) {
  const auto count = *rc::gen::inRange<size_t>(0, 8);
  const auto flags = *rc::gen::inRange<uint8_t>(0, 4);
  Batch<RichRow> rich;
  Batch<Fixed> fixed;
  const absl::Status a = RowCodecFor<RichRow>()->DecodeRows(payload, count, flags, rich);
  const absl::Status b = RowCodecFor<Fixed>()->DecodeRows(payload, count, flags, fixed);
  RC_ASSERT(a.ok() || absl::IsDataLoss(a));
  RC_ASSERT(b.ok() || absl::IsDataLoss(b));
}

TEST(RowCodecForTest, DescribesRowsWithinABound) {
  const Batch<RichRow> batch = MakeBatch(std::vector<RichRow>{FullRichRow()}, 0);
  const std::shared_ptr<const RowCodec> codec = RowCodecFor<RichRow>();
  EXPECT_EQ(codec->DescribeRow(batch, 0, 20), "{flag=true, i8=-1...");
  EXPECT_EQ(codec->DescribeRow(batch, 0, 2), "..");
  EXPECT_EQ(codec->DescribeRow(batch, 0, 10'000), ToText(FullRichRow()));
}

}  // namespace
}  // namespace weir
