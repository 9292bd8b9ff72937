// Executor: a serial queue of closures and timers. Every actor belongs to exactly one.
//
// Guarantees:
//   - Closures run one at a time, never two of one executor at once, in the order in which they
//   were posted by
//     any one poster (the order between posters is the executor's; the simulator draws it).
//   - A timer fires at or after its time, as a closure behind those that are queued then; timers
//   with equal times
//     fire in the order in which they were set.
//   - Nothing runs inside Post() or PostAfter(): the closure always runs later, on the executor.
//   - A closure is destroyed after it ran and before the next one runs.
//   - Each executor belongs to a life (see LifeId). When that life ends (Shutdown, or the process
//   is killed) queued
//     closures and timers are destroyed without being run, and later posts are dropped.
//
// Post, PostAfter and CancelTimer may be called from any thread; a closure that arrives after
// Shutdown is destroyed on the caller's thread. Everything else is called by the owner.
#ifndef WEIR_CORE_ENV_EXECUTOR_H_
#define WEIR_CORE_ENV_EXECUTOR_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "core/base/strong_id.h"

namespace weir {

using Closure = absl::AnyInvocable<void()>;

using TimerId = StrongId<struct TimerIdTag, uint64_t>;

// One life of one process on one machine. A restarted process has a new, larger one.
using LifeId = StrongId<struct LifeIdTag, uint64_t>;

enum class ExecutorKind {
  kControl,  // JobManager, TaskManager: short turns, calls and heartbeats.
  kWorker,   // Runs subtasks: turns may be long; network and file calls never block here.
  kIo,       // The only kind that may call FileSystem (both Envs CHECK this).
};

class Executor {
 public:
  virtual ~Executor() = default;

  // Queues `closure` behind everything that is queued.
  virtual void Post(Closure closure) = 0;

  // Runs `closure` once, `delay` (>= 0) from now on the executor's monotonic clock.
  virtual TimerId PostAfter(absl::Duration delay, Closure closure) = 0;

  // The closure of `timer` will not run if this returns true; false if it ran, runs now, or is
  // unknown.
  virtual bool CancelTimer(TimerId timer) = 0;

  // States that the running closure did work worth `cost`. Production ignores it; the simulator
  // lets virtual time pass: what the closure posts, sends and arms is released when its charges
  // end. Called only from a closure that runs here.
  virtual void Charge(absl::Duration cost) = 0;

  // True when called from a closure that runs on this executor.
  virtual bool IsCurrent() const = 0;

  // Ends the life of this executor: waits for the running closure, destroys what is queued, drops
  // later posts. Must not be called from a closure of this executor. Idempotent. The destructor
  // calls it.
  virtual void Shutdown() = 0;

  virtual ExecutorKind kind() const = 0;
  virtual LifeId life() const = 0;
  // For messages and traces, e.g. "tm-1/worker-0". Unique within an Env.
  virtual std::string_view name() const = 0;
};

}  // namespace weir

#endif  // WEIR_CORE_ENV_EXECUTOR_H_
