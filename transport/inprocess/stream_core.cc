#include "transport/inprocess/stream_core.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/check.h"

namespace weir::inprocess {

StreamCore::StreamCore(Address to, Executor* sender_executor, StreamSenderHandler* sender_handler)
    : to_(std::move(to)), sender_gate_(sender_executor), sender_handler_(sender_handler) {}

template <class Change>
void StreamCore::PutToReceiver(Change change) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (to_receiver_.closed) return;
    change(to_receiver_);
    if (std::exchange(to_receiver_.drain_queued, true)) return;
  }
  // Without the mutex, which the woken thread wants first.
  receiver_gate_->Post([core = shared_from_this()] { core->DrainToReceiver(); });
}

template <class Change>
void StreamCore::PutToSender(Change change) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (to_sender_.closed) return;
    change(to_sender_);
    if (std::exchange(to_sender_.drain_queued, true)) return;
  }
  sender_gate_.Post([core = shared_from_this()] { core->DrainToSender(); });
}

void StreamCore::Send(Lane lane, FrameBytes frame) {
  WEIR_CHECK(!finish_called_) << "Send after Finish on the stream to " << to_;
  if (sender_broken_) return;
  if (lane == Lane::kUrgent) {
    return PutToReceiver([&](ToReceiver& box) { box.urgent.push_back(std::move(frame)); });
  }
  WEIR_CHECK_GT(credit_, 0) << "Send without credit on the stream to " << to_
                            << ": wait for OnCredit";
  --credit_;
  PutToReceiver([&](ToReceiver& box) { box.fifo.push_back(std::move(frame)); });
}

void StreamCore::Finish() {
  WEIR_CHECK(!finish_called_) << "Finish twice on the stream to " << to_;
  finish_called_ = true;
  PutToReceiver([](ToReceiver& box) {
    if (!box.broken) box.finished = true;
  });
}

void StreamCore::DestroySender() {
  sender_handler_ = nullptr;
  sender_gate_.Close();
  {
    std::lock_guard<std::mutex> lock(mutex_);
    to_sender_.closed = true;
  }
  if (finish_called_) return;
  PutToReceiver([&](ToReceiver& box) {
    if (!box.broken) box.broken = absl::UnavailableError("the sender closed the stream");
  });
}

void StreamCore::Accept(ServerHandler::Accepted accepted) {
  WEIR_CHECK(accepted.handler != nullptr && accepted.executor != nullptr && accepted.on_accepted)
      << "OnOpenStream at " << to_ << " accepted a stream without saying who takes it";
  receiver_handler_ = accepted.handler;
  receiver_gate_ = std::make_unique<PostGate>(accepted.executor);
  struct Acceptance {
    absl::AnyInvocable<void(std::unique_ptr<StreamReceiver>)> on_accepted;
    std::unique_ptr<StreamReceiver> receiver;
  };
  // Shared, so that an acceptance that cannot be posted ends outside the gate: the receiver's
  // destructor closes that.
  auto acceptance = std::make_shared<Acceptance>();
  acceptance->on_accepted = std::move(accepted.on_accepted);
  acceptance->receiver = std::make_unique<InProcessReceiver>(shared_from_this());
  receiver_gate_->Post([core = shared_from_this(), acceptance] {
    // What it captured is destroyed here, not where the last reference happens to go.
    auto on_accepted = std::move(acceptance->on_accepted);
    on_accepted(std::move(acceptance->receiver));
    core->DrainToReceiver();
  });
}

void StreamCore::Refuse(absl::Status why) {
  PutToSender([&](ToSender& box) {
    if (!box.broken) box.broken = std::move(why);
  });
}

void StreamCore::Grant(int64_t frames) {
  WEIR_CHECK_GT(frames, 0) << "Grant on a stream at " << to_;
  if (receiver_handler_ == nullptr) return;
  PutToSender([&](ToSender& box) { box.granted += frames; });
}

void StreamCore::Reject(absl::Status why) {
  WEIR_CHECK(!why.ok()) << "Reject needs an error to tell the sender, on a stream at " << to_;
  if (receiver_handler_ == nullptr) return;
  CloseReceiver();
  Refuse(std::move(why));
}

void StreamCore::DestroyReceiver() {
  const bool open = receiver_handler_ != nullptr;
  CloseReceiver();
  receiver_gate_->Close();
  if (open)
    Refuse(absl::UnavailableError(absl::StrCat("stream to ", to_, ": the receiver closed it")));
}

void StreamCore::CloseReceiver() {
  receiver_handler_ = nullptr;
  ToReceiver dropped;  // Its frames are freed without the mutex.
  std::lock_guard<std::mutex> lock(mutex_);
  std::swap(dropped, to_receiver_);
  to_receiver_.closed = true;
}

void StreamCore::Lose(bool sender_sees, bool receiver_sees) {
  const auto lose = [this](bool sees) {
    return [this, sees](auto& box) {
      // A Status of its own for each side: copies share memory that the sanitizer does not see guarded.
      if (sees && !box.broken) {
        box.broken = absl::UnavailableError(absl::StrCat("connection to ", to_, " lost"));
      }
      box.closed = true;
    };
  };
  PutToSender(lose(sender_sees));
  PutToReceiver(lose(receiver_sees));
}

void StreamCore::DrainToReceiver() {
  bool finished;
  std::optional<absl::Status> broken;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    // Entries that come while these are handled queue the next drain: other work of the executor
    // gets its turn.
    to_receiver_.drain_queued = false;
    fifo_batch_.swap(to_receiver_.fifo);
    urgent_batch_.swap(to_receiver_.urgent);
    finished = std::exchange(to_receiver_.finished, false);
    broken = std::exchange(to_receiver_.broken, std::nullopt);
  }
  DeliverFrames(Lane::kUrgent, urgent_batch_);
  DeliverFrames(Lane::kFifo, fifo_batch_);
  if (receiver_handler_ == nullptr || (!finished && !broken)) return;
  StreamReceiverHandler* const handler = receiver_handler_;
  CloseReceiver();
  if (finished) return handler->OnFinished();
  handler->OnBroken(*std::move(broken));
}

void StreamCore::DeliverFrames(Lane lane, std::vector<FrameBytes>& frames) {
  for (FrameBytes& frame : frames) {
    // The handler may have destroyed the receiver.
    if (receiver_handler_ == nullptr) break;
    receiver_handler_->OnFrame(lane, std::move(frame));
  }
  frames.clear();
}

void StreamCore::DrainToSender() {
  int64_t granted;
  std::optional<absl::Status> broken;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    to_sender_.drain_queued = false;
    granted = std::exchange(to_sender_.granted, 0);
    broken = std::exchange(to_sender_.broken, std::nullopt);
  }
  if (sender_handler_ == nullptr) return;
  credit_ += granted;
  if (granted > 0) sender_handler_->OnCredit();
  if (sender_handler_ == nullptr || !broken) return;
  sender_broken_ = true;
  std::exchange(sender_handler_, nullptr)->OnBroken(*std::move(broken));
}

}  // namespace weir::inprocess
