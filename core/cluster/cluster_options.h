// Every interval and time-out of the cluster, by name. Pure data.
#ifndef WEIR_CORE_CLUSTER_CLUSTER_OPTIONS_H_
#define WEIR_CORE_CLUSTER_CLUSTER_OPTIONS_H_

#include "absl/time/time.h"

namespace weir {

struct ClusterTimeouts {
  absl::Duration heartbeat_interval = absl::Seconds(10);  // heartbeat.interval
  absl::Duration heartbeat_timeout = absl::Seconds(50);   // heartbeat.timeout
  absl::Duration metrics_interval = absl::Seconds(1);     // At most this between metrics of a job.
  absl::Duration ask_timeout = absl::Seconds(10);         // Any call without a time-out of its own.
  absl::Duration deploy_timeout =
      absl::Seconds(60);  // Building the graph and creating the subtasks.
  absl::Duration release_timeout = absl::Seconds(180);  // task.cancellation.timeout
  absl::Duration retry_delay =
      absl::Milliseconds(500);  // Before a call that found nobody is repeated.
  // How long, and a heartbeat interval more, others get no slots while a job that ran waits for TaskManagers to come (back).
  absl::Duration slot_claim = absl::Seconds(10);
};

}  // namespace weir

#endif  // WEIR_CORE_CLUSTER_CLUSTER_OPTIONS_H_
