#include "sim/oracles/known_regions.h"

#include <algorithm>

namespace weir::sim {

KnownRegions RegionsOf(const JobGraph& graph, const ExecutionGraph& plan) {
  // Labels spread along the channels until nothing changes.
  std::vector<size_t> label(plan.subtasks.size());
  for (size_t i = 0; i < label.size(); ++i) label[i] = i;
  bool changed = true;
  const auto connect = [&](SubtaskId a, SubtaskId b) {
    size_t& of_a = label[a.value()];
    size_t& of_b = label[b.value()];
    if (of_a == of_b) return;
    of_a = of_b = std::min(of_a, of_b);
    changed = true;
  };
  while (changed) {
    changed = false;
    for (const Edge& edge : plan.edges) {
      const Vertex& from = plan.vertex(edge.from);
      const Vertex& to = plan.vertex(edge.to);
      for (int i = 0; i < from.parallelism; ++i) {
        for (int j = 0; j < to.parallelism; ++j) {
          if (edge.partitioning != Partitioning::kForward || i == j)
            connect(from.subtask(i), to.subtask(j));
        }
      }
    }
  }
  const std::set<size_t> labels(label.begin(), label.end());
  KnownRegions regions;
  for (size_t i = 0; i < plan.subtasks.size(); ++i) {
    KnownRegions::Subtask& subtask = regions.subtasks.emplace_back();
    subtask.region = static_cast<int>(std::distance(labels.begin(), labels.find(label[i])));
    subtask.index = plan.subtasks[i].index;
    for (const NodeId node : plan.vertex(plan.subtasks[i].vertex).nodes) {
      if (!graph.node(node).uid.empty()) subtask.uids.insert(graph.node(node).uid);
    }
  }
  return regions;
}

}  // namespace weir::sim
