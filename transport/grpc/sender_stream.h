// SenderStream: the opening half of one stream, a gRPC stream of its own on the connection for
// streams. So gRPC tells streams apart and ends all of them when the connection is lost; what Weir
// adds is credit, the two lanes and the reason of an end.
//
// gRPC holds one message at a time, which is a frame, or several small ones that have waited
// together; the rest waits here. Urgent frames overtake what waits. Bounds: kFifo frames by credit. The executor's methods are those of StreamSender; completions come on the
// network's thread. A named file for the rule about locks.
#ifndef WEIR_TRANSPORT_GRPC_SENDER_STREAM_H_
#define WEIR_TRANSPORT_GRPC_SENDER_STREAM_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "core/env/network.h"
#include "grpcpp/client_context.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/generic/generic_stub.h"
#include "transport/grpc/completion.h"
#include "transport/grpc/live_rpcs.h"
#include "transport/grpc/peer_channels.h"
#include "transport/grpc/sender_inbox.h"
#include "transport/grpc/wire.h"

namespace weir::remote {

class SenderStream final : public LiveRpc, public std::enable_shared_from_this<SenderStream> {
 public:
  struct Context {
    PeerChannels* channels;
    LiveRpcs* live;
    ::grpc::CompletionQueue* queue;
    size_t message_bytes_max;
    bool tls;
  };

  SenderStream(const Context& context, Address to, Executor* executor,
               StreamSenderHandler* handler);

  // --- Sender.
  void Open(std::string hello);  // Once, before all else.
  int64_t credit() const { return inbox_->credit(); }
  void Send(Lane lane, FrameBytes frame);
  void Finish();
  void Destroy();

  // --- Any thread.
  void Cancel() override;
  const Address& to() const { return to_; }

 private:
  // What gRPC uses until the RPC is over.
  struct Rpc {
    std::shared_ptr<::grpc::Channel> channel;
    ::grpc::ClientContext context;
    std::unique_ptr<::grpc::GenericClientAsyncReaderWriter> stream;
    ::grpc::ByteBuffer read;
    ::grpc::Status status;
  };
  // What waits to be written.
  struct Queue {
    std::optional<::grpc::ByteBuffer> opening;
    std::deque<FrameBytes> fifo;
    std::deque<FrameBytes> urgent;
    bool finish = false;
    bool closed = false;  // Nothing is written any more.
  };

  // One message's worth of what waits in the FIFO lane. With mutex_ held.
  SenderRecord PopFifo(std::string& payload);
  // Writes what is next if gRPC holds nothing. Unlocks.
  void WriteNext(std::unique_lock<std::mutex> lock);
  void OnWritten(bool ok);
  void OnRead(bool ok);
  void OnStatus(bool ok);
  // False if the stream ends by it.
  bool TakeRecord(const std::string& record);
  void CloseQueue();
  // Frees the Rpc if it is over. Unlocks.
  void FreeIfOver(std::unique_lock<std::mutex> lock);

  const Context context_;
  const Address to_;
  const std::shared_ptr<SenderInbox> inbox_;
  bool finish_called_ = false;  // The sender's own.

  RpcOp<SenderStream, &SenderStream::OnWritten> write_op_;
  RpcOp<SenderStream, &SenderStream::OnRead> read_op_;
  RpcOp<SenderStream, &SenderStream::OnStatus> status_op_;
  int64_t granted_ = 0;  // All of it; the reader's own.

  std::mutex mutex_;
  Queue queue_;                   // Guarded by mutex_, as all below.
  bool writing_ = false;          // gRPC holds a message.
  bool finish_written_ = false;   // It holds, or has sent, the last one.
  bool status_received_ = false;  // The RPC is over but for a write.
  std::unique_ptr<Rpc> rpc_;      // Null once it is over. Members are safe while an operation runs.
};

class GrpcSender final : public StreamSender {
 public:
  explicit GrpcSender(std::shared_ptr<SenderStream> stream) : stream_(std::move(stream)) {}
  ~GrpcSender() override { stream_->Destroy(); }
  int64_t credit() const override { return stream_->credit(); }
  void Send(Lane lane, FrameBytes frame) override { stream_->Send(lane, std::move(frame)); }
  void Finish() override { stream_->Finish(); }

 private:
  const std::shared_ptr<SenderStream> stream_;
};

}  // namespace weir::remote

#endif  // WEIR_TRANSPORT_GRPC_SENDER_STREAM_H_
