// Pipelined regions: which subtasks start, fail and start again together. Pure.
//
// A region is a connected component of the subtasks over their channels: a frame is never sent again, so when one end of a channel
// is lost the other one's state is of no use. Nothing else ties subtasks. Where a source, operators and a sink are connected by
// forward channels only, each of their parallel pipelines is a region of its own: the splits that a reader was given since the
// checkpoint go back to the enumerator (core/cluster/split_assigner.h), and a sink tidies up for the writers that begin (SinkRun).
//
// Source: Flink's pipelined region failover (FLIP-1).
#ifndef WEIR_CORE_GRAPH_PIPELINED_REGION_H_
#define WEIR_CORE_GRAPH_PIPELINED_REGION_H_

#include <vector>

#include "core/base/ids.h"
#include "core/base/strong_id.h"
#include "core/graph/execution_graph.h"

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

PipelinedRegions FindPipelinedRegions(const ExecutionGraph& plan);

}  // namespace weir

#endif  // WEIR_CORE_GRAPH_PIPELINED_REGION_H_
