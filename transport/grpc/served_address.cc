#include "transport/grpc/served_address.h"

#include <sys/socket.h>

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "grpc/grpc.h"
#include "grpcpp/impl/codegen/completion_queue_tag.h"
#include "transport/grpc/channel_settings.h"
#include "transport/grpc/completion.h"
#include "transport/grpc/health.h"
#include "transport/grpc/health_rpc.h"
#include "transport/grpc/incoming_call.h"
#include "transport/grpc/receiver_stream.h"
#include "transport/grpc/wire.h"

namespace weir::remote {
namespace {

// An RPC to a method that we do not have.
class UnknownRpc final : public LiveRpc, public std::enable_shared_from_this<UnknownRpc> {
 public:
  UnknownRpc(LiveRpcs* live, std::unique_ptr<ServerRpc> rpc) : live_(live), rpc_(std::move(rpc)) {}

  void Start() {
    live_->Add(shared_from_this());
    rpc_->stream.Finish(
        ::grpc::Status(::grpc::StatusCode::UNIMPLEMENTED,
                       absl::StrCat("a Weir process has no method ", rpc_->context.method())),
        end_op_.Start(shared_from_this()));
  }
  void Cancel() override {}  // It is ending.

 private:
  void OnEnded(bool) {
    rpc_.reset();
    live_->Remove(this);
  }

  LiveRpcs* const live_;
  std::unique_ptr<ServerRpc> rpc_;
  RpcOp<UnknownRpc, &UnknownRpc::OnEnded> end_op_;
};

}  // namespace

// The RPC that comes next.
class ServedAddress::NextRpc final : public Completion {
 public:
  explicit NextRpc(ServedAddress* served) : served_(served), rpc_(std::make_unique<ServerRpc>()) {}

  void Request() {
    HappensBefore();
    ::grpc::ServerCompletionQueue* const queue = served_->queue_.get();
    served_->service_.RequestCall(&rpc_->context, &rpc_->stream, queue, queue,
                                  static_cast<Completion*>(this));
  }

  void OnCompletion(bool ok) override {
    const std::unique_ptr<NextRpc> self(this);
    if (!ok) return;  // The server was shut down.
    served_->RequestNext();
    served_->Dispatch(std::move(rpc_));
  }

 private:
  ServedAddress* const served_;
  std::unique_ptr<ServerRpc> rpc_;
};

// Of the operation that tells all peers; nobody waits for its end.
class ServedAddress::GoawayTag final : public ::grpc::internal::CompletionQueueTag {
 public:
  bool FinalizeResult(void**, bool*) override { return false; }
};

absl::StatusOr<std::unique_ptr<ServedAddress>> ServedAddress::Start(
    const Address& address, const GrpcNetworkOptions& options, std::shared_ptr<ServerEntry> entry) {
  WEIR_RETURN_IF_ERROR(CheckCanServe(options.security));
  WEIR_ASSIGN_OR_RETURN(std::unique_ptr<Listener> listener, Listener::Open(address));
  std::unique_ptr<ServedAddress> served(
      new ServedAddress(options, std::move(entry), std::move(listener)));
  if (!served->StartServer(options)) {
    return absl::UnavailableError(absl::StrCat("serve at ", address, ": gRPC does not start"));
  }
  return served;
}

ServedAddress::ServedAddress(const GrpcNetworkOptions& options, std::shared_ptr<ServerEntry> entry,
                             std::unique_ptr<Listener> listener)
    : address_(listener->address()),
      context_{std::move(entry), &live_, options.message_bytes_max},
      listener_(std::move(listener)),
      goaway_(std::make_unique<GoawayTag>()) {}

bool ServedAddress::StartServer(const GrpcNetworkOptions& options) {
  ::grpc::ServerBuilder builder;
  ApplyServerArguments(options, builder);
  builder.RegisterAsyncGenericService(&service_);
  queue_ = builder.AddCompletionQueue();
  acceptor_ = builder.experimental().AddExternalConnectionAcceptor(
      ::grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD,
      MakeServerCredentials(options.security));
  server_ = builder.BuildAndStart();
  thread_.emplace([queue = queue_.get()] { ServeQueue(queue); });
  if (server_ == nullptr) return false;
  RequestNext();
  listener_->Start([this](int fd) {
    ::grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters connection;
    connection.listener_fd = -1;
    connection.fd = fd;
    acceptor_->HandleNewConnection(&connection);
  });
  return true;
}

void ServedAddress::StopServing() {
  if (listener_ == nullptr) return;
  listener_.reset();
  if (server_ == nullptr) return;
  Stop();
  // Not Server::Shutdown, which waits for the streams.
  ::grpc_server_shutdown_and_notify(server_->c_server(), queue_->cq(), goaway_.get());
}

ServedAddress::~ServedAddress() {
  StopServing();
  live_.Close();
  // A deadline in the past closes the connections at once.
  if (server_ != nullptr) server_->Shutdown(gpr_time_0(GPR_CLOCK_REALTIME));
  queue_->Shutdown();
  thread_.reset();
}

void ServedAddress::Stop() {
  std::lock_guard<std::mutex> lock(mutex_);
  stopping_ = true;
}

void ServedAddress::RequestNext() {
  std::lock_guard<std::mutex> lock(mutex_);
  // Owned by gRPC until its completion.
  if (!stopping_) (new NextRpc(this))->Request();
}

void ServedAddress::Dispatch(std::unique_ptr<ServerRpc> rpc) {
  // Until what it starts is among the live RPCs: nothing may begin on a queue that is being shut down. One that came too late
  // ends here, unanswered.
  std::lock_guard<std::mutex> lock(mutex_);
  if (stopping_) return;
  const std::string& path = rpc->context.method();
  if (path == kCallPath) {
    std::make_shared<IncomingCall>(context_, std::move(rpc))->Start();
  } else if (path == kStreamPath) {
    std::make_shared<ReceiverStream>(context_, std::move(rpc))->Start();
  } else if (path == kHealthPath) {
    std::make_shared<HealthRpc>(&live_, std::move(rpc))->Start();
  } else {
    std::make_shared<UnknownRpc>(&live_, std::move(rpc))->Start();
  }
}

}  // namespace weir::remote
