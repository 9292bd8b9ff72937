// Between std::string and gRPC's ByteBuffer. A payload that is sent is handed over, not copied; one
// that is received is copied once, out of the buffers it was read into. Pure.
#ifndef WEIR_TRANSPORT_GRPC_BYTE_BUFFERS_H_
#define WEIR_TRANSPORT_GRPC_BYTE_BUFFERS_H_

#include <string>
#include <string_view>

#include "grpcpp/support/byte_buffer.h"

namespace weir::remote {

// `head` is copied (it is short), `payload` handed over.
::grpc::ByteBuffer MakeMessage(std::string_view head, std::string payload);
// `payload` handed over, and one byte behind it.
::grpc::ByteBuffer MakeRecord(std::string payload, char last);

// Empty if there is nothing in it.
std::string CopyOut(const ::grpc::ByteBuffer& buffer);

}  // namespace weir::remote

#endif  // WEIR_TRANSPORT_GRPC_BYTE_BUFFERS_H_
