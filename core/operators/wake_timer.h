// WakeTimer: wakes a blocked source after a while, once at a time. Belongs to the subtask's executor; its timer may outlive it.
#ifndef WEIR_CORE_OPERATORS_WAKE_TIMER_H_
#define WEIR_CORE_OPERATORS_WAKE_TIMER_H_

#include <algorithm>
#include <memory>

#include "absl/time/time.h"
#include "core/env/executor.h"
#include "core/operators/operator_context.h"

namespace weir {

class WakeTimer {
 public:
  // Does nothing if it is armed. Not finer than a millisecond: rows that come faster are made in small bursts. `context` outlives
  // this object.
  void Arm(OperatorContext& context, absl::Duration delay) {
    if (wait_->armed) return;
    wait_->armed = true;
    wait_->timer = context.executor().PostAfter(std::max(delay, absl::Milliseconds(1)),
                                                [wait = wait_, context = &context] {
                                                  if (wait->closed) return;
                                                  wait->armed = false;
                                                  context->Wake();
                                                });
  }
  void Close(OperatorContext& context) {
    wait_->closed = true;
    if (wait_->armed) context.executor().CancelTimer(wait_->timer);
  }

 private:
  struct Wait {
    bool closed = false;
    bool armed = false;
    TimerId timer;
  };
  std::shared_ptr<Wait> wait_ = std::make_shared<Wait>();
};

}  // namespace weir

#endif  // WEIR_CORE_OPERATORS_WAKE_TIMER_H_
