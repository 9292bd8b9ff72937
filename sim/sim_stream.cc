#include "sim/sim_stream.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/byte_pieces.h"
#include "core/base/check.h"
#include "core/base/hash.h"
#include "core/base/string_view.h"
#include "sim/digest.h"
#include "sim/observer.h"
#include "sim/sim_executor.h"

namespace weir::sim {
namespace {

// Each piece has memory of its own, so that a sanitizer sees who reads over its end.
FrameBytes InPieces(std::string frame, const std::vector<size_t>& borders) {
  if (borders.empty()) return frame;
  struct Pieces {
    std::vector<std::unique_ptr<char[]>> memory;
    std::vector<std::string_view> views;
  };
  auto owner = std::make_shared<Pieces>();
  size_t begin = 0;
  const auto add = [&](size_t end) {
    auto& memory = owner->memory.emplace_back(std::make_unique<char[]>(end - begin));
    std::copy_n(frame.data() + begin, end - begin, memory.get());
    owner->views.emplace_back(memory.get(), end - begin);
    begin = end;
  };
  for (const size_t border : borders) add(border);
  add(frame.size());
  const BytePieces pieces(owner->views);
  return FrameBytes(pieces, std::move(owner));
}

}  // namespace

class SimStream::Sender final : public StreamSender {
 public:
  explicit Sender(std::shared_ptr<SimStream> stream) : stream_(std::move(stream)) {}
  ~Sender() override { stream_->DestroySender(); }

  int64_t credit() const override { return stream_->credit_; }
  void Send(Lane lane, FrameBytes frame) override { stream_->SendFrame(lane, std::move(frame)); }
  void Finish() override { stream_->Finish(); }

 private:
  const std::shared_ptr<SimStream> stream_;
};

class SimStream::Receiver final : public StreamReceiver {
 public:
  explicit Receiver(std::shared_ptr<SimStream> stream) : stream_(std::move(stream)) {}
  ~Receiver() override {
    stream_->BreakFromReceiver(absl::UnavailableError("the receiver was closed"));
  }

  void Grant(int64_t frames) override { stream_->Grant(frames); }
  void Reject(absl::Status why) override {
    WEIR_CHECK(!why.ok()) << "Reject with OK";
    stream_->BreakFromReceiver(std::move(why));
  }

 private:
  const std::shared_ptr<SimStream> stream_;
};

// Closures that break the stream if they are dropped by an executor that has ended.
class SimStream::OpenOnServer {
 public:
  explicit OpenOnServer(std::shared_ptr<SimStream> stream) : stream_(std::move(stream)) {}
  OpenOnServer(OpenOnServer&&) noexcept = default;
  ~OpenOnServer() {
    if (stream_ != nullptr) stream_->OpenLost(absl::UnavailableError("the server is gone"));
  }
  void operator()() { std::exchange(stream_, nullptr)->RunOpen(); }

 private:
  std::shared_ptr<SimStream> stream_;
};

class SimStream::AcceptOnReceiver {
 public:
  explicit AcceptOnReceiver(std::shared_ptr<SimStream> stream) : stream_(std::move(stream)) {}
  AcceptOnReceiver(AcceptOnReceiver&&) noexcept = default;
  ~AcceptOnReceiver() {
    if (stream_ != nullptr) stream_->OpenLost(absl::UnavailableError("the acceptor is gone"));
  }
  void operator()() { std::exchange(stream_, nullptr)->RunAccept(); }

