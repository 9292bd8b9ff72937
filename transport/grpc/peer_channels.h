// PeerChannels: the connections a network has to other processes, two to each: one for calls, one
// for streams, so that no heartbeat waits behind data. Thread-safe. A named file for the rule about
// locks.
//
// gRPC connects a channel when it is first used, and again after a loss. But after a failed attempt
// it waits, and fails what comes meanwhile, although the address may be served by now. So a channel
// that could not connect is given up, and the next use gets a new one, which tries at once.
#ifndef WEIR_TRANSPORT_GRPC_PEER_CHANNELS_H_
#define WEIR_TRANSPORT_GRPC_PEER_CHANNELS_H_

#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "core/env/network.h"
#include "grpcpp/channel.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/support/channel_arguments.h"
#include "transport/grpc/grpc_options.h"

namespace weir::remote {

enum class Traffic { kCalls, kStreams };

class PeerChannels {
 public:
  explicit PeerChannels(const GrpcNetworkOptions& options);

  std::shared_ptr<::grpc::Channel> Get(const Address& to, Traffic traffic);
  // An RPC on `channel` failed: the channel is given up if it is not connected.
  void OnFailure(const Address& to, Traffic traffic, const ::grpc::Channel* channel);

 private:
  // Those whose connections have ended, of peers that may never come back. Under mutex_.
  void DropUnused();

  const ::grpc::ChannelArguments arguments_;
  const std::shared_ptr<::grpc::ChannelCredentials> credentials_;

  std::mutex mutex_;
  std::map<std::pair<Address, Traffic>, std::shared_ptr<::grpc::Channel>>
      channels_;  // Guarded by mutex_.
};

}  // namespace weir::remote

#endif  // WEIR_TRANSPORT_GRPC_PEER_CHANNELS_H_
