// HealthRpc: one question of gRPC's health checking protocol, Check, answered by the queue's thread: who can ask is served. gRPC has a
// service for that, but its threads would take turns with ours at the sockets, for twice the processor time of every frame.
#ifndef WEIR_TRANSPORT_GRPC_HEALTH_RPC_H_
#define WEIR_TRANSPORT_GRPC_HEALTH_RPC_H_

#include <memory>
#include <utility>

#include "transport/grpc/completion.h"
#include "transport/grpc/live_rpcs.h"
#include "transport/grpc/server_rpc.h"

namespace weir::remote {

class HealthRpc final : public LiveRpc, public std::enable_shared_from_this<HealthRpc> {
 public:
  HealthRpc(LiveRpcs* live, std::unique_ptr<ServerRpc> rpc) : live_(live), rpc_(std::move(rpc)) {}

  // Once, on the queue's thread.
  void Start();
  void Cancel() override;

 private:
  void OnRead(bool ok);
  void OnEnded(bool ok);

  LiveRpcs* const live_;
  const std::unique_ptr<ServerRpc> rpc_;
  RpcOp<HealthRpc, &HealthRpc::OnRead> read_op_;
  RpcOp<HealthRpc, &HealthRpc::OnEnded> end_op_;
};

}  // namespace weir::remote

#endif  // WEIR_TRANSPORT_GRPC_HEALTH_RPC_H_
