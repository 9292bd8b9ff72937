// Every message that a process of another kind may send over gRPC. The first byte says which it is
// taken for. What is understood is encoded again and means the same.

#include <cstddef>
#include <cstdint>
#include <string>

#include "core/base/byte_pieces.h"
#include "core/base/check.h"
#include "core/testing/cut_bytes.h"
#include "transport/grpc/wire.h"

namespace weir::remote {
namespace {

// Understood by the version of this build, whatever the range was.
void CheckRequest(const std::string& bytes) {
  const absl::StatusOr<Request> request = ParseRequest(bytes);
  if (!request.ok()) return;
  const absl::StatusOr<Request> again =
      ParseRequest(EncodeRequestHead(request->method) + request->body);
  WEIR_CHECK_OK(again);
  WEIR_CHECK(again->method == request->method && again->body == request->body);
}

void CheckHello(const std::string& bytes) {
  const absl::StatusOr<std::string> hello = ParseHelloMessage(bytes);
  if (!hello.ok()) return;
  const absl::StatusOr<std::string> again = ParseHelloMessage(EncodeHelloHead() + *hello);
  WEIR_CHECK_OK(again);
  WEIR_CHECK(*again == *hello);
}

void CheckResponse(const std::string& bytes) {
  const absl::StatusOr<Response> response = ParseResponse(bytes);
  if (!response.ok()) return;
  const absl::Status status = response->outcome.status();
  const std::string body = status.ok()
                               ? *response->outcome
                               : std::string(status.message().data(), status.message().size());
  const absl::StatusOr<Response> again = ParseResponse(EncodeResponseHead(status.code()) + body);
  WEIR_CHECK_OK(again);
  WEIR_CHECK(again->outcome == response->outcome);
}

// Returns how often a frame was taken.
int CheckSenderRecord(const BytePieces& record) {
  BytePieces bytes = record;
  const absl::StatusOr<SenderRecord> kind = TakeSenderRecordKind(bytes);
  if (!kind.ok()) return 0;
  WEIR_CHECK(bytes.ToString() + static_cast<char>(*kind) == record.ToString());
  if (*kind != SenderRecord::kFifoFrames) return 0;
  std::string again;
  int frames = 0;
  for (BytePieces left = bytes; !left.empty(); ++frames) {
    const absl::StatusOr<BytePieces> frame = TakeFrame(left);
    if (!frame.ok()) return frames;
    AppendFrame(*frame, again);
  }
  WEIR_CHECK(again == bytes.ToString());
  return frames;
}

// However many pieces they come in.
void CheckSenderRecords(const std::string& bytes) {
  const CutBytes cut = CutBytes::Evenly(bytes, 1 + bytes.size() % 5);
  WEIR_CHECK_EQ(CheckSenderRecord(cut.pieces()), CheckSenderRecord(bytes));
}

void CheckReceiverRecord(const std::string& bytes) {
  const absl::StatusOr<ReceiverMessage> message = ParseReceiverRecord(bytes);
  if (!message.ok()) return;
  WEIR_CHECK((message->granted > 0) == message->why.ok());
  WEIR_CHECK(bytes ==
             (message->granted > 0 ? EncodeGrant(message->granted) : EncodeEnd(message->why)));
}

}  // namespace
}  // namespace weir::remote

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 5) {
    case 0:
      weir::remote::CheckRequest(bytes);
      break;
    case 1:
      weir::remote::CheckHello(bytes);
      break;
    case 2:
      weir::remote::CheckResponse(bytes);
      break;
    case 3:
      weir::remote::CheckSenderRecords(bytes);
      break;
    default:
      weir::remote::CheckReceiverRecord(bytes);
  }
  return 0;
}
