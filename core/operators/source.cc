#include "core/operators/source.h"

namespace weir {

absl::StatusOr<Progress> SourceOperatorBase::ProcessBatch(int, BatchBase&, Output&) {
  return absl::InternalError("a source has no input");
}

absl::StatusOr<Progress> SourceOperatorBase::ProcessWatermark(Watermark, Output&) {
  return absl::InternalError("a source has no input");
}

}  // namespace weir
