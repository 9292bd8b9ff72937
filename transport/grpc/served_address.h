// ServedAddress: one address at which this process is served: the listener, the gRPC server that
// takes its connections, and the thread that works for it. Every call and stream that comes is
// handed to the ServerEntry. Ending to serve leaves accepted streams alone; destroying this ends
// them. StopServing and the destructor: on any thread, one after the other.
#ifndef WEIR_TRANSPORT_GRPC_SERVED_ADDRESS_H_
#define WEIR_TRANSPORT_GRPC_SERVED_ADDRESS_H_

#include <memory>
#include <mutex>
#include <optional>

#include "absl/status/statusor.h"
#include "core/env/network.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/generic/async_generic_service.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "transport/grpc/connection_threads.h"
#include "transport/grpc/grpc_options.h"
#include "transport/grpc/listener.h"
#include "transport/grpc/live_rpcs.h"
#include "transport/grpc/server_rpc.h"
#include "transport/server_entry.h"

namespace weir::remote {

class ServedAddress {
 public:
  static absl::StatusOr<std::unique_ptr<ServedAddress>> Start(const Address& address,
                                                              const GrpcNetworkOptions& options,
                                                              std::shared_ptr<ServerEntry> entry);
  ~ServedAddress();

  const Address& address() const { return address_; }
  // Whose completions are carried out as long as this lives. Its tags are Completions.
  ::grpc::CompletionQueue* queue() { return queue_.get(); }
  // The address is free afterwards. Peers are told, and open no more streams on their connections.
  void StopServing();
  // Ends all RPCs that are under way.
  void CancelAll() { live_.CancelAll(); }

 private:
  class NextRpc;
  class GoawayTag;

  ServedAddress(const GrpcNetworkOptions& options, std::shared_ptr<ServerEntry> entry,
                std::unique_ptr<Listener> listener);
  bool StartServer(const GrpcNetworkOptions& options);
  // Asks gRPC for the next RPC, unless this is being stopped.
  void RequestNext();
  void Dispatch(std::unique_ptr<ServerRpc> rpc);
  void Stop();

  const Address address_;
  LiveRpcs live_;
  const ServingContext context_;
  std::unique_ptr<Listener> listener_;  // Null once it is not served any more.
  std::unique_ptr<::grpc::experimental::ExternalConnectionAcceptor> acceptor_;
  ::grpc::AsyncGenericService service_;
  std::unique_ptr<::grpc::ServerCompletionQueue> queue_;
  std::unique_ptr<::grpc::Server> server_;
  std::unique_ptr<GoawayTag> goaway_;

  std::mutex mutex_;
  bool stopping_ = false;  // Guarded by mutex_.

  std::optional<ConnectionThread> thread_;  // Serves queue_.
};

}  // namespace weir::remote

#endif  // WEIR_TRANSPORT_GRPC_SERVED_ADDRESS_H_
