// Pipelined regions: which subtasks start, fail and start again together. Pure.
//
// A region is a connected component of the subtasks over what ties them to each other:
//
//   - a channel: its frames are never sent again, so when one end is lost the other one's state is of no use;
//   - a source: its readers share a SplitEnumerator, whose pending splits must be of the same checkpoint as the positions of all
//     of them. So forward-only pipelines of one source are one region, whatever the parallelism; pipelines that share nothing
//     are regions of their own;
//   - a sink with a SinkCoordinator, which tidies up for all its writers when an attempt begins.
//
// Source: Flink's pipelined region failover (FLIP-1), in which sources do not tie.
#ifndef WEIR_CORE_GRAPH_PIPELINED_REGION_H_
#define WEIR_CORE_GRAPH_PIPELINED_REGION_H_

#include <vector>

#include "core/base/ids.h"
#include "core/base/strong_id.h"
#include "core/graph/execution_graph.h"
#include "core/graph/job_graph.h"

namespace weir {

using RegionId = StrongId<struct RegionIdTag, int32_t>;

struct PipelinedRegions {
  std::vector<RegionId> of_subtask;  // By SubtaskId.
  std::vector<std::vector<SubtaskId>>
      subtasks;  // By RegionId; in order, and regions by their first subtask.

  RegionId of(SubtaskId id) const { return of_subtask[id.value()]; }
  const std::vector<SubtaskId>& of(RegionId id) const {
    return subtasks[static_cast<size_t>(id.value())];
  }
};

PipelinedRegions FindPipelinedRegions(const JobGraph& job, const ExecutionGraph& plan);

}  // namespace weir

#endif  // WEIR_CORE_GRAPH_PIPELINED_REGION_H_
