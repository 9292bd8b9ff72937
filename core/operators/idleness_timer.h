// IdlenessTimer: decides that a reader has had nothing for a whole period. The period is cut into slices, each armed only when
// the one before has fired, so time in which the executor did not run (a paused process) counts as one slice at most. Belongs
// to the executor it is given; Stop() or destruction there cancels what is armed.
#ifndef WEIR_CORE_OPERATORS_IDLENESS_TIMER_H_
#define WEIR_CORE_OPERATORS_IDLENESS_TIMER_H_

#include <functional>
#include <optional>
#include <utility>

#include "absl/time/time.h"
#include "core/env/executor.h"

namespace weir {

class IdlenessTimer {
 public:
  static constexpr int kSlices = 8;

  // `on_slice` runs on `executor` after each slice: the owner polls its reader again and reports what it says.
  IdlenessTimer(Executor& executor, absl::Duration period, std::function<void()> on_slice)
      : executor_(executor), slice_(period / kSlices), on_slice_(std::move(on_slice)) {}
  ~IdlenessTimer() { Stop(); }
  IdlenessTimer(const IdlenessTimer&) = delete;
  IdlenessTimer& operator=(const IdlenessTimer&) = delete;

  // The reader said "nothing now". True once it has said nothing else for the whole period.
  bool OnNothing() {
    if (slices_fired_ == kSlices) return true;
    if (!armed_.has_value()) Arm();
    return false;
  }

  // The reader said something else, or was not asked.
  void Stop() {
    if (armed_.has_value()) executor_.CancelTimer(*armed_);
    armed_.reset();
    slices_fired_ = 0;
  }

 private:
  void Arm() {
    armed_ = executor_.PostAfter(slice_, [this] {
      armed_.reset();
      ++slices_fired_;
      on_slice_();
    });
  }

  Executor& executor_;
  const absl::Duration slice_;
  const std::function<void()> on_slice_;
  std::optional<TimerId> armed_;
  int slices_fired_ = 0;
};

}  // namespace weir

#endif  // WEIR_CORE_OPERATORS_IDLENESS_TIMER_H_
