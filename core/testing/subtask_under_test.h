// SubtaskUnderTest: what a connector or an operator sees of the runtime, on any Env: an
// OperatorContext with executors of its own, and a loop that calls a step again when it may go on.
// Used from the test's thread except where said; closures of the executors touch it meanwhile, so
// what a step writes is read after it has finished.
#ifndef WEIR_CORE_TESTING_SUBTASK_UNDER_TEST_H_
#define WEIR_CORE_TESTING_SUBTASK_UNDER_TEST_H_

#include <atomic>
#include <functional>
#include <memory>

#include "core/env/testing/env_under_test.h"
#include "core/operators/operator_context.h"

namespace weir {

// Runs `closure` on an executor of kind kIo of `under_test`, where files may be used, and returns
// when it has run.
void RunOnIo(EnvUnderTest& under_test, const std::function<void()>& closure);

// The same on an executor that is there.
void RunOn(EnvUnderTest& under_test, Executor& executor, const std::function<void()>& closure);

class SubtaskUnderTest final : public OperatorContext {
 public:
  SubtaskUnderTest(EnvUnderTest& under_test, int subtask_index, int parallelism);
  // Shuts the executors down: nothing runs any more.
  ~SubtaskUnderTest() override;

  enum class Next {
    kAgain,     // Call the step again soon.
    kWait,      // Call it after Wake().
    kFinished,  // Do not call it again.
  };
  using Step = std::function<Next()>;

  // Calls `step` on executor() until it has finished. Wakes may call it more often than it asked
  // for, as they do in production. Requires that the step before has finished.
  void Start(Step step);
  // Fails the test, and returns false, if the started step does not finish: nobody called Wake().
  bool Finish();
  // Both.
  bool Run(Step step);

  // Before anything is opened with this context.
  OperatorIdentity& mutable_identity() { return identity_; }

  // What was made with this context is closed: a Wake() from now on fails the test.
  void ExpectNoMoreWakes() { closed_ = true; }

  // OperatorContext.
  const OperatorIdentity& identity() const override { return identity_; }
  MetricGroup& metrics() override { return metrics_; }
  Env& env() override { return under_test_.env(); }
  Executor& executor() override { return *executor_; }
  Executor& io_executor() override { return *io_executor_; }
  void Wake() override;

 private:
  void CallStep();

  EnvUnderTest& under_test_;
  OperatorIdentity identity_;
  MetricGroup metrics_;
  std::unique_ptr<Executor> executor_;
  std::unique_ptr<Executor> io_executor_;
  Step step_;  // Belongs to executor_; empty when it has finished.
  std::atomic<bool> finished_ = true;
  std::atomic<bool> closed_ = false;
  std::atomic<bool> late_wake_ = false;
};

}  // namespace weir

#endif  // WEIR_CORE_TESTING_SUBTASK_UNDER_TEST_H_
