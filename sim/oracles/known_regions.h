// Which parts of a job restart by themselves: the subtasks that channels connect. Made from the plan of the graph that the job's
// builder gives, and not by the code that decides it in the engine. Pure.
#ifndef WEIR_SIM_ORACLES_KNOWN_REGIONS_H_
#define WEIR_SIM_ORACLES_KNOWN_REGIONS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/graph/execution_graph.h"
#include "core/graph/job_graph.h"

namespace weir::sim {

struct KnownRegions {
  struct Subtask {
    int region = 0;
    int index = 0;
    std::set<std::string> uids;  // Of its operators.
  };
  std::vector<Subtask>
      subtasks;  // By SubtaskId. Empty: nothing is known, and the job counts as one region.

  bool known() const { return !subtasks.empty(); }
  // A subtask that does not exist counts as of the first region.
  int of(uint32_t subtask) const {
    return subtask < subtasks.size() ? subtasks[subtask].region : 0;
  }
  // Of the operator with this uid.
  int parallelism(const std::string& uid) const {
    return static_cast<int>(std::count_if(subtasks.begin(), subtasks.end(),
                                          [&](const Subtask& s) { return s.uids.contains(uid); }));
  }
  // Some operator has subtasks in several regions.
  bool cut_operators() const {
    std::map<std::string, int> seen;
    for (const Subtask& subtask : subtasks) {
      for (const std::string& uid : subtask.uids) {
        if (seen.try_emplace(uid, subtask.region).first->second != subtask.region) return true;
      }
    }
    return false;
  }
  int count() const {
    int last = 0;
    for (const Subtask& subtask : subtasks) last = std::max(last, subtask.region);
    return last + 1;
  }
};

KnownRegions RegionsOf(const JobGraph& graph, const ExecutionGraph& plan);

}  // namespace weir::sim

#endif  // WEIR_SIM_ORACLES_KNOWN_REGIONS_H_
