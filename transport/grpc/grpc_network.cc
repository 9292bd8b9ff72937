#include "transport/grpc/grpc_network.h"

#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/base/check.h"
#include "core/base/status_macros.h"
#include "core/base/string_view.h"
#include "grpc/grpc.h"
#include "grpc/support/log.h"
#include "grpcpp/completion_queue.h"
#include "transport/grpc/connection_threads.h"
#include "transport/grpc/live_rpcs.h"
#include "transport/grpc/outgoing_call.h"
#include "transport/grpc/peer_channels.h"
#include "transport/grpc/sender_stream.h"
#include "transport/grpc/served_address.h"
#include "transport/grpc/wire.h"
#include "transport/pending_call.h"
#include "transport/server_entry.h"

namespace weir {
namespace {

// Keeps gRPC's own threads for as long as it lives, and waits for their end.
class GrpcLibrary {
 public:
  GrpcLibrary() {
    ::grpc_init();
    // Whatever matters reaches a caller as a Status.
    ::gpr_set_log_function([](gpr_log_func_args*) {});
  }
  ~GrpcLibrary() { ::grpc_shutdown_blocking(); }
  GrpcLibrary(const GrpcLibrary&) = delete;
};

}  // namespace

class GrpcNetwork::State {
 public:
  explicit State(GrpcNetworkOptions given)
      : options(std::move(given)), channels(std::make_unique<remote::PeerChannels>(options)) {}

  ~State() {
    WEIR_CHECK_EQ(serving_count, 0) << "an address is still served; the network must outlive its "
                                       "servers";
    calls.Close();
    streams.Close();
    served.clear();
    if (own_queue == nullptr) return;
    own_queue->Shutdown();
    own_thread.reset();
  }

  // For what this network opens. Two threads of one process that wait for its sockets hand each other half of what happens there, so a
  // process that serves one address before it opens anything has only one.
  ::grpc::CompletionQueue* queue() {
    std::lock_guard<std::mutex> lock(mutex);
    if (!served.empty()) return served.front()->queue();
    if (own_queue == nullptr) {
      own_queue = std::make_unique<::grpc::CompletionQueue>();
      own_thread.emplace([q = own_queue.get()] { remote::ServeQueue(q); });
    }
    return own_queue.get();
  }

  const GrpcLibrary library;  // First in, last out.
  const GrpcNetworkOptions options;
  std::unique_ptr<remote::PeerChannels> channels;
  remote::LiveRpcs calls;
  remote::LiveRpcs streams;

  std::mutex mutex;
  int serving_count = 0;  // Guarded by mutex, as all below.
  std::unique_ptr<::grpc::CompletionQueue> own_queue;
  std::optional<remote::ConnectionThread> own_thread;
  // Also those that are not served any more: their streams live on.
  std::vector<std::unique_ptr<remote::ServedAddress>> served;
};

class GrpcNetwork::ServerImpl final : public Server {
 public:
  ServerImpl(State* state, remote::ServedAddress* served, std::shared_ptr<ServerEntry> entry)
      : state_(state), served_(served), entry_(std::move(entry)) {}
  ~ServerImpl() override {
    entry_->handler = nullptr;
    entry_->gate.Close();
    served_->StopServing();
    std::lock_guard<std::mutex> lock(state_->mutex);
    --state_->serving_count;
  }
  const Address& address() const override { return served_->address(); }

 private:
  State* const state_;
  remote::ServedAddress* const served_;
  const std::shared_ptr<ServerEntry> entry_;
};

GrpcNetwork::GrpcNetwork(GrpcNetworkOptions options)
    : state_(std::make_unique<State>(std::move(options))) {}

GrpcNetwork::~GrpcNetwork() = default;

absl::StatusOr<std::unique_ptr<Server>> GrpcNetwork::Serve(const Address& address,
                                                           Executor* executor,
                                                           ServerHandler* handler) {
  auto entry = std::make_shared<ServerEntry>(executor, handler);
  WEIR_ASSIGN_OR_RETURN(std::unique_ptr<remote::ServedAddress> served,
                        remote::ServedAddress::Start(address, state_->options, entry));
  auto server = std::make_unique<ServerImpl>(state_.get(), served.get(), std::move(entry));
  std::lock_guard<std::mutex> lock(state_->mutex);
  ++state_->serving_count;
  state_->served.push_back(std::move(served));
  return server;
}

std::unique_ptr<CallHandle> GrpcNetwork::Call(
    const Address& to, std::string_view method, std::string request, absl::Duration deadline,
    Executor* executor, absl::AnyInvocable<void(absl::StatusOr<std::string>)> on_reply) {
  WEIR_CHECK(deadline > absl::ZeroDuration()) << "call " << method << " to " << to;
  auto pending = std::make_shared<PendingCall>(absl::StrCat(ToAbsl(method), " to ", to), executor);
  pending->Start(deadline, std::move(on_reply));
  if (request.size() > state_->options.message_bytes_max) {
    pending->Answer(absl::ResourceExhaustedError(
        absl::StrCat("call ", pending->what(), ": the request of ", request.size(),
                     " bytes is over message_bytes_max of ", state_->options.message_bytes_max)));
    return std::make_unique<PendingCallHandle>(std::move(pending));
  }
  const remote::OutgoingCall::Context context{state_->channels.get(), &state_->calls,
                                              state_->queue(), state_->options.security.tls()};
  std::make_shared<remote::OutgoingCall>(context, to, pending)
      ->Start(method, std::move(request), deadline);
  return std::make_unique<PendingCallHandle>(std::move(pending));
}

std::unique_ptr<StreamSender> GrpcNetwork::OpenStream(const Address& to, std::string hello,
                                                      Executor* executor,
                                                      StreamSenderHandler* handler) {
  const remote::SenderStream::Context context{state_->channels.get(), &state_->streams,
                                              state_->queue(), state_->options.message_bytes_max,
                                              state_->options.security.tls()};
  auto stream = std::make_shared<remote::SenderStream>(context, to, executor, handler);
  stream->Open(std::move(hello));
  return std::make_unique<remote::GrpcSender>(std::move(stream));
}

void GrpcNetwork::LoseStreams() { state_->streams.CancelAll(); }

}  // namespace weir
