#include "transport/pending_call.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace weir {

void PendingCall::Start(absl::Duration deadline, OnReply on_reply) {
  auto holder = std::make_shared<OnReply>(std::move(on_reply));
  on_reply_ = holder;
  timer_ = executor_->PostAfter(
      deadline, [call = shared_from_this(), holder = std::move(holder), deadline]() {
        call->Deliver(absl::DeadlineExceededError(
            absl::StrCat("call ", call->what_, ": no answer within ",
                         absl::FormatDuration(deadline), "; it may or may not take effect")));
      });
}

void PendingCall::Answer(absl::StatusOr<std::string> outcome) {
  gate_.Post([call = shared_from_this(), outcome = std::move(outcome)]() mutable {
    call->Deliver(std::move(outcome));
  });
}

void PendingCall::Deliver(absl::StatusOr<std::string> outcome) {
  const std::shared_ptr<OnReply> holder = on_reply_.lock();
  if (holder == nullptr) return;
  on_reply_.reset();
  // Frees the timer's references; it runs already if this is the deadline.
  executor_->CancelTimer(timer_);
  (*holder)(std::move(outcome));
}

void PendingCall::Drop() {
  gate_.Close();
  // Once on_reply is gone the call has ended, or the executor has been shut down.
  if (on_reply_.expired()) return;
  on_reply_.reset();
  executor_->CancelTimer(timer_);
}

}  // namespace weir
