#include "transport/grpc/receiver_stream.h"

#include <algorithm>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "core/base/check.h"
#include "core/base/status_macros.h"
#include "transport/grpc/wire.h"

namespace weir::remote {
namespace {

// An open on its way to the server. If it is dropped, the opener hears so at once.
class OpenRequest {
 public:
  OpenRequest(std::shared_ptr<ReceiverStream> stream, std::string hello)
      : stream_(std::move(stream)), hello_(std::move(hello)) {}
  OpenRequest(const OpenRequest&) = delete;
  ~OpenRequest() {
    if (stream_ != nullptr) stream_->Refuse(absl::UnavailableError("the server ended"));
  }

  void Handle(const ServerEntry& entry) {
    if (entry.handler == nullptr) return;  // The destructor tells the opener.
    absl::StatusOr<ServerHandler::Accepted> accepted =
        entry.handler->OnOpenStream(std::move(hello_));
    const std::shared_ptr<ReceiverStream> stream = std::exchange(stream_, nullptr);
    if (accepted.ok()) {
      stream->Accept(*std::move(accepted));
    } else {
      stream->Refuse(std::move(accepted).status());
    }
  }

 private:
  std::shared_ptr<ReceiverStream> stream_;
  std::string hello_;
};

}  // namespace

void ReceiverStream::Start() {
  const bool live = context_.live->Add(shared_from_this());
  ReadNext();
  if (!live) Cancel();
}

void ReceiverStream::Accept(ServerHandler::Accepted accepted) {
  inbox_->Accept(std::move(accepted), std::make_unique<GrpcReceiver>(shared_from_this()));
}

void ReceiverStream::Refuse(absl::Status why) { End(std::move(why)); }

void ReceiverStream::Grant(int64_t frames) {
  WEIR_CHECK_GT(frames, 0) << "Grant on a stream";
  if (!inbox_->open()) return;
  std::lock_guard<std::mutex> lock(mutex_);
  credit_ += frames;
  grant_waiting_ += frames;
  WriteNext();
}

void ReceiverStream::Reject(absl::Status why) {
  WEIR_CHECK(!why.ok()) << "Reject needs an error to tell the sender";
  if (!inbox_->open()) return;
  inbox_->Close();
  End(std::move(why));
}

void ReceiverStream::Destroy() {
  const bool open = inbox_->open();
  inbox_->Close();
  inbox_->CloseGate();
  if (open) End(absl::UnavailableError("the receiver closed the stream"));
}

void ReceiverStream::Cancel() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (rpc_ != nullptr) rpc_->context.TryCancel();
  }
  End(absl::OkStatus());
}

void ReceiverStream::ReadNext() {
  std::lock_guard<std::mutex> lock(mutex_);
  if (end_started_) return;
  reading_ = true;
  rpc_->stream.Read(&rpc_->read, read_op_.Start(shared_from_this()));
}

void ReceiverStream::OnRead(bool ok) {
  std::unique_lock<std::mutex> lock(mutex_);
  reading_ = false;
  if (over_) return FreeIfOver(std::move(lock));
  lock.unlock();
  if (!ok) {
    inbox_->Break(absl::UnavailableError(
        "the opener of the stream closed it, or the connection to it was lost"));
    return End(absl::OkStatus());
  }
  const ReceivedMessage message(rpc_->read);
  if (!hello_taken_) {
    TakeHello(message.bytes().ToString());
  } else if (absl::Status taken = TakeRecord(message); !taken.ok()) {
    const std::string why = absl::StrCat("what came from the sender: ", taken.message());
    inbox_->Break(absl::Status(taken.code(), why));
    End(absl::Status(taken.code(), why));
  }
  if (!finished_) ReadNext();
}

void ReceiverStream::TakeHello(std::string message) {
  hello_taken_ = true;
  absl::StatusOr<std::string> hello = ParseHelloMessage(std::move(message));
  if (!hello.ok()) return End(std::move(hello).status());
  // Shared, so that an open that cannot be posted ends outside the gate.
  auto open = std::make_shared<OpenRequest>(shared_from_this(), *std::move(hello));
  context_.entry->gate.Post([entry = context_.entry, open] { open->Handle(*entry); });
}

absl::Status ReceiverStream::TakeRecord(const ReceivedMessage& message) {
  BytePieces record = message.bytes();
  WEIR_ASSIGN_OR_RETURN(const SenderRecord kind, TakeSenderRecordKind(record));
  switch (kind) {
    case SenderRecord::kFifoFrame:
      return TakeFifoFrame(message.Frame(record));
    case SenderRecord::kFifoFrames:
      return TakeFifoFrames(message, record);
    case SenderRecord::kUrgentFrame:
      if (inbox_->PutUrgent(message.Frame(record))) return absl::OkStatus();
      return absl::ResourceExhaustedError(
          absl::StrCat("more than ", kUrgentQueuedMax, " urgent frames wait"));
    case SenderRecord::kFinish:
      finished_ = true;
      // Until the handler has taken all, it may still reject the stream.
      inbox_->Finish([stream = weak_from_this()] {
        if (const auto live = stream.lock()) live->End(absl::OkStatus());
      });
  }
  return absl::OkStatus();
}

absl::Status ReceiverStream::TakeFifoFrame(FrameBytes frame) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (credit_ == 0) return absl::DataLossError("a frame without credit");
    --credit_;
  }
  inbox_->PutFifo(std::move(frame));
  return absl::OkStatus();
}

absl::Status ReceiverStream::TakeFifoFrames(const ReceivedMessage& message, BytePieces frames) {
  while (!frames.empty()) {
    WEIR_ASSIGN_OR_RETURN(const BytePieces frame, TakeFrame(frames));
    WEIR_RETURN_IF_ERROR(TakeFifoFrame(message.Frame(frame)));
  }
  return absl::OkStatus();
}

void ReceiverStream::End(absl::Status why) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (end_) return;
  end_ = std::move(why);
  WriteNext();
}

void ReceiverStream::WriteNext() {
  if (writing_ || end_started_) return;
  // Under the lock, for these messages are short.
  if (end_) {
    end_started_ = true;
    void* const tag = end_op_.Start(shared_from_this());
    if (end_->ok()) return rpc_->stream.Finish(::grpc::Status::OK, tag);
    const ::grpc::ByteBuffer message = MakeMessage("", EncodeEnd(*end_));
    return rpc_->stream.WriteAndFinish(message, ::grpc::WriteOptions(), ::grpc::Status::OK, tag);
  }
  if (grant_waiting_ == 0) return;
  const int64_t frames = std::min(grant_waiting_, kGrantMax);
  grant_waiting_ -= frames;
  writing_ = true;
  rpc_->stream.Write(MakeMessage("", EncodeGrant(frames)), write_op_.Start(shared_from_this()));
}

void ReceiverStream::OnWritten(bool) {
  std::unique_lock<std::mutex> lock(mutex_);
  writing_ = false;
  if (over_) return FreeIfOver(std::move(lock));
  WriteNext();
}

void ReceiverStream::OnEnded(bool) {
  std::unique_lock<std::mutex> lock(mutex_);
  over_ = true;
  FreeIfOver(std::move(lock));
}

void ReceiverStream::FreeIfOver(std::unique_lock<std::mutex> lock) {
  if (reading_ || writing_ || !over_) return;
  std::unique_ptr<ServerRpc> rpc = std::move(rpc_);
  lock.unlock();
  rpc.reset();
  context_.live->Remove(this);
}

}  // namespace weir::remote
