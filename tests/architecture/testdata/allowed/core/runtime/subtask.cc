#include "core/runtime/subtask.h"

#include <vector>

#include "absl/status/status.h"
#include "core/base/check.h"
#include "core/env/clock.h"
#include "core/graph/job_graph.h"
#include "core/operators/operator.h"
#include "core/proto/control.pb.h"
#include "core/types/batch.h"
#include "google/protobuf/message.h"
#include "state/table.h"

// #include "core/api/data_stream.h"
/* #include <thread>
#include <thread>
*/
