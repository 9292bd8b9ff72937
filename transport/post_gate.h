// PostGate: a way to an executor that its owner can close, after which nobody posts there any more.
//
// The peer of a stream or call posts to an executor that may go away once the object on it is
// destroyed. Close() waits for a Post that is under way, so that the executor need not live longer
// than that object. A named file for the rule about locks.
//
// A closure that cannot be posted is destroyed inside Post(), under the gate's mutex. So a closure
// must not hold the last reference to anything whose destructor acts: hand it a shared_ptr and keep
// a copy until Post() has returned.
#ifndef WEIR_TRANSPORT_POST_GATE_H_
#define WEIR_TRANSPORT_POST_GATE_H_

#include <mutex>
#include <utility>

#include "core/env/executor.h"

namespace weir {

class PostGate {
 public:
  // Open. Null makes one that is closed from the start.
  explicit PostGate(Executor* executor) : executor_(executor) {}

  void Post(Closure closure) {
    std::lock_guard<std::mutex> lock(mutex_);
    if (executor_ != nullptr) executor_->Post(std::move(closure));
  }

  void Close() {
    std::lock_guard<std::mutex> lock(mutex_);
    executor_ = nullptr;
  }

 private:
  std::mutex mutex_;
  Executor* executor_;  // Guarded by mutex_; null when closed.
};

}  // namespace weir

#endif  // WEIR_TRANSPORT_POST_GATE_H_
