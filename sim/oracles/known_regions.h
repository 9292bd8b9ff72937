// Which parts of a job restart by themselves: the connected components of its graph, as every subtask of a component has a source
// upstream and the readers of a source go together. Made from the graph that the job's builder gives, and not by the code that
// decides it in the engine. Pure.
#ifndef WEIR_SIM_ORACLES_KNOWN_REGIONS_H_
#define WEIR_SIM_ORACLES_KNOWN_REGIONS_H_

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "core/graph/execution_graph.h"
#include "core/graph/job_graph.h"

namespace weir::sim {

struct KnownRegions {
  std::vector<int>
      of_subtask;  // By SubtaskId. Empty: nothing is known, and the job counts as one region.
  std::vector<std::set<std::string>> uids;  // By region.

  bool known() const { return !of_subtask.empty(); }
  // A subtask that does not exist counts as of the first region.
  int of(uint32_t subtask) const { return subtask < of_subtask.size() ? of_subtask[subtask] : 0; }
};

KnownRegions RegionsOf(const JobGraph& graph, const ExecutionGraph& plan);

}  // namespace weir::sim

#endif  // WEIR_SIM_ORACLES_KNOWN_REGIONS_H_
