// What operators hand over at a barrier, as messages of the manifest. Pure.
#ifndef WEIR_CORE_RUNTIME_SNAPSHOT_MESSAGE_H_
#define WEIR_CORE_RUNTIME_SNAPSHOT_MESSAGE_H_

#include "core/operators/operator_snapshot.h"
#include "core/proto/manifest.pb.h"

namespace weir {

proto::SubtaskStateSnapshot ToMessage(int subtask_index, bool ended, const OperatorSnapshot& snapshot);

// Keyed state is not part of the result.
OperatorSnapshot FromMessage(const proto::SubtaskStateSnapshot& message);

}  // namespace weir

#endif  // WEIR_CORE_RUNTIME_SNAPSHOT_MESSAGE_H_
