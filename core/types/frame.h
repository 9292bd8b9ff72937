// Frames: what travels on a channel between subtasks, in process and on the wire: a header of 40 bytes and a payload of whole
// rows, or control. A frame decodes alone. docs/formats/frame.md has the layout. Pure; not thread-safe.
//
// The header names channel, attempt and a sequence number that counts the frames of the channel from 0; the receiver treats a
// gap or repeat as DataLoss. Row frames are closed when their payload reaches frame_bytes_max, which is soft: the last row goes
// in whole. No frame's payload is longer than kFramePayloadBytesMax.
#ifndef WEIR_CORE_TYPES_FRAME_H_
#define WEIR_CORE_TYPES_FRAME_H_

#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/base/byte_pieces.h"
#include "core/base/ids.h"
#include "core/types/stream_element.h"

namespace weir {

inline constexpr uint8_t kFrameVersion = 1;
inline constexpr size_t kFrameHeaderBytes = 40;
// Payload at which a row frame is full.
inline constexpr size_t kFrameBytesMaxDefault = 32 * 1024;
// Largest encoded row, unless a TaskManager is told another bound.
inline constexpr size_t kRecordBytesMaxDefault = 64 * 1024 * 1024;
// Largest bound that it can be told.
inline constexpr size_t kRecordBytesMax = 256 * 1024 * 1024;
// Largest payload: a record that began in a frame that was nearly full.
inline constexpr size_t kFramePayloadBytesMax = kRecordBytesMax + 1024 * 1024;

// Number 5 (tick) is taken.
enum class FrameKind : uint8_t {
  kRows = 1,       // row_count > 0 rows, as RowCodec writes them; flags are those of RowFlags().
  kWatermark = 2,  // Payload: i64 time in microseconds, u8 idle.
  kEndOfData = 3,  // No payload.
  kCancel = 4,     // No payload. Says that the sender gave the attempt up.
  kBarrier = 6,    // Payload: u64 checkpoint, u8 BarrierKind.
};

// "rows", "watermark", ...; "kind 9" for others.
std::string FrameKindName(FrameKind kind);

struct FrameHeader {
  FrameKind kind = FrameKind::kRows;
  uint8_t flags = 0;
  ChannelId channel;
  AttemptNumber attempt;
  uint64_t sequence = 0;
  uint32_t row_count = 0;

  // "rows frame 7 of channel-3 attempt-1 (64 rows)"
  std::string ToString() const;
  friend bool operator==(const FrameHeader&, const FrameHeader&) = default;
  friend std::ostream& operator<<(std::ostream& out, const FrameHeader& header) {
    return out << header.ToString();
  }
};

struct FrameView {
  FrameHeader header;
  BytePieces payload;  // Into the bytes that were parsed.
};

// Collects a payload with room for the header in front, so that sealing copies nothing.
//
//   FrameBuilder builder;
//   rows += codec.AppendRowRange(batch, begin, end, builder.out_bytes_max(frame_bytes_max), builder.out());
//   WEIR_ASSIGN_OR_RETURN(std::string frame, builder.Seal(header));
class FrameBuilder {
 public:
  FrameBuilder() { Reset({}); }

  // Append the payload here, and only append.
  std::string& out() { return bytes_; }
  // What to tell RowCodec, so that the payload ends at `payload_bytes_max`.
  static size_t out_bytes_max(size_t payload_bytes_max) {
    return kFrameHeaderBytes + payload_bytes_max;
  }
  size_t payload_bytes() const { return bytes_.size() - kFrameHeaderBytes; }
  bool empty() const { return payload_bytes() == 0; }

  // Drops the payload and goes on in the memory of `recycled`.
  void Reset(std::string recycled);

  // The finished frame; the builder is then empty. ResourceExhausted if the payload is longer than kFramePayloadBytesMax;
  // it is dropped then.
  absl::StatusOr<std::string> Seal(const FrameHeader& header);

 private:
  std::string bytes_;
};

// A frame in one go, copying the payload: for control and tests. Fails as Seal does.
absl::StatusOr<std::string> EncodeFrame(const FrameHeader& header, std::string_view payload);

// Header fields other than kind, flags and row_count are taken from `header`.
std::string EncodeWatermarkFrame(FrameHeader header, Watermark watermark);
std::string EncodeBarrierFrame(FrameHeader header, CheckpointBarrier barrier);
std::string EncodeEndOfDataFrame(FrameHeader header);
std::string EncodeCancelFrame(FrameHeader header);

// Checks everything but the rows themselves: sizes, magic, version, checksum, kind and what goes with it. DataLoss that says
// what is wrong and at which byte; Unimplemented for another version.
absl::StatusOr<FrameView> ParseFrame(BytePieces bytes);

// Of a frame of kWatermark, which ParseFrame has checked.
Watermark WatermarkOf(const FrameView& frame);
// Of a frame of kBarrier, which ParseFrame has checked.
CheckpointBarrier BarrierOf(const FrameView& frame);

}  // namespace weir

#endif  // WEIR_CORE_TYPES_FRAME_H_
