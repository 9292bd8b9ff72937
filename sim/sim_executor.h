// SimExecutor: the Executor of a simulated process; a handle for a queue of the world's EventLoop.
#ifndef WEIR_SIM_SIM_EXECUTOR_H_
#define WEIR_SIM_SIM_EXECUTOR_H_

#include <cstdint>
#include <string_view>
#include <utility>

#include "core/base/check.h"
#include "core/env/executor.h"
#include "sim/event_loop.h"
#include "sim/virtual_time.h"

namespace weir::sim {

class SimExecutor final : public Executor {
 public:
  // `index` is the executor's in `loop`, which outlives this object.
  SimExecutor(EventLoop* loop, uint32_t index, ExecutorKind kind, LifeId life)
      : loop_(loop), index_(index), kind_(kind), life_(life) {}
  ~SimExecutor() override { Shutdown(); }

  void Post(Closure closure) override { loop_->Post(index_, std::move(closure)); }
  TimerId PostAfter(absl::Duration delay, Closure closure) override {
    WEIR_CHECK(delay >= absl::ZeroDuration()) << "a timer in the past on " << name();
    return loop_->PostAfter(index_, ToNanoseconds(delay), std::move(closure));
  }
  bool CancelTimer(TimerId timer) override { return loop_->CancelTimer(index_, timer); }
  void Charge(absl::Duration cost) override {
    WEIR_CHECK(IsCurrent()) << "Charge outside of the closures of " << name();
    loop_->Charge(ToNanoseconds(cost));
  }
  bool IsCurrent() const override { return loop_->IsCurrent(index_); }
  void Shutdown() override { loop_->EndExecutor(index_); }
  ExecutorKind kind() const override { return kind_; }
  LifeId life() const override { return life_; }
  std::string_view name() const override { return loop_->executor_name(index_); }

  uint32_t index() const { return index_; }

 private:
  EventLoop* loop_;
  uint32_t index_;
  ExecutorKind kind_;
  LifeId life_;
};

// The loop's number for an executor that came from a simulated Env. What outlives executors keeps
// the number, because a number that names nobody alive is harmless.
inline uint32_t IndexOf(Executor* executor) {
  auto* const simulated = dynamic_cast<SimExecutor*>(executor);
  WEIR_CHECK(simulated != nullptr) << "an executor of another Env in a simulated one";
  return simulated->index();
}

}  // namespace weir::sim

#endif  // WEIR_SIM_SIM_EXECUTOR_H_
