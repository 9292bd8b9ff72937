// ManualEnv: an Env for tests of one actor: time stands still until the test moves it, and closures run when the test says so, on
// the test's thread. It has no network and no file system (asking for them is a failed CHECK). Testonly.
#ifndef WEIR_CORE_TESTING_MANUAL_ENV_H_
#define WEIR_CORE_TESTING_MANUAL_ENV_H_

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/time/time.h"
#include "core/env/env.h"

namespace weir {

class ManualClock final : public Clock {
 public:
  absl::Time Wall() const override { return absl::FromUnixSeconds(1'700'000'000) + now_; }
  absl::Duration Monotonic() const override { return now_; }
  void Advance(absl::Duration by) { now_ += by; }

 private:
  absl::Duration now_ = absl::ZeroDuration();
};

class ManualExecutor final : public Executor {
 public:
  ManualExecutor(const ManualClock& clock, std::string name, ExecutorKind kind)
      : clock_(clock), name_(std::move(name)), kind_(kind) {}

  void Post(Closure closure) override;
  TimerId PostAfter(absl::Duration delay, Closure closure) override;
  bool CancelTimer(TimerId timer) override;
  void Charge(absl::Duration) override {}
  bool IsCurrent() const override { return running_; }
  void Shutdown() override;
  ExecutorKind kind() const override { return kind_; }
  LifeId life() const override { return LifeId(1); }
  std::string_view name() const override { return name_; }

  // Runs what is queued or due, and what that queues, in order. Returns how many closures ran.
  size_t RunReady();
  size_t pending_timers() const { return timers_.size(); }

 private:
  using TimerKey =
      std::pair<absl::Duration, uint64_t>;  // When due, then in the order in which they were set.

  const ManualClock& clock_;
  const std::string name_;
  const ExecutorKind kind_;
  std::deque<Closure> queue_;
  std::map<TimerKey, Closure> timers_;
  std::map<uint64_t, absl::Duration> due_;  // Of the timers that are set, by id.
  uint64_t next_timer_ = 1;
  bool running_ = false;
  bool ended_ = false;
};

class ManualRandom final : public Random {
 public:
  uint64_t Draw(const RandomSite& site) override;

 private:
  std::map<std::string, uint64_t> drawn_;  // By address.
};

class ManualEnv final : public Env {
 public:
  ManualClock& clock() override { return clock_; }
  Random& random() override { return random_; }
  Network& network() override;
  FileSystem& file_system() override;
  std::unique_ptr<Executor> NewExecutor(std::string_view name, ExecutorKind kind) override;
  int worker_count() const override { return 1; }

 private:
  ManualClock clock_;
  ManualRandom random_;
};

}  // namespace weir

#endif  // WEIR_CORE_TESTING_MANUAL_ENV_H_
