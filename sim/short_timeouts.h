// Time-outs of a simulated cluster that make failures seen, and mended, within seconds, so that a run sees many of them pass.
#ifndef WEIR_SIM_SHORT_TIMEOUTS_H_
#define WEIR_SIM_SHORT_TIMEOUTS_H_

#include "absl/time/time.h"
#include "core/cluster/cluster_options.h"

namespace weir::sim {

inline ClusterTimeouts ShortTimeouts() {
  ClusterTimeouts timeouts;
  timeouts.heartbeat_interval = absl::Milliseconds(200);
  timeouts.heartbeat_timeout = absl::Seconds(2);
  timeouts.ask_timeout = absl::Seconds(1);
  timeouts.deploy_timeout = absl::Seconds(2);
  timeouts.release_timeout = absl::Seconds(2);
  timeouts.retry_delay = absl::Milliseconds(100);
  timeouts.slot_claim = absl::Seconds(2);
  return timeouts;
}

}  // namespace weir::sim

#endif  // WEIR_SIM_SHORT_TIMEOUTS_H_
