// IncomingCall: one call that came to us, on the callee's side. It reads the request, hands it to
// the ServerHandler, and writes the one answer, from whatever executor that comes. A named file for
// the rule about locks.
#ifndef WEIR_TRANSPORT_GRPC_INCOMING_CALL_H_
#define WEIR_TRANSPORT_GRPC_INCOMING_CALL_H_

#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "transport/grpc/completion.h"
#include "transport/grpc/live_rpcs.h"
#include "transport/grpc/server_rpc.h"

namespace weir::remote {

class IncomingCall final : public LiveRpc, public std::enable_shared_from_this<IncomingCall> {
 public:
  IncomingCall(const ServingContext& context, std::unique_ptr<ServerRpc> rpc)
      : context_(context), rpc_(std::move(rpc)) {}

  // Once, on the queue's thread.
  void Start();
  // Any thread; the first counts.
  void Answer(absl::StatusOr<std::string> outcome);
  void Cancel() override;

 private:
  void OnRead(bool ok);
  void OnAnswered(bool ok);
  void Dispatch(std::string message);
  void EndUnanswered();
  // Frees what gRPC used if it uses it no more. Unlocks.
  void FreeIfOver(std::unique_lock<std::mutex> lock);

  const ServingContext context_;
  RpcOp<IncomingCall, &IncomingCall::OnRead> read_op_;
  RpcOp<IncomingCall, &IncomingCall::OnAnswered> answer_op_;

  std::mutex mutex_;
  std::unique_ptr<ServerRpc> rpc_;  // Guarded by mutex_, as all below. Null once it is over.
  bool reading_ = false;
  bool answered_ = false;  // gRPC was given the answer, or the end without one.
  bool over_ = false;      // That is done.
};

}  // namespace weir::remote

#endif  // WEIR_TRANSPORT_GRPC_INCOMING_CALL_H_
