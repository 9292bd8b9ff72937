// What a person would write instead of a job: single-threaded loops over data of their own, without a virtual call. The engine is
// measured against these. Each returns a checksum that the engine's result must equal.
#ifndef WEIR_TESTS_BENCH_REFERENCE_LOOPS_H_
#define WEIR_TESTS_BENCH_REFERENCE_LOOPS_H_

#include <cstdint>
#include <vector>

#include "core/types/event_time.h"

namespace weir::bench {

struct Event {
  int64_t key = 0;
  int64_t value = 0;
  EventTime time;
};

// `count` events, 1 us apart, with keys below `keys`; the same for the same arguments.
std::vector<Event> MakeEvents(int64_t count, int64_t keys);

// What the chain of five does to one event; shared, so that both sides compute the same.
inline void Scale(Event& event) { event.value = event.value * 3 + 1; }
inline bool IsOdd(const Event& event) { return (event.value & 1) != 0; }
inline void Mix(Event& event) { event.value ^= event.key << 7; }
inline bool IsSmall(const Event& event) { return (event.value & 7) != 5; }
inline void Shift(Event& event) { event.value += event.time.micros() & 0xff; }

struct ChainResult {
  int64_t rows = 0;
  uint64_t checksum = 0;
  friend bool operator==(const ChainResult&, const ChainResult&) = default;
};

// map, filter, map, filter, map, sum.
ChainResult ChainOfFive(const std::vector<Event>& events);

struct CountResult {
  int64_t rows = 0;       // Pairs of key and window.
  uint64_t checksum = 0;  // Over (window start, key, count), whatever the order.
  friend bool operator==(const CountResult&, const CountResult&) = default;
};

inline uint64_t MixCount(int64_t window_start_us, int64_t key, int64_t count) {
  uint64_t h = static_cast<uint64_t>(window_start_us) * 0x9E3779B97F4A7C15u;
  h ^= static_cast<uint64_t>(key) * 0xC2B2AE3D27D4EB4Fu + static_cast<uint64_t>(count);
  return h * 0x165667B19E3779F9u;
}

// Events per key and tumbling window of `window_us`, in a hash table of its own, emptied when a window is over. Events in order.
CountResult TumblingCount(const std::vector<Event>& events, int64_t window_us);

}  // namespace weir::bench

#endif  // WEIR_TESTS_BENCH_REFERENCE_LOOPS_H_
