// SimVolume: a disk of one machine or the shared volume of a world: its files, what its operations
// cost, and how they fail. Belongs to the world; processes come and go.
#ifndef WEIR_SIM_SIM_VOLUME_H_
#define WEIR_SIM_SIM_VOLUME_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
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

// What is wrong with a volume at the moment. Chances are in 1/1000 of the calls that may fail so.
struct DiskFaults {
  bool full = false;          // What needs space is refused; an append may write a part.
  uint64_t read_errors = 0;   // DataLoss.
  uint64_t write_errors = 0;  // DataLoss; an append may write a part.
  uint64_t sync_errors = 0;   // DataLoss; what was not synced never will be.
  int64_t slow_factor = 1;    // Calls take this many times longer.
  uint64_t failed_calls = 0;  // How many calls failed by the above, ever.
  uint64_t slowed_calls = 0;

  bool any() const {
    return full || read_errors > 0 || write_errors > 0 || sync_errors > 0 || slow_factor != 1;
  }
  // Leaves the counts.
  void Heal() { *this = {.failed_calls = failed_calls, .slowed_calls = slowed_calls}; }
};

// How a call may fail.
enum class DiskCall : uint8_t { kOther, kRead, kWrite, kAllocate, kSync };

enum class DiskWork : uint8_t { kMetadata, kTransfer, kSync };

class SimVolume {
 public:
  // `name_hash` addresses the draws.
  SimVolume(WorldDraws* draws, Seed world_seed, uint64_t name_hash, const DiskOptions& options,
            absl::Time now)
      : files(now),
        options_(options),
        cost_(draws, world_seed, {RandomStream::kDisk, "sim.disk.cost", name_hash}),
        error_(draws, world_seed, {RandomStream::kDisk, "sim.disk.error", name_hash}),
        crash_(draws, world_seed, {RandomStream::kCrash, "sim.disk.crash", name_hash}),
        image_(draws, world_seed, {RandomStream::kCrash, "sim.disk.image", name_hash}) {}

  // Draws the time that a call takes.
  int64_t CostOf(DiskWork work, uint64_t size_bytes) {
    const int64_t cost = HealthyCostOf(work, size_bytes);
    if (faults.slow_factor == 1) [[likely]]
      return cost;
    ++faults.slowed_calls;
    return cost * faults.slow_factor;
  }

  // Draws whether a call fails; only while faults.any().
  absl::Status DrawError(DiskCall call);
  // How much of `size_bytes` a failing append writes.
  uint64_t DrawPart(uint64_t size_bytes) { return error_.Below(size_bytes + 1); }

  // Of crashes, and of images of what a crash would leave.
  SiteDraws& crash_draws() { return crash_; }
  SiteDraws& image_draws() { return image_; }

  FileTree files;
  DiskFaults faults;

 private:
  int64_t HealthyCostOf(DiskWork work, uint64_t size_bytes) {
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
  int64_t Between(absl::Duration low, absl::Duration high) {
    return cost_.Between(ToNanoseconds(low), ToNanoseconds(high));
  }

  const DiskOptions options_;
  SiteDraws cost_;
  SiteDraws error_;
  SiteDraws crash_;
  SiteDraws image_;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_SIM_VOLUME_H_
