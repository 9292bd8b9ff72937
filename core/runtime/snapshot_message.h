// What operators hand over at a barrier, as messages of the manifest. Pure.
#ifndef WEIR_CORE_RUNTIME_SNAPSHOT_MESSAGE_H_
#define WEIR_CORE_RUNTIME_SNAPSHOT_MESSAGE_H_

#include <vector>

#include "core/operators/operator_snapshot.h"
#include "core/proto/manifest.pb.h"
#include "state/state_declaration.h"

namespace weir {

proto::SubtaskStateSnapshot ToMessage(int subtask_index, bool ended,
                                      const OperatorSnapshot& snapshot);

// The states that the operator declares: its tables, and the lists it has handed over.
void AddDeclarations(const std::vector<StateDeclaration>& tables, const OperatorSnapshot& snapshot,
                     proto::OperatorSnapshot& message);

// Keyed state is not part of the result.
OperatorSnapshot FromMessage(const proto::SubtaskStateSnapshot& message);

}  // namespace weir

#endif  // WEIR_CORE_RUNTIME_SNAPSHOT_MESSAGE_H_
