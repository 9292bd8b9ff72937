// Options of a TaskManager. Pure data.
#ifndef WEIR_CORE_CLUSTER_TASK_MANAGER_OPTIONS_H_
#define WEIR_CORE_CLUSTER_TASK_MANAGER_OPTIONS_H_

#include <cstddef>
#include <cstdint>

#include "core/types/batch.h"
#include "core/types/frame.h"

namespace weir {

struct TaskManagerOptions {
  int slots = 0;                          // 0: one per worker.
  size_t batch_rows_max = kBatchRowsMax;  // Rows that are handed to the next operator at once.
  size_t frame_bytes_max = kFrameBytesMaxDefault;  // A frame is sent when it has this many bytes.
  // What leaves a subtask; at most kRecordBytesMax. A larger record fails the job by name.
  size_t record_bytes_max = kRecordBytesMaxDefault;
  // Credit of a channel. With fewer the sender waits for grants that are under way.
  int64_t frames_in_flight_per_channel = 16;
  size_t fanout_bytes_max =
      256u << 20;        // Output of a single user call; beyond it the job fails by name.
  bool chaining = true;  // Plan(): run neighbours in one subtask.
  bool fusion = true;    // Plan(): use fused kernels.
};

}  // namespace weir

#endif  // WEIR_CORE_CLUSTER_TASK_MANAGER_OPTIONS_H_
