// Between Weir's bytes and gRPC's ByteBuffer. A payload that is sent is handed over, not copied; a
// frame that is received stays in the buffers that gRPC read it into, unless it is small. Other
// messages are copied out. Pure.
#ifndef WEIR_TRANSPORT_GRPC_BYTE_BUFFERS_H_
#define WEIR_TRANSPORT_GRPC_BYTE_BUFFERS_H_

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/byte_pieces.h"
#include "core/env/frame_bytes.h"
#include "grpcpp/support/byte_buffer.h"

namespace weir::remote {

// `head` is copied (it is short), `payload` handed over.
::grpc::ByteBuffer MakeMessage(std::string_view head, std::string payload);
// `payload` handed over, and one byte behind it.
::grpc::ByteBuffer MakeRecord(std::string payload, char last);

// Empty if there is nothing in it.
std::string CopyOut(const ::grpc::ByteBuffer& buffer);

// Received frames of this size and more are not copied. What is not copied keeps the buffers alive
// that its message lies in, up to 64 KiB each, even if all else in them is long gone: a frame of
// 32 KiB so holds two or four times its size as a rule, one of a few bytes would hold thousands of
// times. Frames are small where data comes slowly, and a copy of that costs little.
inline constexpr size_t kFrameBytesCopiedBelow = 16 << 10;

// One message in the buffers that gRPC read it into.
class ReceivedMessage {
 public:
  // Takes over what is in `buffer`, which is empty then.
  explicit ReceivedMessage(::grpc::ByteBuffer& buffer);

  // As long as this object lives.
  BytePieces bytes() const;
  // `part` of bytes() as a frame, which may outlive this object.
  FrameBytes Frame(const BytePieces& part) const;

 private:
  struct Slices;
  std::shared_ptr<const Slices> slices_;
};

}  // namespace weir::remote

#endif  // WEIR_TRANSPORT_GRPC_BYTE_BUFFERS_H_
