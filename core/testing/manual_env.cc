#include "core/testing/manual_env.h"

#include "core/base/check.h"

namespace weir {

void ManualExecutor::Post(Closure closure) {
  if (!ended_) queue_.push_back(std::move(closure));
}

TimerId ManualExecutor::PostAfter(absl::Duration delay, Closure closure) {
  WEIR_CHECK(delay >= absl::ZeroDuration());
  const uint64_t id = next_timer_++;
  if (ended_) return TimerId(id);
  const absl::Duration due = clock_.Monotonic() + delay;
  timers_.emplace(TimerKey(due, id), std::move(closure));
  due_.emplace(id, due);
  return TimerId(id);
}

bool ManualExecutor::CancelTimer(TimerId timer) {
  const auto found = due_.find(timer.value());
  if (found == due_.end()) return false;
  timers_.erase(TimerKey(found->second, timer.value()));
  due_.erase(found);
  return true;
}

void ManualExecutor::Shutdown() {
  ended_ = true;
  queue_.clear();
  timers_.clear();
  due_.clear();
}

size_t ManualExecutor::RunReady() {
  WEIR_CHECK(!running_);
  size_t ran = 0;
  for (;; ++ran) {
    while (!timers_.empty() && timers_.begin()->first.first <= clock_.Monotonic()) {
      auto node = timers_.extract(timers_.begin());
      due_.erase(node.key().second);
      queue_.push_back(std::move(node.mapped()));
    }
    if (queue_.empty()) return ran;
    Closure closure = std::move(queue_.front());
    queue_.pop_front();
    running_ = true;
    closure();
    running_ = false;
  }
}

uint64_t ManualRandom::Draw(const RandomSite& site) {
  const std::string address = std::to_string(static_cast<int>(site.stream)) + "/" +
                              std::string(site.site) + "/" + std::to_string(site.entity);
  const uint64_t nth = drawn_[address]++;
  return AddressedDraw(0, site, nth);
}

Network& ManualEnv::network() {
  WEIR_CHECK(false) << "a ManualEnv has no network";
  __builtin_unreachable();
}

FileSystem& ManualEnv::file_system() {
  WEIR_CHECK(false) << "a ManualEnv has no file system";
  __builtin_unreachable();
}

std::unique_ptr<Executor> ManualEnv::NewExecutor(std::string_view name, ExecutorKind kind) {
  return std::make_unique<ManualExecutor>(clock_, std::string(name), kind);
}

}  // namespace weir
