// ServerRpc: what gRPC uses for one RPC that came to us, until that is over; ServingContext: what
// every such RPC knows of the address it came to.
#ifndef WEIR_TRANSPORT_GRPC_SERVER_RPC_H_
#define WEIR_TRANSPORT_GRPC_SERVER_RPC_H_

#include <cstddef>
#include <memory>

#include "grpcpp/generic/async_generic_service.h"
#include "grpcpp/support/byte_buffer.h"
#include "transport/grpc/live_rpcs.h"
#include "transport/server_entry.h"

namespace weir::remote {

struct ServerRpc {
  ::grpc::GenericServerContext context;
  ::grpc::GenericServerAsyncReaderWriter stream{&context};
  ::grpc::ByteBuffer read;
};

struct ServingContext {
  std::shared_ptr<ServerEntry> entry;
  LiveRpcs* live;
  size_t message_bytes_max;
};

}  // namespace weir::remote

#endif  // WEIR_TRANSPORT_GRPC_SERVER_RPC_H_
