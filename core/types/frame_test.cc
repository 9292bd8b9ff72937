#include "core/types/frame.h"

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/byte_codec.h"
#include "core/base/hash.h"
#include "core/testing/cut_bytes.h"
#include "core/testing/property.h"
#include "core/types/row_codec.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

FrameHeader Rows(uint32_t row_count) {
  return {FrameKind::kRows, kRowsHaveTimes, ChannelId(3), AttemptNumber(1), 7, row_count};
}

// With the checksum made right again.
std::string Resealed(std::string frame) {
  const std::string_view view = frame;
  StoreLittle(StableHash64WithSeed(view.substr(40), StableHash64(view.substr(0, 32))),
              frame.data() + 32);
  return frame;
}

TEST(FrameTest, SealedFramesReadBack) {
  FrameBuilder builder;
  EXPECT_TRUE(builder.empty());
  builder.out() += "payload";
  EXPECT_EQ(builder.payload_bytes(), 7u);
  const std::string frame = builder.Seal(Rows(2)).value();
  EXPECT_TRUE(builder.empty());
  const FrameView view = ParseFrame(frame).value();
  EXPECT_EQ(view.header, Rows(2));
  EXPECT_EQ(view.payload.ToString(), "payload");
  EXPECT_EQ(view.header.ToString(), "rows frame 7 of channel-3 attempt-1 (2 rows)");
}

TEST(FrameTest, SealingCopiesNoPayload) {
  FrameBuilder builder;
  builder.out().append(1000, 'x');
  const char* where = builder.out().data();
  const std::string frame = builder.Seal(Rows(1)).value();
  EXPECT_EQ(static_cast<const void*>(frame.data()), where);
}

TEST(FrameTest, ControlReadsBack) {
  const Watermark watermark = {EventTime::FromMicros(-5), true};
  const std::string bytes = EncodeWatermarkFrame(Rows(2), watermark);
  const FrameView view = ParseFrame(bytes).value();
  EXPECT_EQ(view.header.kind, FrameKind::kWatermark);
  EXPECT_EQ(view.header.row_count, 0u);
  EXPECT_EQ(view.header.sequence, 7u);
  EXPECT_EQ(WatermarkOf(view), watermark);
  EXPECT_EQ(ParseFrame(EncodeEndOfDataFrame(Rows(0)))->header.ToString(),
            "end of data frame 7 of channel-3 attempt-1");
  EXPECT_EQ(ParseFrame(EncodeCancelFrame(Rows(0)))->header.kind, FrameKind::kCancel);
}

TEST(FrameTest, BarriersTravel) {
  const CheckpointBarrier barrier = {CheckpointId(77), BarrierKind::kAtLeastOnce};
  std::string bytes = EncodeBarrierFrame(Rows(0), barrier);
  const FrameView view = *ParseFrame(bytes);
  EXPECT_EQ(view.header.kind, FrameKind::kBarrier);
  EXPECT_EQ(BarrierOf(view), barrier);
}

TEST(FrameTest, EveryFlippedBitIsFound) {
  const std::string frame = EncodeFrame(Rows(2), "some payload").value();
  for (size_t bit = 0; bit < frame.size() * 8; ++bit) {
    std::string damaged = frame;
    damaged[bit / 8] ^= static_cast<char>(1 << (bit % 8));
    const absl::Status status = ParseFrame(damaged).status();
    // The version stands where it will always stand, and is read first.
    EXPECT_EQ(status.code(),
              bit / 8 == 2 ? absl::StatusCode::kUnimplemented : absl::StatusCode::kDataLoss)
        << bit << status;
  }
  for (size_t size = 0; size < frame.size(); ++size) {
    EXPECT_EQ(ParseFrame(frame.substr(0, size)).status().code(), absl::StatusCode::kDataLoss);
  }
  EXPECT_EQ(ParseFrame(frame + "x").status().message(),
            "frame: payload of 12 bytes announced, 13 there");
}

TEST(FrameTest, KindAndContentsBelongTogether) {
  const std::string rows = EncodeFrame(Rows(2), "some payload").value();
  const auto message = [](std::string frame, size_t at, char value) {
    frame[at] = value;
    const absl::Status status = ParseFrame(Resealed(frame)).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
    return std::string(status.message());
  };
  EXPECT_EQ(message(rows, 4, 4),
            "frame: rows frame 7 of channel-3 attempt-1 (2 rows): unknown flags");
  EXPECT_EQ(message(rows, 6, 1), "frame: byte 6 is reserved and not 0");
  EXPECT_EQ(message(rows, 24, 0), "frame: rows frame 7 of channel-3 attempt-1 (0 rows): no rows");
  EXPECT_EQ(message(rows, 24, 13),
            "frame: rows frame 7 of channel-3 attempt-1 (13 rows): fewer bytes than rows");
  const std::string watermark = EncodeWatermarkFrame(Rows(0), {EventTime::Min(), false});
  EXPECT_EQ(message(watermark, 3, 5), "frame: kind 5 frame 7 of channel-3 attempt-1: unknown kind");
  EXPECT_EQ(message(watermark, 4, 1),
            "frame: watermark frame 7 of channel-3 attempt-1: flags on control");
  EXPECT_EQ(message(watermark, 24, 1),
            "frame: watermark frame 7 of channel-3 attempt-1: rows in control");
  EXPECT_EQ(message(watermark, 48, 2),
            "frame: watermark frame 7 of channel-3 attempt-1: idle is neither 0 nor 1");
  EXPECT_EQ(message(watermark, 3, 3),
            "frame: end of data frame 7 of channel-3 attempt-1: a payload where none belongs");
}

