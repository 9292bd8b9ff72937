#include "core/testing/subtask_under_test.h"

#include <string>
#include <utility>

#include "absl/time/time.h"
#include "core/base/check.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

// Far more than anything takes, also under a sanitizer on a busy machine.
constexpr absl::Duration kPatience = absl::Seconds(60);

}  // namespace

void RunOnIo(EnvUnderTest& under_test, const std::function<void()>& closure) {
  const std::unique_ptr<Executor> executor =
      under_test.env().NewExecutor("test-io", ExecutorKind::kIo);
  RunOn(under_test, *executor, closure);
  executor->Shutdown();
}

void RunOn(EnvUnderTest& under_test, Executor& executor, const std::function<void()>& closure) {
  std::atomic<bool> ran = false;
  executor.Post([&] {
    closure();
    ran = true;
  });
  EXPECT_TRUE(under_test.RunUntil([&] { return ran.load(); }, kPatience));
}

SubtaskUnderTest::SubtaskUnderTest(EnvUnderTest& under_test, int subtask_index, int parallelism)
    : under_test_(under_test) {
  identity_.job_name = "test";
  identity_.uid = "under-test";
  identity_.name = "under test";
  identity_.subtask_index = subtask_index;
  identity_.parallelism = parallelism;
  const std::string suffix = std::to_string(subtask_index);
  executor_ = env().NewExecutor("subtask-" + suffix, ExecutorKind::kWorker);
  io_executor_ = env().NewExecutor("io-" + suffix, ExecutorKind::kIo);
}

SubtaskUnderTest::~SubtaskUnderTest() {
  // Neither is destroyed while a closure of the other may still post to it.
  executor_->Shutdown();
  io_executor_->Shutdown();
  EXPECT_FALSE(late_wake_) << "Wake() was called after Close()";
}

void SubtaskUnderTest::Start(Step step) {
  WEIR_CHECK(finished_) << "the step before has not finished";
  finished_ = false;
  executor_->Post([this, step = std::move(step)]() mutable {
    step_ = std::move(step);
    CallStep();
  });
}

bool SubtaskUnderTest::Finish() {
  const bool finished = under_test_.RunUntil([&] { return finished_.load(); }, kPatience);
  EXPECT_TRUE(finished) << "the subtask waits for a Wake() that does not come";
  return finished;
}

bool SubtaskUnderTest::Run(Step step) {
  Start(std::move(step));
  return Finish();
}

void SubtaskUnderTest::CallStep() {
  if (!step_) return;
  const Next next = step_();
  if (next == Next::kAgain) {
    executor_->Post([this] { CallStep(); });
  } else if (next == Next::kFinished) {
    step_ = nullptr;
    finished_ = true;
  }
}

void SubtaskUnderTest::Wake() {
  if (closed_) late_wake_ = true;
  executor_->Post([this] { CallStep(); });
}

}  // namespace weir
