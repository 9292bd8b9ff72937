// GrpcNetwork: Network between processes, over gRPC. Addresses are "host:port".
//
// To each peer it has two connections: one for calls, each a unary RPC; one for streams, each a gRPC
// stream of its own. One gRPC stream for all streams of a pair would save their opening, but one slow
// receiver would hold up all others in gRPC's flow control, and frames would have to be told apart
// and ended by hand. transport/grpc/wire.h has what travels, docs/formats/network.md the layouts.
//
// Unavailable comes quickly where nobody serves, and an address that is served again works at once.
// A peer that vanished without a word is noticed within keepalive_interval + keepalive_timeout.
// Proxies of the environment are ignored. Thread-safe; must outlive everything that it returned.
// Threads start with what is served or opened first and are gone after the network; its end waits for a peer that neither reads
// nor goes for up to keepalive_timeout. A named file for the rule about locks.
#ifndef WEIR_TRANSPORT_GRPC_GRPC_NETWORK_H_
#define WEIR_TRANSPORT_GRPC_GRPC_NETWORK_H_

#include <memory>
#include <string>
#include <string_view>

#include "core/env/network.h"
#include "transport/grpc/grpc_options.h"

namespace weir {

class GrpcNetwork final : public Network {
 public:
  explicit GrpcNetwork(GrpcNetworkOptions options = {});
  ~GrpcNetwork() override;

  // Port 0 takes a free one, which Server::address() tells; the host stays as given. AlreadyExists
  // if the port is taken, InvalidArgument for what is no address of this machine, or for TLS without
  // a certificate.
  absl::StatusOr<std::unique_ptr<Server>> Serve(const Address& address, Executor* executor,
                                                ServerHandler* handler) override;
  // On `executor`. In addition ResourceExhausted for a request or response over message_bytes_max,
  // and Unauthenticated.
  std::unique_ptr<CallHandle> Call(
      const Address& to, std::string_view method, std::string request, absl::Duration deadline,
      Executor* executor, absl::AnyInvocable<void(absl::StatusOr<std::string>)> on_reply) override;
  std::unique_ptr<StreamSender> OpenStream(const Address& to, std::string hello, Executor* executor,
                                           StreamSenderHandler* handler) override;

  // For tests of who uses streams: breaks all streams that this network opened. Calls go on.
  void LoseStreams();

 private:
  class State;
  class ServerImpl;
  const std::unique_ptr<State> state_;
};

}  // namespace weir

#endif  // WEIR_TRANSPORT_GRPC_GRPC_NETWORK_H_
