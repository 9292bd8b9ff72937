// SimClock: the Clock of a simulated process. Monotonic counts from the start of the process; Wall
// is the world's start date plus virtual time. Both include what the running turn has charged.
#ifndef WEIR_SIM_SIM_CLOCK_H_
#define WEIR_SIM_SIM_CLOCK_H_

#include <cstdint>

#include "core/env/clock.h"
#include "sim/virtual_time.h"

namespace weir::sim {

class SimClock final : public Clock {
 public:
  // `wall_start` is the wall time when virtual time was 0. `time` outlives this object.
  SimClock(const VirtualTime* time, absl::Time wall_start)
      : time_(time), wall_start_(wall_start), born_ns_(time->now()) {}

  absl::Time Wall() const override { return wall_start_ + absl::Nanoseconds(time_->now()); }
  absl::Duration Monotonic() const override { return absl::Nanoseconds(time_->now() - born_ns_); }

 private:
  const VirtualTime* time_;
  const absl::Time wall_start_;
  const int64_t born_ns_;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_SIM_CLOCK_H_
