#include "core/graph/pipelined_region.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace weir {
namespace {

// Union-find; the smallest member stands for its set.
class Components {
 public:
  explicit Components(size_t count) : parent_(count) {
    std::iota(parent_.begin(), parent_.end(), size_t{0});
  }
  size_t Find(size_t member) {
    while (parent_[member] != member) {
      parent_[member] = parent_[parent_[member]];
      member = parent_[member];
    }
    return member;
  }
  void Join(size_t a, size_t b) {
    a = Find(a);
    b = Find(b);
    parent_[std::max(a, b)] = std::min(a, b);
  }

 private:
  std::vector<size_t> parent_;
};

}  // namespace

PipelinedRegions FindPipelinedRegions(const ExecutionGraph& plan) {
  Components components(plan.subtasks.size());
  const auto subtask = [](const Vertex& vertex, int index) {
    return static_cast<size_t>(vertex.subtask(index).value());
  };
  for (const Edge& edge : plan.edges) {
    const Vertex& from = plan.vertex(edge.from);
    const Vertex& to = plan.vertex(edge.to);
    if (edge.partitioning == Partitioning::kForward) {
      for (int i = 0; i < to.parallelism; ++i) components.Join(subtask(from, i), subtask(to, i));
      continue;
    }
    // Every pair has a channel.
    for (int i = 0; i < from.parallelism; ++i) components.Join(subtask(from, i), subtask(to, 0));
    for (int i = 0; i < to.parallelism; ++i) components.Join(subtask(from, 0), subtask(to, i));
  }
  PipelinedRegions regions;
  std::vector<RegionId> of_component(plan.subtasks.size());
  for (size_t i = 0; i < plan.subtasks.size(); ++i) {
    const size_t component = components.Find(i);
    if (component == i) {
      of_component[i] = RegionId(static_cast<int32_t>(regions.subtasks.size()));
      regions.subtasks.emplace_back();
    }
    const RegionId region = of_component[component];
    regions.of_subtask.push_back(region);
    regions.subtasks[static_cast<size_t>(region.value())].emplace_back(static_cast<uint32_t>(i));
  }
  return regions;
}

}  // namespace weir
