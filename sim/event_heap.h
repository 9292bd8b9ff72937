// EventHeap: the future of a world, ordered by time and then by the order of scheduling.
//
// Events are plain data; what they do is in the slot or queue that they name. A slot that was
// cancelled leaves its event behind: the owner tells whether an event is stale, and Compact removes
// those when they are the majority. Every sequence number is used once, so the order is total and
// does not depend on the shape of the heap.
//
// A 4-ary heap: one cache line holds most of a node's children. Push and Pop are O(log4 n).
#ifndef WEIR_SIM_EVENT_HEAP_H_
#define WEIR_SIM_EVENT_HEAP_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace weir::sim {

struct Event {
  enum class Kind : uint8_t {
    kClosure,       // Deliver the closure in slot `index`.
    kDeparture,     // Slot `index` holds a message that leaves now.
    kWakeExecutor,  // Executor `index` is no longer busy.
    kWakeMachine,   // Machine `index` may start a turn again.
  };

  int64_t time = 0;
  uint64_t sequence = 0;
  uint32_t generation = 0;  // Of the slot.
  uint32_t index : 30 = 0;
  Kind kind : 2 = Kind::kClosure;

  bool operator<(const Event& other) const {
    return time != other.time ? time < other.time : sequence < other.sequence;
  }
};
static_assert(sizeof(Event) == 24);

class EventHeap {
 public:
  bool empty() const { return events_.empty(); }
  size_t size() const { return events_.size(); }
  const Event& top() const { return events_.front(); }

  void Push(const Event& event) {
    events_.push_back(event);
    size_t at = events_.size() - 1;
    while (at > 0) {
      const size_t parent = (at - 1) / kArity;
      if (!(event < events_[parent])) break;
      events_[at] = events_[parent];
      at = parent;
    }
    events_[at] = event;
  }

  Event Pop() {
    const Event first = events_.front();
    const Event last = events_.back();
    events_.pop_back();
    if (!events_.empty()) SiftDown(0, last);
    return first;
  }

  // Removes the events for which `is_stale` holds. O(n).
  template <typename IsStale>
  void Compact(IsStale&& is_stale) {
    std::erase_if(events_, std::forward<IsStale>(is_stale));
    std::sort(events_.begin(), events_.end());  // A sorted array is a heap.
  }

 private:
  static constexpr size_t kArity = 4;

  void SiftDown(size_t at, const Event& event) {
    const size_t size = events_.size();
    for (;;) {
      const size_t first = at * kArity + 1;
      if (first >= size) break;
      size_t least = first;
      const size_t end = std::min(first + kArity, size);
      for (size_t child = first + 1; child < end; ++child) {
        if (events_[child] < events_[least]) least = child;
      }
      if (!(events_[least] < event)) break;
      events_[at] = events_[least];
      at = least;
    }
    events_[at] = event;
  }

  std::vector<Event> events_;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_EVENT_HEAP_H_
