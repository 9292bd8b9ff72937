// OutgoingCall: one unary RPC that carries a call, on the caller's side. PendingCall brings its
// outcome to the caller. It ends with the callee's answer, with the loss of the connection, or a
// little after the caller's deadline; a caller that is gone does not end it, for the callee still
// runs the call. A named file for the rule about locks.
#ifndef WEIR_TRANSPORT_GRPC_OUTGOING_CALL_H_
#define WEIR_TRANSPORT_GRPC_OUTGOING_CALL_H_

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "core/env/network.h"
#include "grpcpp/client_context.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/generic/generic_stub.h"
#include "transport/grpc/completion.h"
#include "transport/grpc/live_rpcs.h"
#include "transport/grpc/peer_channels.h"
#include "transport/pending_call.h"

namespace weir::remote {

class OutgoingCall final : public LiveRpc, public std::enable_shared_from_this<OutgoingCall> {
 public:
  struct Context {
    PeerChannels* channels;
    LiveRpcs* live;
    ::grpc::CompletionQueue* queue;
    bool tls;
  };

  OutgoingCall(const Context& context, Address to, std::shared_ptr<PendingCall> pending)
      : context_(context), to_(std::move(to)), pending_(std::move(pending)) {}

  // Once. Sends `method` and `request`.
  void Start(std::string_view method, std::string request, absl::Duration deadline);
  void Cancel() override;

 private:
  // What gRPC uses until the RPC is over.
  struct Rpc {
    std::shared_ptr<::grpc::Channel> channel;
    ::grpc::ClientContext context;
    std::unique_ptr<::grpc::GenericClientAsyncResponseReader> reader;
    ::grpc::ByteBuffer response;
    ::grpc::Status status;
  };

  void OnDone(bool ok);

  const Context context_;
  const Address to_;
  const std::shared_ptr<PendingCall> pending_;
  RpcOp<OutgoingCall, &OutgoingCall::OnDone> done_op_;

  std::mutex mutex_;
  std::unique_ptr<Rpc> rpc_;  // Guarded by mutex_. Null once it is over.
};

}  // namespace weir::remote

#endif  // WEIR_TRANSPORT_GRPC_OUTGOING_CALL_H_
