#include "transport/grpc/receiver_inbox.h"

#include <utility>

namespace weir::remote {

template <class Change>
void ReceiverInbox::Put(Change change) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (box_.closed) return;
    change(box_);
    if (std::exchange(box_.drain_queued, true)) return;
  }
  // Without the mutex, which the woken thread wants first.
  gate_->Post([inbox = shared_from_this()] { inbox->Drain(); });
}

void ReceiverInbox::PutFifo(FrameBytes frame) {
  Put([&](Box& box) { box.fifo.push_back(std::move(frame)); });
}

bool ReceiverInbox::PutUrgent(FrameBytes frame) {
  bool taken = true;
  Put([&](Box& box) {
    taken = box.urgent.size() < kUrgentQueuedMax;
    if (taken) box.urgent.push_back(std::move(frame));
  });
  return taken;
}

void ReceiverInbox::Finish(absl::AnyInvocable<void()> on_taken) {
  Put([&](Box& box) {
    box.finished = std::move(on_taken);
    box.closed = true;
  });
}

void ReceiverInbox::Break(absl::Status why) {
  Put([&](Box& box) {
    box.broken = std::move(why);
    box.closed = true;
  });
}

void ReceiverInbox::Accept(ServerHandler::Accepted accepted,
                           std::unique_ptr<StreamReceiver> receiver) {
  WEIR_CHECK(accepted.handler != nullptr && accepted.executor != nullptr && accepted.on_accepted)
      << "OnOpenStream accepted a stream without saying who takes it";
  handler_ = accepted.handler;
  gate_ = std::make_unique<PostGate>(accepted.executor);
  struct Acceptance {
    absl::AnyInvocable<void(std::unique_ptr<StreamReceiver>)> on_accepted;
    std::unique_ptr<StreamReceiver> receiver;
  };
  // Shared, so that an acceptance that cannot be posted ends outside the gate: the receiver's
  // destructor closes that.
  auto acceptance = std::make_shared<Acceptance>();
  acceptance->on_accepted = std::move(accepted.on_accepted);
  acceptance->receiver = std::move(receiver);
  gate_->Post([inbox = shared_from_this(), acceptance] {
    // What it captured is destroyed here, not where the last reference happens to go.
    auto on_accepted = std::move(acceptance->on_accepted);
    on_accepted(std::move(acceptance->receiver));
    inbox->Drain();
  });
}

void ReceiverInbox::Close() {
  handler_ = nullptr;
  Box dropped;  // Its frames are freed without the mutex.
  std::lock_guard<std::mutex> lock(mutex_);
  std::swap(dropped, box_);
  box_.closed = true;
}

void ReceiverInbox::Drain() {
  absl::AnyInvocable<void()> finished;
  std::optional<absl::Status> broken;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    // What comes while these are handled queues the next drain: other work of the executor gets its
    // turn.
    box_.drain_queued = false;
    fifo_batch_.swap(box_.fifo);
    urgent_batch_.swap(box_.urgent);
    finished = std::exchange(box_.finished, nullptr);
    broken = std::exchange(box_.broken, std::nullopt);
  }
  Deliver(Lane::kUrgent, urgent_batch_);
  Deliver(Lane::kFifo, fifo_batch_);
  if (handler_ == nullptr || (!finished && !broken)) return;
  StreamReceiverHandler* const handler = handler_;
  Close();
  if (finished) {
    finished();
    return handler->OnFinished();
  }
  handler->OnBroken(*std::move(broken));
}

void ReceiverInbox::Deliver(Lane lane, std::vector<FrameBytes>& frames) {
  for (FrameBytes& frame : frames) {
    // The handler may have destroyed the receiver.
    if (handler_ == nullptr) break;
    handler_->OnFrame(lane, std::move(frame));
  }
  frames.clear();
}

}  // namespace weir::remote