TEST(FrameTest, PayloadsHaveAHardCap) {
  FrameBuilder builder;
  builder.out().resize(kFrameHeaderBytes + kFramePayloadBytesMax + 1);
  EXPECT_EQ(builder.Seal(Rows(1)).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(builder.empty());
  std::string frame = EncodeFrame(Rows(1), "x").value();
  StoreLittle(static_cast<uint32_t>(kFramePayloadBytesMax + 1), frame.data() + 28);
  EXPECT_EQ(ParseFrame(frame).status().message(),
            "frame: payload of 269484033 bytes; at most 269484032 are allowed");
}

WEIR_PROPERTY(FrameTest, AnyPayloadReadsBack, std::string payload, uint32_t channel,
              uint64_t sequence) {
  payload += "x";
  FrameHeader header = Rows(1);
  header.channel = ChannelId(channel);
  header.sequence = sequence;
  const std::string frame = EncodeFrame(header, payload).value();
  const FrameView view = ParseFrame(frame).value();
  RC_ASSERT(view.header == header);
  RC_ASSERT(view.payload.ToString() == payload);
}

// The same header, payload and control, or the same error.
void ExpectSame(const absl::StatusOr<FrameView>& cut, const absl::StatusOr<FrameView>& whole) {
  ASSERT_EQ(cut.status(), whole.status());
  if (!whole.ok()) return;
  EXPECT_EQ(cut->header, whole->header);
  EXPECT_EQ(cut->payload.ToString(), whole->payload.ToString());
  if (whole->header.kind == FrameKind::kWatermark) {
    EXPECT_EQ(WatermarkOf(*cut), WatermarkOf(*whole));
  }
  if (whole->header.kind == FrameKind::kBarrier) {
    EXPECT_EQ(BarrierOf(*cut), BarrierOf(*whole));
  }
}

void ExpectSameHoweverCut(const std::string& frame) {
  const absl::StatusOr<FrameView> whole = ParseFrame(frame);
  for (size_t first = 0; first <= frame.size(); ++first) {
    for (size_t second = first; second <= frame.size(); second += 3) {
      const CutBytes cut(frame, {first, second});
      ExpectSame(ParseFrame(cut.pieces()), whole);
    }
  }
  const CutBytes each = CutBytes::Evenly(frame, 1);
  ExpectSame(ParseFrame(each.pieces()), whole);
}

TEST(FrameTest, WhereAFrameIsCutDoesNotShow) {
  const Watermark watermark = {EventTime::FromMicros(0x0102030405060708), true};
  const CheckpointBarrier barrier = {CheckpointId(0x1112131415161718), BarrierKind::kAtLeastOnce};
  std::string damaged = EncodeFrame(Rows(2), "some payload").value();
  damaged[45] ^= 1;
  for (const std::string& frame :
       {EncodeFrame(Rows(2), "some payload").value(), EncodeWatermarkFrame(Rows(0), watermark),
        EncodeBarrierFrame(Rows(0), barrier), EncodeEndOfDataFrame(Rows(0)), damaged,
        damaged.substr(0, 50), damaged.substr(0, 20), std::string()}) {
    ExpectSameHoweverCut(frame);
  }
}

TEST(FrameTest, AFrameOfManyPiecesHasTheChecksumOfItsBytes) {
  std::string payload;
  for (size_t i = 0; i < kFrameBytesMaxDefault; ++i) payload.push_back(static_cast<char>(i * 31));
  const std::string frame = EncodeFrame(Rows(2), payload).value();
  for (const size_t piece : {1, 39, 41, 255, 257, 8192, 16384, 40000}) {
    const CutBytes cut = CutBytes::Evenly(frame, piece);
    ExpectSame(ParseFrame(cut.pieces()), ParseFrame(frame));
    std::string damaged = frame;
    damaged.back() ^= 1;
    const CutBytes wrong = CutBytes::Evenly(damaged, piece);
    ExpectSame(ParseFrame(wrong.pieces()), ParseFrame(damaged));
  }
}

}  // namespace
}  // namespace weir
