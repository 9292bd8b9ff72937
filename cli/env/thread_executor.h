// ThreadExecutor: the production Executor, one thread with a queue and timers.
//
// The thread takes the whole queue at once and runs it without the lock, so that a Post costs one
// short critical section; it wakes the thread only if that sleeps. Queue and timers are unbounded:
// what bounds them are credits, deadlines and the MemoryBudget of their users. A named file for the
// rule about locks, threads and atomics.
#ifndef WEIR_CLI_ENV_THREAD_EXECUTOR_H_
#define WEIR_CLI_ENV_THREAD_EXECUTOR_H_

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "cli/env/timer_queue.h"
#include "core/env/executor.h"

namespace weir {

class ThreadExecutor final : public Executor {
 public:
  // Starts the thread.
  ThreadExecutor(std::string name, ExecutorKind kind, LifeId life);
  ~ThreadExecutor() override;

  void Post(Closure closure) override;
  TimerId PostAfter(absl::Duration delay, Closure closure) override;
  bool CancelTimer(TimerId timer) override;
  void Charge(absl::Duration) override {}
  bool IsCurrent() const override;
  // What is queued is destroyed on the thread, before this returns.
  void Shutdown() override;

  ExecutorKind kind() const override { return kind_; }
  LifeId life() const override { return life_; }
  std::string_view name() const override { return name_; }

  // The executor that owns the calling thread; null elsewhere.
  static const ThreadExecutor* Current();

 private:
  void Run();
  // Waits for work and moves it to batch_; false after Shutdown.
  bool TakeBatch();
  void AwaitQueuedBriefly() const;
  void RunBatch();
  void RunTimer(TimerId timer);
  void DestroyAll();
  void QueueDueTimers();  // mutex_ is held.

  const std::string name_;
  const ExecutorKind kind_;
  const LifeId life_;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Closure> queue_;  // Guarded by mutex_, as all down to sleeping_.
  TimerQueue timers_;
  bool sleeping_ = false;  // The thread waits and nobody has woken it yet.

  std::atomic<bool> has_queued_{false};  // A hint that queue_ holds something.
  std::atomic<bool> stopped_{false};     // Set under mutex_; read without it between closures.
  std::vector<Closure> batch_;           // The thread's own.

  std::mutex join_mutex_;  // Lets several callers of Shutdown wait for the one thread.
  std::thread thread_;
};

}  // namespace weir

#endif  // WEIR_CLI_ENV_THREAD_EXECUTOR_H_
