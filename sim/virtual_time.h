// Virtual time: nanoseconds since the world began, as an integer.
//
// Inside a turn it runs ahead of the instant at which the turn began by what the turn has charged
// so far; no other executor sees that part before the turn's charges end.
//
// Bounds: 292 years. Sums saturate at kNever, which no event ever reaches.
#ifndef WEIR_SIM_VIRTUAL_TIME_H_
#define WEIR_SIM_VIRTUAL_TIME_H_

#include <cstdint>
#include <limits>

#include "absl/time/time.h"

namespace weir::sim {

inline constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

// For delay >= 0.
inline int64_t AddDelay(int64_t time_ns, int64_t delay_ns) {
  return delay_ns > kNever - time_ns ? kNever : time_ns + delay_ns;
}

// Rounded towards zero; too long ones become kNever.
inline int64_t ToNanoseconds(absl::Duration duration) { return absl::ToInt64Nanoseconds(duration); }

struct VirtualTime {
  int64_t instant = 0;  // When the event that is being handled happened.
  int64_t charged = 0;  // What the running turn has charged; 0 outside of turns.

  int64_t now() const { return instant + charged; }
};

}  // namespace weir::sim

#endif  // WEIR_SIM_VIRTUAL_TIME_H_
