#include "transport/grpc/sender_inbox.h"

#include <utility>

namespace weir::remote {

template <class Change>
void SenderInbox::Put(Change change) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (box_.closed) return;
    change(box_);
    if (std::exchange(box_.drain_queued, true)) return;
  }
  // Without the mutex, which the woken thread wants first.
  gate_.Post([inbox = shared_from_this()] { inbox->Drain(); });
}

void SenderInbox::Grant(int64_t frames) {
  Put([&](Box& box) { box.granted += frames; });
}

void SenderInbox::Break(absl::Status why) {
  Put([&](Box& box) {
    box.broken = std::move(why);
    box.closed = true;
  });
}

void SenderInbox::Close() {
  handler_ = nullptr;
  gate_.Close();
  std::lock_guard<std::mutex> lock(mutex_);
  box_.closed = true;
}

void SenderInbox::Drain() {
  int64_t granted;
  std::optional<absl::Status> broken;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    box_.drain_queued = false;
    granted = std::exchange(box_.granted, 0);
    broken = std::exchange(box_.broken, std::nullopt);
  }
  if (handler_ == nullptr) return;
  credit_ += granted;
  if (granted > 0) handler_->OnCredit();
  if (handler_ == nullptr || !broken) return;
  broken_ = true;
  std::exchange(handler_, nullptr)->OnBroken(*std::move(broken));
}

}  // namespace weir::remote
