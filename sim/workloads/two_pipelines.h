// two_pipelines: two rate-limited streams of events with skewed keys in one job, which share nothing:
//
//   source "left"  (1 to 3 readers) -> per key, counted up row by row (1 to 3) -> sink "left"
//   source "right" (1 to 3 readers) -> per key, counted up row by row (1 to 3) -> sink "right"
//
// In half of the seeds they are different slot sharing groups, too. So each is a region that restarts by itself. A row is an event and
// the how-manieth of its key that was: every event is there
// once, and the numbers of a key have no gap.
#ifndef WEIR_SIM_WORKLOADS_TWO_PIPELINES_H_
#define WEIR_SIM_WORKLOADS_TWO_PIPELINES_H_

#include <memory>

#include "sim/sim_random.h"
#include "sim/workloads/workload.h"

namespace weir::sim {

std::unique_ptr<Workload> NewTwoPipelines(Seed seed);

}  // namespace weir::sim

#endif  // WEIR_SIM_WORKLOADS_TWO_PIPELINES_H_
