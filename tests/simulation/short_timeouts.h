// Time-outs of a cluster that make failures seen, and mended, within seconds of simulated time.
#ifndef WEIR_TESTS_SIMULATION_SHORT_TIMEOUTS_H_
#define WEIR_TESTS_SIMULATION_SHORT_TIMEOUTS_H_

#include "absl/time/time.h"
#include "core/cluster/cluster_options.h"

namespace weir {

inline ClusterTimeouts ShortTimeouts() {
  ClusterTimeouts timeouts;
  timeouts.heartbeat_interval = absl::Milliseconds(200);
  timeouts.heartbeat_timeout = absl::Seconds(2);
  timeouts.ask_timeout = absl::Seconds(1);
  timeouts.retry_delay = absl::Milliseconds(100);
  timeouts.slot_claim = absl::Seconds(2);
  return timeouts;
}

// The same, for deploying and releasing tasks as well.
inline ClusterTimeouts ShortTimeoutsOfTasks() {
  ClusterTimeouts timeouts = ShortTimeouts();
  timeouts.deploy_timeout = absl::Seconds(2);
  timeouts.release_timeout = absl::Seconds(2);
  return timeouts;
}

}  // namespace weir

#endif  // WEIR_TESTS_SIMULATION_SHORT_TIMEOUTS_H_
