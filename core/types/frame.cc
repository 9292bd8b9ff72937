#include "core/types/frame.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/base/byte_codec.h"
#include "core/base/check.h"
#include "core/base/hash.h"
#include "core/types/row_codec.h"

namespace weir {
namespace {

constexpr uint16_t kFrameMagic = 0x4657;  // "WF"
constexpr size_t kWatermarkPayloadBytes = 9;
constexpr size_t kBarrierPayloadBytes = 9;
constexpr size_t kControlPayloadBytesMax = 9;

// Where the fields of the header are.
constexpr size_t kMagicAt = 0;
constexpr size_t kVersionAt = 2;
constexpr size_t kKindAt = 3;
constexpr size_t kFlagsAt = 4;
constexpr size_t kReservedAt = 5;  // 3 bytes.
constexpr size_t kChannelAt = 8;
constexpr size_t kAttemptAt = 12;
constexpr size_t kSequenceAt = 16;
constexpr size_t kRowCountAt = 24;
constexpr size_t kPayloadBytesAt = 28;
constexpr size_t kChecksumAt = 32;
static_assert(kChecksumAt + sizeof(uint64_t) == kFrameHeaderBytes);

// Over the header before the checksum, and the payload: the hash of the first seeds that of the second.
uint64_t FrameChecksum(const char* header, const BytePieces& payload) {
  const uint64_t seed = StableHash64(std::string_view(header, kChecksumAt));
  if (payload.in_one_piece()) return StableHash64WithSeed(payload.first(), seed);
  StableHash64Stream hash(seed);
  payload.ForEach([&hash](std::string_view piece) { hash.Update(piece); });
  return hash.Digest();
}

// In one piece; zeros behind it.
using ControlPayload = std::array<char, kControlPayloadBytesMax>;
ControlPayload ControlPayloadOf(const BytePieces& payload) {
  ControlPayload whole = {};
  payload.Prefix(std::min(payload.size(), whole.size())).CopyTo(whole.data());
  return whole;
}

template <class... Args>
absl::Status Damaged(const absl::FormatSpec<Args...>& format, const Args&... args) {
  return absl::DataLossError(absl::StrCat("frame: ", absl::StrFormat(format, args...)));
}

// The rules that tie kind, flags, row count and payload together; "" if they are kept.
std::string KindViolation(const FrameHeader& header, const BytePieces& payload) {
  if (header.kind == FrameKind::kRows) {
    if ((header.flags & ~(kRowsHaveTimes | kRowsHaveHashes)) != 0) return "unknown flags";
    if (header.row_count == 0) return "no rows";
    if (header.row_count > payload.size()) return "fewer bytes than rows";
    return "";
  }
  if (header.flags != 0) return "flags on control";
  if (header.row_count != 0) return "rows in control";
  const ControlPayload control = ControlPayloadOf(payload);
  switch (header.kind) {
    case FrameKind::kWatermark:
      if (payload.size() != kWatermarkPayloadBytes) return "a watermark has 9 bytes";
      if (static_cast<unsigned char>(control[8]) > 1) return "idle is neither 0 nor 1";
      return "";
    case FrameKind::kBarrier:
      if (payload.size() != kBarrierPayloadBytes) return "a barrier has 9 bytes";
      if (control[8] != static_cast<char>(BarrierKind::kAligned) &&
          control[8] != static_cast<char>(BarrierKind::kAtLeastOnce)) {
        return "unknown kind of barrier";
      }
      return "";
    case FrameKind::kEndOfData:
    case FrameKind::kCancel:
      return payload.empty() ? "" : "a payload where none belongs";
    default:
      return "unknown kind";
  }
}

FrameHeader ReadHeader(const char* from) {
  FrameHeader header;
  header.kind = static_cast<FrameKind>(LoadLittle<uint8_t>(from + kKindAt));
  header.flags = LoadLittle<uint8_t>(from + kFlagsAt);
  header.channel = ChannelId(LoadLittle<uint32_t>(from + kChannelAt));
  header.attempt = AttemptNumber(LoadLittle<uint32_t>(from + kAttemptAt));
  header.sequence = LoadLittle<uint64_t>(from + kSequenceAt);
  header.row_count = LoadLittle<uint32_t>(from + kRowCountAt);
  return header;
}

// Fills the first kFrameHeaderBytes of `frame`, whose payload is already there.
void WriteHeader(const FrameHeader& header, std::string& frame) {
  char* to = frame.data();
  StoreLittle(kFrameMagic, to + kMagicAt);
  StoreLittle(kFrameVersion, to + kVersionAt);
  StoreLittle(static_cast<uint8_t>(header.kind), to + kKindAt);
  StoreLittle(header.flags, to + kFlagsAt);
  for (size_t i = kReservedAt; i < kChannelAt; ++i) to[i] = 0;
  StoreLittle(header.channel.value(), to + kChannelAt);
  StoreLittle(header.attempt.value(), to + kAttemptAt);
  StoreLittle(header.sequence, to + kSequenceAt);
  StoreLittle(header.row_count, to + kRowCountAt);
  StoreLittle(static_cast<uint32_t>(frame.size() - kFrameHeaderBytes), to + kPayloadBytesAt);
  const std::string_view payload = std::string_view(frame).substr(kFrameHeaderBytes);
  StoreLittle(FrameChecksum(to, payload), to + kChecksumAt);
}

std::string EncodeControl(FrameHeader header, FrameKind kind, std::string_view payload) {
  header.kind = kind;
  header.flags = 0;
  header.row_count = 0;
  absl::StatusOr<std::string> frame = EncodeFrame(header, payload);
  WEIR_CHECK_OK(frame);
  return *std::move(frame);
}

}  // namespace

std::string FrameKindName(FrameKind kind) {
  switch (kind) {
    case FrameKind::kRows:
      return "rows";
    case FrameKind::kWatermark:
      return "watermark";
    case FrameKind::kEndOfData:
      return "end of data";
    case FrameKind::kCancel:
      return "cancel";
    case FrameKind::kBarrier:
      return "barrier";
  }
  return absl::StrCat("kind ", static_cast<int>(kind));
}

std::string FrameHeader::ToString() const {
  std::string text = absl::StrCat(FrameKindName(kind), " frame ", sequence, " of ",
                                  channel.ToString(), " ", attempt.ToString());
  if (kind == FrameKind::kRows) absl::StrAppend(&text, " (", row_count, " rows)");
  return text;
}

void FrameBuilder::Reset(std::string recycled) {
  bytes_ = std::move(recycled);
  bytes_.assign(kFrameHeaderBytes, '\0');
}

absl::StatusOr<std::string> FrameBuilder::Seal(const FrameHeader& header) {
  const size_t size = payload_bytes();
  std::string frame = std::exchange(bytes_, std::string(kFrameHeaderBytes, '\0'));
  if (size > kFramePayloadBytesMax) {
    return absl::ResourceExhaustedError(
        absl::StrFormat("%s has %d payload bytes, more than the %d that a frame can hold; records "
                        "may have up to %d bytes",
                        header.ToString(), size, kFramePayloadBytesMax, kRecordBytesMax));
  }
  const std::string violation =
      KindViolation(header, std::string_view(frame).substr(kFrameHeaderBytes));
  WEIR_CHECK(violation.empty()) << header << ": " << violation;
  WriteHeader(header, frame);
  return frame;
}

absl::StatusOr<std::string> EncodeFrame(const FrameHeader& header, std::string_view payload) {
  FrameBuilder builder;
  builder.out().append(payload);
  return builder.Seal(header);
}

std::string EncodeWatermarkFrame(FrameHeader header, Watermark watermark) {
  std::string payload;
  ByteWriter writer(payload);
  writer.PutI64(watermark.time.micros());
  writer.PutBool(watermark.idle);
  return EncodeControl(header, FrameKind::kWatermark, payload);
}

std::string EncodeBarrierFrame(FrameHeader header, CheckpointBarrier barrier) {
  std::string payload;
  ByteWriter writer(payload);
  writer.PutU64(barrier.checkpoint.value());
  writer.PutU8(static_cast<uint8_t>(barrier.kind));
  return EncodeControl(header, FrameKind::kBarrier, payload);
}

std::string EncodeEndOfDataFrame(FrameHeader header) {
  return EncodeControl(header, FrameKind::kEndOfData, "");
}

std::string EncodeCancelFrame(FrameHeader header) {
  return EncodeControl(header, FrameKind::kCancel, "");
}

absl::StatusOr<FrameView> ParseFrame(BytePieces bytes) {
  if (bytes.size() < kFrameHeaderBytes) {
    return Damaged("%d bytes are less than a header of %d", bytes.size(), kFrameHeaderBytes);
  }
  char head[kFrameHeaderBytes];
  bytes.Prefix(kFrameHeaderBytes).CopyTo(head);
  bytes.RemovePrefix(kFrameHeaderBytes);
  const auto magic = LoadLittle<uint16_t>(head + kMagicAt);
  if (magic != kFrameMagic)
    return Damaged("magic 0x%04x instead of 0x%04x at byte 0", magic, kFrameMagic);
  const auto version = LoadLittle<uint8_t>(head + kVersionAt);
  if (version != kFrameVersion) {
    return absl::UnimplementedError(
        absl::StrFormat("frame: version %d; this build reads version %d", version, kFrameVersion));
  }
  const auto payload_bytes = LoadLittle<uint32_t>(head + kPayloadBytesAt);
  if (payload_bytes > kFramePayloadBytesMax) {
    return Damaged("payload of %d bytes; at most %d are allowed", payload_bytes,
                   kFramePayloadBytesMax);
  }
  if (payload_bytes != bytes.size()) {
    return Damaged("payload of %d bytes announced, %d there", payload_bytes, bytes.size());
  }
  FrameView frame = {ReadHeader(head), bytes};
  const auto checksum = LoadLittle<uint64_t>(head + kChecksumAt);
  if (const uint64_t actual = FrameChecksum(head, bytes); checksum != actual) {
    return Damaged("checksum %016x, but its bytes have %016x (it says it is %s)", checksum, actual,
                   frame.header.ToString());
  }
  for (size_t i = kReservedAt; i < kChannelAt; ++i) {
    if (head[i] != 0) return Damaged("byte %d is reserved and not 0", i);
  }
  if (std::string violation = KindViolation(frame.header, frame.payload); !violation.empty()) {
    return Damaged("%s: %s", frame.header.ToString(), violation);
  }
  return frame;
}

Watermark WatermarkOf(const FrameView& frame) {
  WEIR_CHECK(frame.header.kind == FrameKind::kWatermark) << frame.header;
  WEIR_CHECK_EQ(frame.payload.size(), kWatermarkPayloadBytes);
  const ControlPayload payload = ControlPayloadOf(frame.payload);
  return {EventTime::FromMicros(LoadLittle<int64_t>(payload.data())), payload[8] != 0};
}

CheckpointBarrier BarrierOf(const FrameView& frame) {
  WEIR_CHECK(frame.header.kind == FrameKind::kBarrier) << frame.header;
  WEIR_CHECK_EQ(frame.payload.size(), kBarrierPayloadBytes);
  const ControlPayload payload = ControlPayloadOf(frame.payload);
  return {CheckpointId(LoadLittle<uint64_t>(payload.data())), static_cast<BarrierKind>(payload[8])};
}

}  // namespace weir
