// A restore plan as messages: what each subtask starts from. Pure.
#ifndef WEIR_CORE_CLUSTER_RESTORE_MESSAGE_H_
#define WEIR_CORE_CLUSTER_RESTORE_MESSAGE_H_

#include "core/base/ids.h"
#include "core/checkpoint/recovery.h"
#include "core/graph/execution_graph.h"
#include "core/graph/job_graph.h"
#include "core/proto/control.pb.h"

namespace weir {

// Of every operator of `subtask` that the plan knows; none if it knows none of them.
proto::SubtaskRestore ToMessage(const JobGraph& graph, const ExecutionGraph& plan,
                                SubtaskId subtask, const RestorePlan& restore);

}  // namespace weir

#endif  // WEIR_CORE_CLUSTER_RESTORE_MESSAGE_H_
