#include "tests/bench/reference_loops.h"

namespace weir::bench {
namespace {

uint64_t NextRandom(uint64_t& state) {
  state += 0x9E3779B97F4A7C15u;
  uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

// Open addressing with linear probing, power-of-two size, load at most one half; key -1 marks an empty slot.
class CountTable {
 public:
  CountTable() : slots_(1024) {}

  void Add(int64_t key) {
    size_t at = Slot(key);
    while (slots_[at].key != key) {
      if (slots_[at].key == -1) {
        slots_[at].key = key;
        if (++size_ * 2 > slots_.size()) {
          Grow();
          return Add(key);
        }
        break;
      }
      at = (at + 1) & (slots_.size() - 1);
    }
    ++slots_[at].count;
  }

  template <class Fn>
  void Drain(Fn fn) {
    for (Entry& slot : slots_) {
      if (slot.key == -1) continue;
      fn(slot.key, slot.count);
      slot = Entry();
    }
    size_ = 0;
  }

 private:
  struct Entry {
    int64_t key = -1;
    int64_t count = 0;
  };
  size_t Slot(int64_t key) const {
    return (static_cast<uint64_t>(key) * 0x9E3779B97F4A7C15u >> 32) & (slots_.size() - 1);
  }
  void Grow() {
    std::vector<Entry> old(slots_.size() * 2);
    old.swap(slots_);
    for (const Entry& entry : old) {
      if (entry.key == -1) continue;
      size_t at = Slot(entry.key);
      while (slots_[at].key != -1) at = (at + 1) & (slots_.size() - 1);
      slots_[at] = entry;
    }
  }
  std::vector<Entry> slots_;
  size_t size_ = 0;
};

}  // namespace

std::vector<Event> MakeEvents(int64_t count, int64_t keys) {
  std::vector<Event> events(static_cast<size_t>(count));
  uint64_t state = 42;
  int64_t time = 1'700'000'000'000'000;
  for (Event& event : events) {
    event.key = static_cast<int64_t>(NextRandom(state) % static_cast<uint64_t>(keys));
    event.value = static_cast<int64_t>(NextRandom(state) >> 20);
    event.time = EventTime::FromMicros(time++);
  }
  return events;
}

ChainResult ChainOfFive(const std::vector<Event>& events) {
  ChainResult result;
  for (Event event : events) {
    Scale(event);
    if (!IsOdd(event)) continue;
    Mix(event);
    if (!IsSmall(event)) continue;
    Shift(event);
    ++result.rows;
    result.checksum += static_cast<uint64_t>(event.value);
  }
  return result;
}

CountResult TumblingCount(const std::vector<Event>& events, int64_t window_us) {
  CountResult result;
  CountTable table;
  int64_t window_start = 0;
  int64_t window_end = 0;
  auto fire = [&] {
    table.Drain([&](int64_t key, int64_t count) {
      ++result.rows;
      result.checksum += MixCount(window_start, key, count);
    });
  };
  for (const Event& event : events) {
    const int64_t time = event.time.micros();
    if (time >= window_end) {
      fire();
      window_start = time - time % window_us;
      window_end = window_start + window_us;
    }
    table.Add(event.key);
  }
  fire();
  return result;
}

}  // namespace weir::bench
