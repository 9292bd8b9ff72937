// Every message that a process of another kind may send over gRPC. The first byte says which it is
// taken for. What is understood is encoded again and means the same.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/check.h"
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

void CheckSenderRecord(std::string bytes) {
  const std::string before = bytes;
  const absl::StatusOr<SenderRecord> kind = TakeSenderRecordKind(bytes);
  if (!kind.ok()) return;
  WEIR_CHECK(bytes + static_cast<char>(*kind) == before);
  if (*kind != SenderRecord::kFifoFrames) return;
  std::string again;
  for (std::string_view left = bytes; !left.empty();) {
    const absl::StatusOr<std::string_view> frame = TakeFrame(left);
    if (!frame.ok()) return;
    AppendFrame(*frame, again);
  }
  WEIR_CHECK(again == bytes);
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
      weir::remote::CheckSenderRecord(std::move(bytes));
      break;
    default:
      weir::remote::CheckReceiverRecord(bytes);
  }
  return 0;
}
