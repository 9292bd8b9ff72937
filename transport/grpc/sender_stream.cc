#include "transport/grpc/sender_stream.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/base/check.h"
#include "transport/grpc/byte_buffers.h"
#include "transport/grpc/rpc_failure.h"

namespace weir::remote {
namespace {

// A message costs about as much as copying 64 KiB. Frames up to the first go together, up to the
// second in all; larger ones go alone and are not copied.
constexpr size_t kSmallFrameBytesMax = 8 << 10;
constexpr size_t kTogetherBytesMax = 64 << 10;

char KindByte(SenderRecord kind) { return static_cast<char>(kind); }

FrameBytes PopFront(std::deque<FrameBytes>& queue) {
  FrameBytes frame = std::move(queue.front());
  queue.pop_front();
  return frame;
}

}  // namespace

SenderStream::SenderStream(const Context& context, Address to, Executor* executor,
                           StreamSenderHandler* handler)
    : context_(context),
      to_(std::move(to)),
      inbox_(std::make_shared<SenderInbox>(executor, handler)) {}

void SenderStream::Open(std::string hello) {
  context_.live->Add(shared_from_this());
  std::unique_lock<std::mutex> lock(mutex_);
  rpc_ = std::make_unique<Rpc>();
  rpc_->channel = context_.channels->Get(to_, Traffic::kStreams);
  // The first message takes the headers with it.
  rpc_->context.set_initial_metadata_corked(true);
  ::grpc::GenericStub stub(rpc_->channel);
  rpc_->stream = stub.PrepareCall(&rpc_->context, kStreamPath, context_.queue);
  rpc_->stream->StartCall(nullptr);
  queue_.opening = MakeMessage(EncodeHelloHead(), std::move(hello));
  rpc_->stream->Read(&rpc_->read, read_op_.Start(shared_from_this()));
  WriteNext(std::move(lock));
}

void SenderStream::Send(Lane lane, FrameBytes frame) {
  WEIR_CHECK(!finish_called_) << "Send after Finish on the stream to " << to_;
  if (inbox_->broken()) return;
  if (lane == Lane::kFifo) {
    WEIR_CHECK_GT(credit(), 0) << "Send without credit on the stream to " << to_
                               << ": wait for OnCredit";
    inbox_->TakeCredit();
  }
  if (frame.size() > context_.message_bytes_max) {
    inbox_->Break(absl::ResourceExhaustedError(
        absl::StrCat("stream to ", to_, ": a frame of ", frame.size(),
                     " bytes is over message_bytes_max of ", context_.message_bytes_max)));
    return Cancel();
  }
  std::unique_lock<std::mutex> lock(mutex_);
  if (queue_.closed) return;
  (lane == Lane::kFifo ? queue_.fifo : queue_.urgent).push_back(std::move(frame));
  WriteNext(std::move(lock));
}

void SenderStream::Finish() {
  WEIR_CHECK(!finish_called_) << "Finish twice on the stream to " << to_;
  finish_called_ = true;
  std::unique_lock<std::mutex> lock(mutex_);
  if (queue_.closed) return;
  queue_.finish = true;
  WriteNext(std::move(lock));
}

void SenderStream::Destroy() {
  inbox_->Close();
  if (!finish_called_) Cancel();
}

void SenderStream::Cancel() {
  CloseQueue();
  std::lock_guard<std::mutex> lock(mutex_);
  if (rpc_ != nullptr) rpc_->context.TryCancel();
}

void SenderStream::CloseQueue() {
  Queue dropped;  // Its frames are freed without the mutex.
  std::lock_guard<std::mutex> lock(mutex_);
  std::swap(dropped, queue_);
  queue_.closed = true;
}

SenderRecord SenderStream::PopFifo(std::string& payload) {
  const auto is_small = [](const FrameBytes& frame) { return frame.size() <= kSmallFrameBytesMax; };
  std::deque<FrameBytes>& fifo = queue_.fifo;
  if (fifo.size() < 2 || !is_small(fifo[0]) || !is_small(fifo[1])) {
    payload = PopFront(fifo).Flatten();
    return SenderRecord::kFifoFrame;
  }
  while (!fifo.empty() && is_small(fifo.front()) &&
         payload.size() + fifo.front().size() < kTogetherBytesMax) {
    AppendFrame(PopFront(fifo).pieces(), payload);
  }
  return SenderRecord::kFifoFrames;
}

void SenderStream::WriteNext(std::unique_lock<std::mutex> lock) {
  if (writing_ || finish_written_) return;
  // Taken under the lock, handed to gRPC without it: that may send on the calling thread.
  std::optional<::grpc::ByteBuffer> message;
  std::string frame;
  SenderRecord kind;
  if (queue_.opening) {
    message = std::exchange(queue_.opening, std::nullopt);
    kind = SenderRecord::kFinish;  // Unused.
  } else if (!queue_.urgent.empty()) {
    frame = PopFront(queue_.urgent).Flatten();
    kind = SenderRecord::kUrgentFrame;
  } else if (!queue_.fifo.empty()) {
    kind = PopFifo(frame);
  } else if (queue_.finish) {
    kind = SenderRecord::kFinish;
    finish_written_ = true;
  } else {
    return;
  }
  writing_ = true;
  const bool last = finish_written_;
  lock.unlock();
  if (!message) message = MakeRecord(std::move(frame), KindByte(kind));
  ::grpc::WriteOptions options;
  if (last) options.set_last_message();
  rpc_->stream->Write(*message, options, write_op_.Start(shared_from_this()));
}

void SenderStream::OnWritten(bool ok) {
  if (!ok) CloseQueue();
  std::unique_lock<std::mutex> lock(mutex_);
  writing_ = false;
  if (status_received_) return FreeIfOver(std::move(lock));
  WriteNext(std::move(lock));
}

void SenderStream::OnRead(bool ok) {
  if (!ok) {
    rpc_->stream->Finish(&rpc_->status, status_op_.Start(shared_from_this()));
    return;
  }
  const std::string record = CopyOut(rpc_->read);
  if (!TakeRecord(record)) Cancel();
  rpc_->stream->Read(&rpc_->read, read_op_.Start(shared_from_this()));
}

bool SenderStream::TakeRecord(const std::string& record) {
  absl::StatusOr<ReceiverMessage> message = ParseReceiverRecord(record);
  if (message.ok() && message->granted > kGrantedTotalMax - granted_) {
    message =
        absl::DataLossError(absl::StrCat("grants of more than ", kGrantedTotalMax, " frames"));
  }
  if (!message.ok()) {
    inbox_->Break(
        absl::Status(message.status().code(), absl::StrCat("stream to ", to_,
                                                           ": what came from the receiver is "
                                                           "damaged: ",
                                                           message.status().message())));
    return false;
  }
  if (message->granted > 0) {
    granted_ += message->granted;
    inbox_->Grant(message->granted);
    return true;
  }
  inbox_->Break(std::move(message->why));
  return false;
}

void SenderStream::OnStatus(bool) {
  CloseQueue();
  std::unique_lock<std::mutex> lock(mutex_);
  status_received_ = true;
  const bool finished = finish_written_ && rpc_->status.ok();
  lock.unlock();
  if (!finished) {
    context_.channels->OnFailure(to_, Traffic::kStreams, rpc_->channel.get());
    inbox_->Break(
        RpcFailure(absl::StrCat("stream to ", to_), rpc_->status, context_.tls, granted_ > 0));
  }
  lock.lock();
  FreeIfOver(std::move(lock));
}

void SenderStream::FreeIfOver(std::unique_lock<std::mutex> lock) {
  if (writing_ || !status_received_) return;
  const std::unique_ptr<Rpc> rpc = std::move(rpc_);
  lock.unlock();
  if (rpc != nullptr) context_.live->Remove(this);
}

}  // namespace weir::remote
