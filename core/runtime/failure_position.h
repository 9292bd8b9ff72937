// Where in a source a failure was, carried in the payload of its status until somebody who knows the source can say it to people. Pure.
#ifndef WEIR_CORE_RUNTIME_FAILURE_POSITION_H_
#define WEIR_CORE_RUNTIME_FAILURE_POSITION_H_

#include "absl/status/status.h"
#include "core/types/source_position.h"

namespace weir {

// Does nothing if `position` is not known, or the status is OK.
void SetSourcePosition(SourcePosition position, absl::Status& status);
// Not known() if there is none.
SourcePosition GetSourcePosition(const absl::Status& status);

}  // namespace weir

#endif  // WEIR_CORE_RUNTIME_FAILURE_POSITION_H_
