#include "sim/oracles/known_regions.h"

#include <algorithm>

namespace weir::sim {

KnownRegions RegionsOf(const JobGraph& graph, const ExecutionGraph& plan) {
  // Labels spread along the edges until nothing changes.
  std::vector<size_t> label(graph.nodes.size());
  for (size_t n = 0; n < label.size(); ++n) label[n] = n;
  for (bool changed = true; changed;) {
    changed = false;
    for (size_t n = 0; n < label.size(); ++n) {
      for (const JobEdge& edge : graph.nodes[n].inputs) {
        size_t& from = label[static_cast<size_t>(edge.from.value())];
        if (from == label[n]) continue;
        from = label[n] = std::min(from, label[n]);
        changed = true;
      }
    }
  }
  const std::set<size_t> labels(label.begin(), label.end());
  const auto region_of = [&](NodeId node) {
    const size_t own = label[static_cast<size_t>(node.value())];
    return static_cast<int>(std::distance(labels.begin(), labels.find(own)));
  };
  KnownRegions regions;
  regions.uids.resize(labels.size());
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    const NodeId id(static_cast<int32_t>(n));
    if (!graph.node(id).uid.empty())
      regions.uids[static_cast<size_t>(region_of(id))].insert(graph.node(id).uid);
  }
  for (const PlannedSubtask& subtask : plan.subtasks) {
    regions.of_subtask.push_back(region_of(plan.vertex(subtask.vertex).nodes.front()));
  }
  return regions;
}

}  // namespace weir::sim
