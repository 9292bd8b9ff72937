// ProductionClock: the clocks of the machine. Thread-safe.
#ifndef WEIR_CLI_ENV_PRODUCTION_CLOCK_H_
#define WEIR_CLI_ENV_PRODUCTION_CLOCK_H_

#include <chrono>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "core/env/clock.h"

namespace weir {

class ProductionClock final : public Clock {
 public:
  absl::Time Wall() const override { return absl::Now(); }
  absl::Duration Monotonic() const override {
    return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
  }
};

}  // namespace weir

#endif  // WEIR_CLI_ENV_PRODUCTION_CLOCK_H_
