// Clock: the only source of time that is not event time.
//
// Wall() may jump in either direction and differs between machines; use it for things people read.
// Monotonic() never goes back within one process life; use it for time-outs, idleness and rates.
// Neither is ever compared with an EventTime. Safe to call from any executor of the same process.
#ifndef WEIR_CORE_ENV_CLOCK_H_
#define WEIR_CORE_ENV_CLOCK_H_

#include "absl/time/time.h"

namespace weir {

class Clock {
 public:
  virtual ~Clock() = default;

  // The wall clock of this machine.
  virtual absl::Time Wall() const = 0;

  // Time since an arbitrary point that is fixed for the life of the process.
  virtual absl::Duration Monotonic() const = 0;
};

}  // namespace weir

#endif  // WEIR_CORE_ENV_CLOCK_H_
