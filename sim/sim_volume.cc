#include "sim/sim_volume.h"

namespace weir::sim {

absl::Status SimVolume::DrawError(DiskCall call) {
  uint64_t chance = 0;
  switch (call) {
    case DiskCall::kOther:
      return absl::OkStatus();
    case DiskCall::kRead:
      chance = faults.read_errors;
      break;
    case DiskCall::kWrite:
    case DiskCall::kAllocate:
      chance = faults.write_errors;
      break;
    case DiskCall::kSync:
      chance = faults.sync_errors;
      break;
  }
  if (faults.full && call == DiskCall::kAllocate) {
    ++faults.failed_calls;
    return absl::ResourceExhaustedError("no space left on the disk");
  }
  if (chance == 0 || error_.Below(1000) >= chance) return absl::OkStatus();
  ++faults.failed_calls;
  return absl::DataLossError("I/O error");
}

}  // namespace weir::sim
