// keyed_union: two rate-limited streams of events with skewed keys, out of order within the bound of their watermarks, united,
// filtered, and read twice:
//
//   left  (3 readers) -.          .-> per key and window, in 2 subtasks -> sink "windows"
//                       union, filter
//   right (1 to 3)    -'          '-> per key, counted up row by row    -> sink "running"
//
// A row of "windows" names every event in it, a row of "running" its event and the how-manieth of its key that was. So every
// event that passes the filter is once in each; the numbers of a key have no gap; and within a key the events of one split keep
// their order.
#ifndef WEIR_SIM_WORKLOADS_KEYED_UNION_H_
#define WEIR_SIM_WORKLOADS_KEYED_UNION_H_

#include <memory>

#include "sim/sim_random.h"
#include "sim/workloads/workload.h"

namespace weir::sim {

std::unique_ptr<Workload> NewKeyedUnion(Seed seed);

}  // namespace weir::sim

#endif  // WEIR_SIM_WORKLOADS_KEYED_UNION_H_
