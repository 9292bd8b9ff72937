// The messages that two Weir processes exchange over gRPC: what is in them, and how they are told
// from everything else. docs/formats/network.md has the layouts. Pure; every Parse takes bytes of a
// peer, whoever that is, and returns DataLoss with what and where, or FailedPrecondition for a peer
// of another protocol version.
//
// Frames are the bulk. So the byte that says what a record of a stream is comes last, where a
// receiver drops it without moving the frame, and records are cut where they lie, however many
// pieces that is.
#ifndef WEIR_TRANSPORT_GRPC_WIRE_H_
#define WEIR_TRANSPORT_GRPC_WIRE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/base/byte_pieces.h"

namespace weir::remote {

// What this build speaks.
inline constexpr uint16_t kWireProtocolMin = 1;
inline constexpr uint16_t kWireProtocolMax = 1;

// The two gRPC methods: unary, and streaming in both directions.
inline constexpr char kCallPath[] = "/weir.Network/Call";
inline constexpr char kStreamPath[] = "/weir.Network/Stream";

// Longest name of a called method.
inline constexpr size_t kMethodNameBytesMax = 256;
// What an envelope adds to its payload, at most.
inline constexpr size_t kEnvelopeBytesMax = 512;
// Most frames in one grant, and in all grants of a stream.
inline constexpr int64_t kGrantMax = int64_t{1} << 32;
inline constexpr int64_t kGrantedTotalMax = int64_t{1} << 62;

// --- The first message of a call and of a stream: opening, then the payload.

// The bytes before the payload.
std::string EncodeRequestHead(std::string_view method);
std::string EncodeHelloHead();

struct Request {
  std::string method;
  std::string body;
};
absl::StatusOr<Request> ParseRequest(std::string message);
// The opener's hello.
absl::StatusOr<std::string> ParseHelloMessage(std::string message);

// --- The answer to a call: a status code, then the response or the error's message.

std::string EncodeResponseHead(absl::StatusCode code);
struct Response {
  absl::StatusOr<std::string> outcome;  // What the callee answered.
};
absl::StatusOr<Response> ParseResponse(std::string message);

// --- Records of a stream after its first message.

enum class SenderRecord : uint8_t {
  kFifoFrame = 1,
  kUrgentFrame = 2,
  kFinish = 3,
  kFifoFrames = 4
};
enum class ReceiverRecord : uint8_t { kGrant = 65, kEnd = 66 };

// Takes the kind off the end of `record`.
absl::StatusOr<SenderRecord> TakeSenderRecordKind(BytePieces& record);

// Of kFifoFrames: one frame more at the end of `frames`; the first off the front of `frames`.
void AppendFrame(const BytePieces& frame, std::string& frames);
absl::StatusOr<BytePieces> TakeFrame(BytePieces& frames);

// `frames` from 1 to kGrantMax.
std::string EncodeGrant(int64_t frames);
std::string EncodeEnd(const absl::Status& why);

struct ReceiverMessage {
  int64_t granted = 0;  // 0: the stream ended.
  absl::Status why;     // Never OK if it ended.
};
absl::StatusOr<ReceiverMessage> ParseReceiverRecord(std::string_view record);

}  // namespace weir::remote

#endif  // WEIR_TRANSPORT_GRPC_WIRE_H_
