// EventLog: what happened in a contract test, in the order in which it was added. Written by
// closures of any executor and read by the test's thread, hence the mutex: this is a named file for
// the rule that core has no locks.
#ifndef WEIR_CORE_ENV_TESTING_EVENT_LOG_H_
#define WEIR_CORE_ENV_TESTING_EVENT_LOG_H_

#include <algorithm>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace weir {

class EventLog {
 public:
  void Add(std::string event) {
    std::lock_guard<std::mutex> lock(mutex_);
    events_.push_back(std::move(event));
  }

  std::vector<std::string> events() const {
    std::lock_guard<std::mutex> lock(mutex_);
    return events_;
  }

  int size() const {
    std::lock_guard<std::mutex> lock(mutex_);
    return static_cast<int>(events_.size());
  }

  int Count(const std::string& event) const {
    std::lock_guard<std::mutex> lock(mutex_);
    return static_cast<int>(std::count(events_.begin(), events_.end(), event));
  }

  bool Has(const std::string& event) const { return Count(event) > 0; }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> events_;
};

}  // namespace weir

#endif  // WEIR_CORE_ENV_TESTING_EVENT_LOG_H_
