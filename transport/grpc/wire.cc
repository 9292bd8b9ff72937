#include "transport/grpc/wire.h"

#include <limits>
#include <utility>

#include "absl/strings/str_format.h"
#include "core/base/byte_codec.h"
#include "core/base/check.h"
#include "core/base/status_macros.h"
#include "core/base/string_view.h"

namespace weir::remote {
namespace {

constexpr std::string_view kMagic = "WNET";

absl::Status Damaged(std::string_view what) { return absl::DataLossError(ToAbsl(what)); }

void PutOpening(ByteWriter& writer) {
  writer.PutRaw(kMagic);
  writer.PutU16(kWireProtocolMin);
  writer.PutU16(kWireProtocolMax);
}

// Magic and range of versions, which every message starts with that may be the first from a peer.
absl::Status TakeOpening(ByteReader& reader) {
  std::string_view magic;
  if (!reader.GetRaw(kMagic.size(), magic) || magic != kMagic) {
    return Damaged("the message does not start with its magic: the other side is no Weir process");
  }
  uint16_t low, high;
  if (!reader.GetU16(low) || !reader.GetU16(high)) {
    return Damaged("the message ends inside its protocol range");
  }
  if (low > high) return Damaged("the protocol range of the message is empty");
  if (low > kWireProtocolMax || high < kWireProtocolMin) {
    return absl::FailedPreconditionError(
        absl::StrFormat("the other process speaks protocol %d to %d, this one %d to %d: run the "
                        "same release on both",
                        low, high, kWireProtocolMin, kWireProtocolMax));
  }
  return absl::OkStatus();
}

bool IsErrorCode(uint32_t code) {
  return code >= static_cast<uint32_t>(absl::StatusCode::kCancelled) &&
         code <= static_cast<uint32_t>(absl::StatusCode::kUnauthenticated);
}

}  // namespace

std::string EncodeRequestHead(std::string_view method) {
  WEIR_CHECK_LE(method.size(), kMethodNameBytesMax);
  std::string out;
  ByteWriter writer(out);
  PutOpening(writer);
  writer.PutString(method);
  return out;
}

std::string EncodeHelloHead() {
  std::string out;
  ByteWriter writer(out);
  PutOpening(writer);
  return out;
}

absl::StatusOr<Request> ParseRequest(std::string message) {
  ByteReader reader(message);
  WEIR_RETURN_IF_ERROR(TakeOpening(reader));
  Request request;
  std::string_view method;
  if (!reader.GetString(method)) return Damaged("the request ends inside its method name");
  if (method.size() > kMethodNameBytesMax) return Damaged("the method name is too long");
  request.method = method;
  message.erase(0, reader.position());
  request.body = std::move(message);
  return request;
}

absl::StatusOr<std::string> ParseHelloMessage(std::string message) {
  ByteReader reader(message);
  WEIR_RETURN_IF_ERROR(TakeOpening(reader));
  message.erase(0, reader.position());
  return message;
}

std::string EncodeResponseHead(absl::StatusCode code) {
  std::string out;
  ByteWriter writer(out);
  PutOpening(writer);
  writer.PutU32(static_cast<uint32_t>(code));
  return out;
}

absl::StatusOr<Response> ParseResponse(std::string message) {
  ByteReader reader(message);
  WEIR_RETURN_IF_ERROR(TakeOpening(reader));
  uint32_t code;
  if (!reader.GetU32(code)) return Damaged("the response ends inside its status code");
  message.erase(0, reader.position());
  if (code == static_cast<uint32_t>(absl::StatusCode::kOk)) return Response{std::move(message)};
  if (!IsErrorCode(code)) {
    return Damaged(absl::StrFormat("the response has status code %d, which nobody knows", code));
  }
  return Response{absl::Status(static_cast<absl::StatusCode>(code), message)};
}

absl::StatusOr<SenderRecord> TakeSenderRecordKind(BytePieces& record) {
  if (record.empty()) return Damaged("an empty record");
  BytePieces last = record;
  last.RemovePrefix(record.size() - 1);
  record.RemoveSuffix(1);
  const auto kind = static_cast<SenderRecord>(static_cast<uint8_t>(last.first()[0]));
  switch (kind) {
    case SenderRecord::kFinish:
      if (!record.empty()) return Damaged("a record that ends the stream and holds bytes");
      return kind;
    case SenderRecord::kFifoFrames:
      if (record.empty()) return Damaged("a record of several frames that holds none");
      return kind;
    case SenderRecord::kFifoFrame:
    case SenderRecord::kUrgentFrame:
      return kind;
  }
  return Damaged(absl::StrFormat("a record of unknown kind %d", static_cast<int>(kind)));
}

void AppendFrame(const BytePieces& frame, std::string& frames) {
  WEIR_CHECK_LE(frame.size(), std::numeric_limits<uint32_t>::max());
  ByteWriter(frames).PutU32(static_cast<uint32_t>(frame.size()));
  frame.AppendTo(frames);
}

absl::StatusOr<BytePieces> TakeFrame(BytePieces& frames) {
  constexpr std::string_view kCutShort = "a record of several frames ends inside one";
  char length[sizeof(uint32_t)];
  if (frames.size() < sizeof(length)) return Damaged(kCutShort);
  frames.Prefix(sizeof(length)).CopyTo(length);
  frames.RemovePrefix(sizeof(length));
  const auto size = LoadLittle<uint32_t>(length);
  if (frames.size() < size) return Damaged(kCutShort);
  const BytePieces frame = frames.Prefix(size);
  frames.RemovePrefix(size);
  return frame;
}

std::string EncodeGrant(int64_t frames) {
  WEIR_CHECK(frames > 0 && frames <= kGrantMax) << frames;
  std::string out;
  ByteWriter writer(out);
  writer.PutI64(frames);
  writer.PutU8(static_cast<uint8_t>(ReceiverRecord::kGrant));
  return out;
}

std::string EncodeEnd(const absl::Status& why) {
  WEIR_CHECK(!why.ok());
  std::string out;
  ByteWriter writer(out);
  writer.PutU32(static_cast<uint32_t>(why.code()));
  writer.PutRaw(ToStd(why.message()));
  writer.PutU8(static_cast<uint8_t>(ReceiverRecord::kEnd));
  return out;
}

absl::StatusOr<ReceiverMessage> ParseReceiverRecord(std::string_view record) {
  if (record.empty()) return Damaged("an empty record");
  const auto kind = static_cast<ReceiverRecord>(static_cast<uint8_t>(record.back()));
  record.remove_suffix(1);
  ByteReader reader(record);
  ReceiverMessage message;
  switch (kind) {
    case ReceiverRecord::kGrant:
      if (!reader.GetI64(message.granted) || !reader.at_end()) {
        return Damaged(absl::StrFormat("a grant of %d bytes", record.size()));
      }
      if (message.granted <= 0 || message.granted > kGrantMax) {
        return Damaged(absl::StrFormat("a grant of %d frames", message.granted));
      }
      return message;
    case ReceiverRecord::kEnd: {
      uint32_t code;
      if (!reader.GetU32(code)) return Damaged("an end of the stream without a status code");
      if (!IsErrorCode(code)) {
        return Damaged(absl::StrFormat("an end of the stream with status code %d", code));
      }
      message.why = absl::Status(static_cast<absl::StatusCode>(code),
                                 ToAbsl(record.substr(reader.position())));
      return message;
    }
  }
  return Damaged(absl::StrFormat("a record of unknown kind %d", static_cast<int>(kind)));
}

}  // namespace weir::remote
