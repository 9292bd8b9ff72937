#include "cli/env/thread_executor.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "core/base/check.h"

namespace weir {
namespace {

// More than any process lives, and far from the end of int64.
constexpr absl::Duration kDelayMax = absl::Hours(24 * 365 * 100);

// A queue that once held a burst gives its memory back.
constexpr size_t kKeptCapacityMax = 16 * 1024;

// An executor that ran dry offers its core to others a few times before it sleeps: work often follows within the microseconds
// that sleeping and waking would take. It makes short frames on a stream four times faster and delays nobody who is ready to
// run. See env_bench.
constexpr int kYieldsMax = 8;

thread_local const ThreadExecutor* current_executor = nullptr;

int64_t NowNs() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

std::chrono::steady_clock::time_point TimePoint(int64_t time_ns) {
  return std::chrono::steady_clock::time_point(std::chrono::nanoseconds(time_ns));
}

}  // namespace

ThreadExecutor::ThreadExecutor(std::string name, ExecutorKind kind, LifeId life)
    : name_(std::move(name)), kind_(kind), life_(life), thread_([this] { Run(); }) {}

ThreadExecutor::~ThreadExecutor() { Shutdown(); }

const ThreadExecutor* ThreadExecutor::Current() { return current_executor; }

bool ThreadExecutor::IsCurrent() const { return current_executor == this; }

void ThreadExecutor::Post(Closure closure) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    // A closure that comes too late is destroyed with the parameter, after the lock is released.
    if (stopped_.load(std::memory_order_relaxed)) return;
    queue_.push_back(std::move(closure));
    has_queued_.store(true, std::memory_order_relaxed);
    if (!std::exchange(sleeping_, false)) return;
  }
  wake_.notify_one();
}

TimerId ThreadExecutor::PostAfter(absl::Duration delay, Closure closure) {
  WEIR_CHECK(delay >= absl::ZeroDuration())
      << "PostAfter on " << name_ << " with the negative delay " << absl::FormatDuration(delay);
  // Rounded up: a timer never fires early.
  const int64_t delay_ns =
      absl::ToInt64Nanoseconds(absl::Ceil(std::min(delay, kDelayMax), absl::Nanoseconds(1)));
  TimerId timer;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    // No timer has id 0, so that cancelling it is false.
    if (stopped_.load(std::memory_order_relaxed)) return TimerId();
    const int64_t time_ns = NowNs() + delay_ns;
    const bool first = !timers_.has_pending() || time_ns < timers_.next_time_ns();
    timer = timers_.Add(time_ns, std::move(closure));
    if (!first || !std::exchange(sleeping_, false)) return timer;
  }
  wake_.notify_one();
  return timer;
}

bool ThreadExecutor::CancelTimer(TimerId timer) {
  Closure cancelled;  // Destroyed without the lock: its destructor may post.
  std::lock_guard<std::mutex> lock(mutex_);
  cancelled = timers_.Cancel(timer);
  return static_cast<bool>(cancelled);
}

void ThreadExecutor::Shutdown() {
  WEIR_CHECK(!IsCurrent()) << name_ << " cannot shut itself down: post that to another executor";
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stopped_.store(true, std::memory_order_relaxed);
    sleeping_ = false;
  }
  wake_.notify_one();
  std::lock_guard<std::mutex> lock(join_mutex_);
  if (thread_.joinable()) thread_.join();
}

void ThreadExecutor::Run() {
  current_executor = this;
  // Linux shows 15 characters; the end of "tm-1/worker-0" says more than its start.
  pthread_setname_np(pthread_self(), name_.c_str() + (name_.size() > 15 ? name_.size() - 15 : 0));
  while (TakeBatch()) RunBatch();
  DestroyAll();
}

void ThreadExecutor::AwaitQueuedBriefly() const {
  for (int i = 0; i < kYieldsMax; ++i) {
    if (has_queued_.load(std::memory_order_relaxed) || stopped_.load(std::memory_order_relaxed))
      return;
    std::this_thread::yield();
  }
}

bool ThreadExecutor::TakeBatch() {
  AwaitQueuedBriefly();
  std::unique_lock<std::mutex> lock(mutex_);
  while (!stopped_.load(std::memory_order_relaxed)) {
    QueueDueTimers();
    if (!queue_.empty()) {
      queue_.swap(batch_);
      has_queued_.store(false, std::memory_order_relaxed);
      return true;
    }
    sleeping_ = true;
    if (timers_.has_pending()) {
      wake_.wait_until(lock, TimePoint(timers_.next_time_ns()));
    } else {
      wake_.wait(lock);
    }
    sleeping_ = false;
  }
  return false;
}

void ThreadExecutor::QueueDueTimers() {
  if (!timers_.has_pending()) return;
  const int64_t now_ns = NowNs();
  // The closure stays in timers_, so that the timer can be cancelled until it runs.
  while (const std::optional<TimerId> timer = timers_.NextDue(now_ns)) {
    queue_.push_back([this, id = *timer] { RunTimer(id); });
  }
}

void ThreadExecutor::RunBatch() {
  for (Closure& closure : batch_) {
    if (stopped_.load(std::memory_order_relaxed)) return;
    closure();
    closure = nullptr;  // What it held must not live until the end of the batch.
  }
  batch_.clear();
  if (batch_.capacity() > kKeptCapacityMax) batch_.shrink_to_fit();
}

void ThreadExecutor::RunTimer(TimerId timer) {
  Closure closure;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    closure = timers_.TakeDue(timer);
  }
  if (closure) closure();
}

void ThreadExecutor::DestroyAll() {
  // Destructors may call this executor, so they run without the lock; what they post is dropped.
  std::vector<Closure> queue;
  TimerQueue timers;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    queue.swap(queue_);
    std::swap(timers, timers_);
  }
  batch_.clear();
}

}  // namespace weir
