// SimClock: the Clock of a simulated process. Monotonic counts from the start of the process; Wall
// is the world's start date plus virtual time as the machine's clock tells it. Both include what
// the running turn has charged.
#ifndef WEIR_SIM_SIM_CLOCK_H_
#define WEIR_SIM_SIM_CLOCK_H_

#include <cstdint>

#include "core/env/clock.h"
#include "sim/virtual_time.h"

namespace weir::sim {

// By how much the wall clock of a machine is wrong. Monotonic time is true everywhere.
class WallClockError {
 public:
  int64_t At(int64_t now_ns) const {
    if (drift_ppm_ == 0) [[likely]]
      return offset_ns_;
    return offset_ns_ + (now_ns - drifting_since_ns_) / 1'000'000 * drift_ppm_;
  }
  void Jump(int64_t by_ns) { offset_ns_ += by_ns; }
  // From `now_ns` on it gains `ppm` microseconds per second; negative loses.
  void Drift(int64_t now_ns, int64_t ppm) {
    offset_ns_ = At(now_ns);
    drifting_since_ns_ = now_ns;
    drift_ppm_ = ppm;
  }

 private:
  int64_t offset_ns_ = 0;
  int64_t drift_ppm_ = 0;
  int64_t drifting_since_ns_ = 0;
};

class SimClock final : public Clock {
 public:
  // `wall_start` is the wall time when virtual time was 0. The pointers outlive this object.
  SimClock(const VirtualTime* time, absl::Time wall_start, const WallClockError* error)
      : time_(time), error_(error), wall_start_(wall_start), born_ns_(time->now()) {}

  absl::Time Wall() const override {
    return wall_start_ + absl::Nanoseconds(time_->now() + error_->At(time_->now()));
  }
  absl::Duration Monotonic() const override { return absl::Nanoseconds(time_->now() - born_ns_); }

 private:
  const VirtualTime* time_;
  const WallClockError* error_;
  const absl::Time wall_start_;
  const int64_t born_ns_;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_SIM_CLOCK_H_
