// ReceiverStream: the accepting half of one stream. It reads without pause: what the peer may send
// is bounded by the credit it was granted, and a peer that sends more, or what is no record, ends
// its stream. Grants are collected while gRPC holds one.
//
// The methods of the receiver belong to the handler's executor; completions come on the thread of
// the address's queue. A named file for the rule about locks.
#ifndef WEIR_TRANSPORT_GRPC_RECEIVER_STREAM_H_
#define WEIR_TRANSPORT_GRPC_RECEIVER_STREAM_H_

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "core/base/byte_pieces.h"
#include "core/env/network.h"
#include "transport/grpc/byte_buffers.h"
#include "transport/grpc/completion.h"
#include "transport/grpc/live_rpcs.h"
#include "transport/grpc/receiver_inbox.h"
#include "transport/grpc/server_rpc.h"

namespace weir::remote {

class ReceiverStream final : public LiveRpc, public std::enable_shared_from_this<ReceiverStream> {
 public:
  ReceiverStream(const ServingContext& context, std::unique_ptr<ServerRpc> rpc)
      : context_(context), inbox_(std::make_shared<ReceiverInbox>()), rpc_(std::move(rpc)) {}

  // Once, on the queue's thread.
  void Start();

  // --- The server's executor, one of them, once.
  void Accept(ServerHandler::Accepted accepted);
  void Refuse(absl::Status why);

  // --- Receiver.
  void Grant(int64_t frames);
  void Reject(absl::Status why);
  void Destroy();

  // --- Any thread.
  void Cancel() override;

 private:
  void OnRead(bool ok);
  void OnWritten(bool ok);
  void OnEnded(bool ok);
  void ReadNext();
  void TakeHello(std::string message);
  // A Status that is not OK ends the stream.
  absl::Status TakeRecord(const ReceivedMessage& message);
  absl::Status TakeFifoFrame(FrameBytes frame);
  absl::Status TakeFifoFrames(const ReceivedMessage& message, BytePieces frames);

  // Ends the RPC; an error is told to the opener. The first counts.
  void End(absl::Status why);
  // Gives gRPC what is next if it holds nothing. With mutex_ held.
  void WriteNext();
  // Frees what gRPC used if it uses it no more. Unlocks.
  void FreeIfOver(std::unique_lock<std::mutex> lock);

  const ServingContext context_;
  const std::shared_ptr<ReceiverInbox> inbox_;

  RpcOp<ReceiverStream, &ReceiverStream::OnRead> read_op_;
  RpcOp<ReceiverStream, &ReceiverStream::OnWritten> write_op_;
  RpcOp<ReceiverStream, &ReceiverStream::OnEnded> end_op_;
  bool hello_taken_ = false;  // The queue's own, as the next.
  bool finished_ = false;

  std::mutex mutex_;
  int64_t credit_ = 0;  // What the peer may still send. Guarded by mutex_, as all below.
  int64_t grant_waiting_ = 0;
  std::optional<absl::Status> end_;  // Set once the RPC is to end.
  bool reading_ = false;
  bool writing_ = false;
  bool end_started_ = false;
  bool over_ = false;
  std::unique_ptr<ServerRpc>
      rpc_;  // Null once it is over. Members are safe while an operation runs.
};

class GrpcReceiver final : public StreamReceiver {
 public:
  explicit GrpcReceiver(std::shared_ptr<ReceiverStream> stream) : stream_(std::move(stream)) {}
  ~GrpcReceiver() override { stream_->Destroy(); }
  void Grant(int64_t frames) override { stream_->Grant(frames); }
  void Reject(absl::Status why) override { stream_->Reject(std::move(why)); }

 private:
  const std::shared_ptr<ReceiverStream> stream_;
};

}  // namespace weir::remote

#endif  // WEIR_TRANSPORT_GRPC_RECEIVER_STREAM_H_
