#include "core/types/row_codec_for.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/byte_pieces.h"
#include "core/testing/cut_bytes.h"
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

// What decoding `payload` behind `rows_before` rows gives: the bytes of all rows, or the error.
template <class T>
absl::StatusOr<std::string> Decoded(BytePieces payload, size_t count, uint8_t flags,
                                    size_t rows_before) {
  Batch<T> batch = MakeBatch(std::vector<T>(rows_before), flags);
  const std::shared_ptr<const RowCodec> codec = RowCodecFor<T>();
  if (absl::Status status = codec->DecodeRows(payload, count, flags, batch); !status.ok()) {
    return status;
  }
  EXPECT_EQ(batch.event_times.size(), flags & kRowsHaveTimes ? batch.rows.size() : 0);
  EXPECT_EQ(batch.key_hashes.size(), flags & kRowsHaveHashes ? batch.rows.size() : 0);
  std::string bytes;
  if (batch.size() > 0) codec->AppendRowRange(batch, 0, batch.size(), ~size_t{0}, bytes);
  return bytes;
}

template <class T>
void ExpectSameHoweverCut(const std::string& payload, size_t count, uint8_t flags) {
  const absl::StatusOr<std::string> whole = Decoded<T>(payload, count, flags, 1);
  for (size_t first = 0; first <= payload.size(); ++first) {
    for (size_t second = first; second <= payload.size(); second += 1 + second % 5) {
      const CutBytes cut(payload, {first, second});
      ASSERT_EQ(Decoded<T>(cut.pieces(), count, flags, 1), whole) << first << " " << second;
    }
  }
  for (const size_t piece : {1, 2, 3, 7, 20}) {
    const CutBytes cut = CutBytes::Evenly(payload, piece);
    ASSERT_EQ(Decoded<T>(cut.pieces(), count, flags, 1), whole) << "pieces of " << piece;
  }
}

template <class T>
void ExpectSameHoweverCut(const std::vector<T>& rows) {
  for (uint8_t flags = 0; flags < 4; ++flags) {
    const Batch<T> batch = MakeBatch(rows, flags);
    std::string payload;
    RowCodecFor<T>()->AppendRowRange(batch, 0, rows.size(), ~size_t{0}, payload);
    ExpectSameHoweverCut<T>(payload, rows.size(), flags);
    ExpectSameHoweverCut<T>(payload, rows.size() - 1, flags);
    ExpectSameHoweverCut<T>(payload, rows.size() + 1, flags);
    std::string damaged = payload;
    damaged[payload.size() / 2] = '\x7f';
    ExpectSameHoweverCut<T>(damaged, rows.size(), flags);
    ExpectSameHoweverCut<T>(payload.substr(0, payload.size() - 1), rows.size(), flags);
  }
}

TEST(RowCodecForTest, WhereAPayloadIsCutDoesNotShow) {
  ExpectSameHoweverCut(
      std::vector<Fixed>{{1, true}, {2, false}, {-3, true}, {4, true}, {5, false}});
  ExpectSameHoweverCut(std::vector<bool>{true, false, true, true});
  ExpectSameHoweverCut(std::vector<std::string>{"a", "", std::string(40, 'b'), "cc"});
  ExpectSameHoweverCut(std::vector<RichRow>{FullRichRow(), RichRow()});
}

WEIR_PROPERTY(RowCodecForTest, AnyRowsReadBackFromAnyPieces, std::vector<size_t> borders) {
  std::vector<RichRow> rows(*rc::gen::inRange<size_t>(1, 6));
  for (RichRow& row : rows) row = DrawField<RichRow>();
  const auto flags = *rc::gen::inRange<uint8_t>(0, 4);
  std::string payload;
  RowCodecFor<RichRow>()->AppendRowRange(MakeBatch(rows, flags), 0, rows.size(), ~size_t{0},
                                         payload);
  if (*rc::gen::arbitrary<bool>()) {
    payload[*rc::gen::inRange<size_t>(0, payload.size())] = *rc::gen::arbitrary<char>();
  }
  for (size_t& border : borders) border %= payload.size() + 1;
  const CutBytes cut(payload, borders);
  RC_ASSERT(Decoded<RichRow>(cut.pieces(), rows.size(), flags, 2) ==
            Decoded<RichRow>(payload, rows.size(), flags, 2));
}

WEIR_PROPERTY(RowCodecForTest, AnyBytesAreTheSameInAnyPieces, const std::string& payload,
              std::vector<size_t> borders) {
  const auto count = *rc::gen::inRange<size_t>(0, 8);
  const auto flags = *rc::gen::inRange<uint8_t>(0, 4);
  for (size_t& border : borders) border %= payload.size() + 1;
  const CutBytes cut(payload, borders);
  RC_ASSERT(Decoded<RichRow>(cut.pieces(), count, flags, 0) ==
            Decoded<RichRow>(payload, count, flags, 0));
  RC_ASSERT(Decoded<Fixed>(cut.pieces(), count, flags, 0) ==
            Decoded<Fixed>(payload, count, flags, 0));
  RC_ASSERT(Decoded<std::string>(cut.pieces(), count, flags, 0) ==
            Decoded<std::string>(payload, count, flags, 0));
}

// Whether it is sound or not: with attempts that grow by a piece each, this would take minutes.
TEST(RowCodecForTest, ALongRowInManyPiecesCostsInProportionToItself) {
  constexpr size_t kRowBytes = 32 << 20;
  const std::vector<std::string> words(kRowBytes / 16, std::string(12, 'w'));
  const Batch<std::vector<std::string>> batch = MakeBatch<std::vector<std::string>>({words}, 0);
  std::string payload;
  RowCodecFor<std::vector<std::string>>()->AppendRowRange(batch, 0, 1, 1, payload);
  const CutBytes cut = CutBytes::Evenly(payload, 4 << 10);
  Batch<std::vector<std::string>> back;
  ASSERT_TRUE(RowCodecFor<std::vector<std::string>>()->DecodeRows(cut.pieces(), 1, 0, back).ok());
  EXPECT_TRUE(back.rows == batch.rows);
  payload[payload.size() - 13] = '\x7f';  // The last length.
  const CutBytes damaged = CutBytes::Evenly(payload, 4 << 10);
  back.Clear();
  EXPECT_EQ(
      RowCodecFor<std::vector<std::string>>()->DecodeRows(damaged.pieces(), 1, 0, back).message(),
      "row 0 of 1 is malformed at payload byte 33554424 of 33554436");
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
