// TimerQueue: the timers of one ThreadExecutor. Not thread-safe; the executor guards it with its
// mutex.
//
// A timer is pending until its time, then due (it stands in the executor's queue), then taken or
// cancelled. Order is by (time, id), and ids count up, so equal times keep the order of setting.
// All operations are O(log n).
#ifndef WEIR_CLI_ENV_TIMER_QUEUE_H_
#define WEIR_CLI_ENV_TIMER_QUEUE_H_

#include <cstdint>
#include <optional>
#include <utility>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "core/env/executor.h"

namespace weir {

class TimerQueue {
 public:
  // Times are nanoseconds of the monotonic clock.
  TimerId Add(int64_t time_ns, Closure closure) {
    const uint64_t id = ++last_id_;
    pending_.emplace(Key(time_ns, id), std::move(closure));
    times_.emplace(id, time_ns);
    return TimerId(id);
  }

  bool has_pending() const { return !pending_.empty(); }
  // The time of the first pending timer; has_pending() must hold.
  int64_t next_time_ns() const { return pending_.begin()->first.first; }

  // Makes the first pending timer due if its time has come.
  std::optional<TimerId> NextDue(int64_t now_ns) {
    if (pending_.empty() || next_time_ns() > now_ns) return std::nullopt;
    const auto first = pending_.begin();
    const uint64_t id = first->first.second;
    due_.emplace(id, std::move(first->second));
    times_.erase(id);
    pending_.erase(first);
    return TimerId(id);
  }

  // Removes a timer that is due and gives its closure; null if it was cancelled.
  Closure TakeDue(TimerId timer) {
    auto node = due_.extract(timer.value());
    return node.empty() ? Closure() : std::move(node.mapped());
  }

  // Removes a timer that is pending or due and gives its closure, for the caller to destroy; null
  // if there is none.
  Closure Cancel(TimerId timer) {
    const auto time = times_.find(timer.value());
    if (time == times_.end()) return TakeDue(timer);
    const auto pending = pending_.find(Key(time->second, timer.value()));
    Closure closure = std::move(pending->second);
    pending_.erase(pending);
    times_.erase(time);
    return closure;
  }

 private:
  using Key = std::pair<int64_t, uint64_t>;  // Time and id.

  uint64_t last_id_ = 0;
  absl::btree_map<Key, Closure> pending_;
  absl::flat_hash_map<uint64_t, int64_t> times_;  // Of the pending ones.
  absl::flat_hash_map<uint64_t, Closure> due_;
};

}  // namespace weir

#endif  // WEIR_CLI_ENV_TIMER_QUEUE_H_
