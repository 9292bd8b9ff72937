#include "transport/grpc/peer_channels.h"

#include "grpcpp/create_channel.h"
#include "transport/grpc/channel_settings.h"

namespace weir::remote {
namespace {

bool Failed(::grpc::Channel& channel) {
  const grpc_connectivity_state state = channel.GetState(/*try_to_connect=*/false);
  return state == GRPC_CHANNEL_TRANSIENT_FAILURE || state == GRPC_CHANNEL_SHUTDOWN;
}

}  // namespace

PeerChannels::PeerChannels(const GrpcNetworkOptions& options)
    : arguments_(ClientArguments(options)), credentials_(ClientCredentials(options.security)) {}

std::shared_ptr<::grpc::Channel> PeerChannels::Get(const Address& to, Traffic traffic) {
  std::lock_guard<std::mutex> lock(mutex_);
  std::shared_ptr<::grpc::Channel>& channel = channels_[{to, traffic}];
  if (channel == nullptr || Failed(*channel)) {
    DropUnused();
    channel = ::grpc::CreateCustomChannel(TargetOf(to), credentials_, arguments_);
  }
  return channel;
}

void PeerChannels::DropUnused() {
  std::erase_if(channels_, [](const auto& entry) {
    const std::shared_ptr<::grpc::Channel>& channel = entry.second;
    return channel != nullptr && channel.use_count() == 1 &&
           channel->GetState(/*try_to_connect=*/false) == GRPC_CHANNEL_IDLE;
  });
}

void PeerChannels::OnFailure(const Address& to, Traffic traffic, const ::grpc::Channel* channel) {
  std::shared_ptr<::grpc::Channel> given_up;  // Destroyed without the mutex.
  std::lock_guard<std::mutex> lock(mutex_);
  const auto found = channels_.find({to, traffic});
  if (found == channels_.end() || found->second.get() != channel) return;
  if (found->second->GetState(/*try_to_connect=*/false) == GRPC_CHANNEL_READY) return;
  given_up = std::move(found->second);
  channels_.erase(found);
}

}  // namespace weir::remote
