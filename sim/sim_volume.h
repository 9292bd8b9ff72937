// SimVolume: a disk of one machine or the shared volume of a world: its files, and what its
// operations cost. Belongs to the world; processes come and go.
#ifndef WEIR_SIM_SIM_VOLUME_H_
#define WEIR_SIM_SIM_VOLUME_H_

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "sim/file_tree.h"
#include "sim/sim_random.h"
#include "sim/virtual_time.h"

namespace weir::sim {

struct DiskOptions {
  // Each call draws its cost in one of these ranges, ends included.
  absl::Duration metadata_min = absl::Microseconds(5);
  absl::Duration metadata_max = absl::Microseconds(100);
  absl::Duration transfer_min = absl::Microseconds(2);
  absl::Duration transfer_max = absl::Microseconds(50);
  absl::Duration sync_min = absl::Microseconds(50);
  absl::Duration sync_max = absl::Milliseconds(5);
  // A transfer adds its size at this rate.
  int64_t bytes_per_microsecond = 500;
};

enum class DiskWork : uint8_t { kMetadata, kTransfer, kSync };

class SimVolume {
 public:
  // `name_hash` addresses the draws.
  SimVolume(WorldDraws* draws, Seed world_seed, uint64_t name_hash, const DiskOptions& options,
            absl::Time now)
      : files(now),
        options_(options),
        cost_(draws, world_seed, {RandomStream::kDisk, "sim.disk.cost", name_hash}) {}

  // Draws the time that a call takes.
  int64_t CostOf(DiskWork work, uint64_t size_bytes) {
    switch (work) {
      case DiskWork::kMetadata:
        return Between(options_.metadata_min, options_.metadata_max);
      case DiskWork::kTransfer:
        return Between(options_.transfer_min, options_.transfer_max) +
               static_cast<int64_t>(size_bytes) * 1000 / options_.bytes_per_microsecond;
      case DiskWork::kSync:
        return Between(options_.sync_min, options_.sync_max);
    }
    return 0;
  }

  FileTree files;

 private:
  int64_t Between(absl::Duration low, absl::Duration high) {
    return cost_.Between(ToNanoseconds(low), ToNanoseconds(high));
  }

  const DiskOptions options_;
  SiteDraws cost_;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_SIM_VOLUME_H_