 private:
  std::shared_ptr<SimStream> stream_;
};

SimStream::SimStream(NetworkModel* model, Connection* connection, Address to, uint32_t executor,
                     StreamSenderHandler* handler)
    : model_(model),
      loop_(model->loop),
      servers_(&model->servers),
      connection_(connection),
      id_(++model->last_stream_id),
      to_(std::move(to)),
      sender_executor_(executor),
      sender_handler_(handler) {}

std::unique_ptr<StreamSender> SimStream::Open(std::string hello) {
  SendForward(LaneUse::kBoth, {.type = Message::Type::kOpen, .bytes = std::move(hello)});
  return std::make_unique<Sender>(shared_from_this());
}

std::string_view SimStream::Name(Message::Type type) {
  switch (type) {
    case Message::Type::kOpen:
      return "open";
    case Message::Type::kFrame:
      return "frame";
    case Message::Type::kFinish:
      return "finish";
    case Message::Type::kBreak:
      return "break";
    case Message::Type::kCredit:
      return "credit";
  }
  return "?";
}

MessageLabel SimStream::Label(const Message& message) const {
  const std::string_view bytes = message.type == Message::Type::kBreak
                                     ? ToStd(message.status.message())
                                     : std::string_view(message.bytes);
  const uint64_t header =
      static_cast<uint64_t>(message.type) << 40 ^ static_cast<uint64_t>(message.lane) << 48 ^
      static_cast<uint64_t>(message.status.code()) << 56 ^ static_cast<uint64_t>(message.credit);
  return {.what = Name(message.type),
          .id = id_,
          .payload_hash = MixWords(header, StableHash64(bytes)),
          .payload_size = bytes.size()};
}

// The closures below are as small as AnyInvocable keeps without an allocation: the message itself
// waits in a queue of the stream, in the order in which its lane delivers.
void SimStream::SendForward(LaneUse lane_use, Message message) {
  if (loop_->muted()) return;
  if (path_dead_) [[unlikely]] {
    ResetSender();
    return;
  }
  const MessageLabel label = Label(message);
  if (lane_use == LaneUse::kUrgent) {
    forward_urgent_.push_back(std::move(message));
    connection_->Send(Direction::kForward, lane_use, label,
                      [self = shared_from_this()] { self->ArriveForward(self->forward_urgent_); });
  } else {
    forward_fifo_.push_back(std::move(message));
    connection_->Send(Direction::kForward, lane_use, label,
                      [self = shared_from_this()] { self->ArriveForward(self->forward_fifo_); });
  }
}

void SimStream::SendBackward(Message message) {
  if (loop_->muted()) return;
  if (path_dead_) [[unlikely]] {
    ResetReceiver();
    return;
  }
  const MessageLabel label = Label(message);
  backward_.push_back(std::move(message));
  connection_->Send(Direction::kBackward, LaneUse::kFifo, label,
                    [self = shared_from_this()] { self->ArriveBackward(); });
}

void SimStream::ArriveForward(InFlight& lane) {
  if (connection_->Holds(Direction::kForward)) [[unlikely]] {
    connection_->Hold(Direction::kForward,
                      [self = shared_from_this(), &lane] { self->ArriveForward(lane); });
    return;
  }
  if (lane.empty()) return;  // Lost with the connection.
  Message message = std::move(lane.front());
  lane.pop_front();
  connection_->RecordArrival(Name(message.type), id_);
  if (message.type == Message::Type::kOpen) {
    OnOpen(std::move(message.bytes));
    return;
  }
  if (receiver_ended_ || receiver_told_) return;
  receiver_inbox_.push_back(std::move(message));
  if (!receiver_open_) return;  // RunAccept posts for what waits then.
  loop_->Post(receiver_executor_, [self = shared_from_this()] { self->RunReceiverInbox(); });
}

void SimStream::ArriveBackward() {
  if (connection_->Holds(Direction::kBackward)) [[unlikely]] {
    connection_->Hold(Direction::kBackward,
                      [self = shared_from_this()] { self->ArriveBackward(); });
    return;
  }
  if (backward_.empty()) return;  // Lost with the connection.
  Message message = std::move(backward_.front());
  backward_.pop_front();
  connection_->RecordArrival(Name(message.type), id_);
  if (!sender_alive_ || sender_told_) return;
  sender_inbox_.push_back(std::move(message));
  loop_->Post(sender_executor_, [self = shared_from_this()] { self->RunSenderInbox(); });
}

void SimStream::SendFrame(Lane lane, FrameBytes frame) {
  WEIR_CHECK(loop_->IsCurrent(sender_executor_)) << "a StreamSender used off its executor";
  WEIR_CHECK(!finished_) << "a frame after Finish";
  if (sender_broken_) return;
  if (lane == Lane::kFifo) {
    WEIR_CHECK_GT(credit_, 0) << "a frame without credit";
    if (--credit_ == 0 && !loop_->muted()) {
      if (Observer* observer = connection_->observer(); observer != nullptr) {
        observer->OnCreditUsedUp(id_);
      }
    }
  }
  std::string bytes = std::move(frame).Flatten();
  if (replay_ != nullptr && lane == Lane::kFifo && !loop_->muted()) KeepForReplay(bytes);
  SendForward(lane == Lane::kFifo ? LaneUse::kFifo : LaneUse::kUrgent,
              {.lane = lane, .bytes = std::move(bytes)});
}

void SimStream::Finish() {
  WEIR_CHECK(!finished_) << "Finish twice";
  finished_ = true;
  if (sender_broken_) return;
  SendForward(LaneUse::kBoth, {.type = Message::Type::kFinish});
}

void SimStream::DestroySender() {
  sender_alive_ = false;
  sender_inbox_.clear();
  if (finished_ || sender_broken_) return;
  SendForward(LaneUse::kBoth, {.type = Message::Type::kBreak,
                               .status = absl::UnavailableError("the sender was closed")});
}

void SimStream::RunSenderInbox() {
  if (!sender_alive_ || sender_broken_) return;
  Message message = std::move(sender_inbox_.front());
  sender_inbox_.pop_front();
  if (message.type == Message::Type::kCredit) {
    credit_ += message.credit;
    sender_handler_->OnCredit();
  } else {
    sender_broken_ = true;
    sender_inbox_.clear();
    sender_handler_->OnBroken(std::move(message.status));
  }
}

void SimStream::OnOpen(std::string hello) {
  const ServerTable::Entry* const server = servers_->Find(to_);
  if (server == nullptr) {
    OpenLost(absl::UnavailableError(absl::StrCat("nobody serves at ", to_)));
    return;
  }
  if (connection_->RefusesDial()) {
    OpenLost(absl::UnavailableError(absl::StrCat(to_, " refused the connection")));
    return;
  }
  if (sender_handler_ != nullptr && connection_->DuplicatesOpen()) Duplicate(hello);
  server_id_ = server->id;
  serving_ = server->machine;
  hello_ = std::move(hello);
  loop_->Post(server->executor, OpenOnServer(shared_from_this()));
}

void SimStream::OpenLost(absl::Status why) {
  accepted_ = {};
  BreakFromReceiver(std::move(why));
}

void SimStream::RunOpen() {
  const ServerTable::Entry* const server = servers_->Find(to_, server_id_);
  if (server == nullptr) {
    OpenLost(absl::UnavailableError(absl::StrCat("nobody serves at ", to_)));
    return;
  }
  Observer* const observer = connection_->observer();
  const std::string hello = observer != nullptr ? hello_ : "";
  absl::StatusOr<ServerHandler::Accepted> accepted =
      server->handler->OnOpenStream(std::move(hello_));
  if (observer != nullptr && !loop_->muted()) {
    observer->OnStreamAnswer(server_id_, to_, id_, hello, accepted.status());
  }
  if (!accepted.ok()) {
    OpenLost(std::move(accepted).status());
    return;
  }
  WEIR_CHECK(accepted->handler != nullptr && accepted->executor != nullptr &&
             accepted->on_accepted);
  accepted_ = *std::move(accepted);
  receiver_executor_ = IndexOf(accepted_.executor);
  loop_->Post(receiver_executor_, AcceptOnReceiver(shared_from_this()));
}

void SimStream::RunAccept() {
  receiver_open_ = true;
  for (size_t i = 0; i < receiver_inbox_.size(); ++i) {
    loop_->Post(receiver_executor_, [self = shared_from_this()] { self->RunReceiverInbox(); });
  }
  auto on_accepted = std::move(accepted_.on_accepted);
  on_accepted(std::make_unique<Receiver>(shared_from_this()));
}

void SimStream::RunReceiverInbox() {
  if (receiver_ended_) return;
  Message message = std::move(receiver_inbox_.front());
  receiver_inbox_.pop_front();
  if (message.type == Message::Type::kFrame) {
    if (Observer* observer = connection_->observer(); observer != nullptr && !loop_->muted()) {
      observer->OnFrameTaken(to_, id_, message.lane, message.bytes);
    }
    const std::vector<size_t> borders = connection_->DrawBorders(message.bytes.size());
    accepted_.handler->OnFrame(message.lane, InPieces(std::move(message.bytes), borders));
    return;
  }
  receiver_ended_ = true;
  receiver_inbox_.clear();
  if (message.type == Message::Type::kFinish) {
    completed_ = true;
    accepted_.handler->OnFinished();
  } else {
    accepted_.handler->OnBroken(std::move(message.status));
  }
}

void SimStream::Grant(int64_t frames) {
  WEIR_CHECK_GT(frames, 0);
  if (receiver_ended_) return;
  SendBackward({.type = Message::Type::kCredit, .credit = frames});
}

void SimStream::BreakFromReceiver(absl::Status why) {
  if (std::exchange(receiver_ended_, true)) return;
  receiver_inbox_.clear();
  SendBackward({.type = Message::Type::kBreak, .status = std::move(why)});
}

}  // namespace weir::sim
