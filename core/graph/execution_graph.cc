#include "core/graph/execution_graph.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/base/check.h"

namespace weir {
namespace {

// A node's parallelisms after defaults, and whether it continues its input's chain.
struct Resolved {
  int parallelism = 1;
  int max_parallelism = 128;
  std::string slot_sharing_group;
  bool chained = false;
  VertexId vertex;
};

int Resolve(const std::optional<int>& own, const std::optional<int>& job, int fallback) {
  return own ? *own : job ? *job : fallback;
}

constexpr char kDefaultGroup[] = "default";

std::string GroupOf(const JobNode& node, const std::vector<Resolved>& resolved) {
  if (node.slot_sharing_group.has_value()) return *node.slot_sharing_group;
  const auto of = [&](const JobEdge& edge) -> const std::string& {
    return resolved[static_cast<size_t>(edge.from.value())].slot_sharing_group;
  };
  if (node.inputs.empty()) return kDefaultGroup;
  const std::string& first = of(node.inputs.front());
  const bool same = std::all_of(node.inputs.begin(), node.inputs.end(),
                                [&](const JobEdge& edge) { return of(edge) == first; });
  return same ? first : kDefaultGroup;
}

absl::StatusOr<std::vector<Resolved>> ResolveParallelism(const JobGraph& graph, int fallback) {
  std::vector<Resolved> resolved(graph.nodes.size());
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    const JobNode& node = graph.nodes[i];
    Resolved& r = resolved[i];
    r.parallelism = Resolve(node.parallelism, graph.parallelism, fallback);
    r.max_parallelism = node.max_parallelism.value_or(graph.max_parallelism);
    r.slot_sharing_group = GroupOf(node, resolved);
    if (r.parallelism >= 1 && r.parallelism <= r.max_parallelism) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        "operator '", node.name, "' would run with parallelism ", r.parallelism,
        ", but its maximum is ", r.max_parallelism, ": choose --parallelism between 1 and ",
        r.max_parallelism, ", or raise SetMaxParallelism (a power of two up to 32768) in the job"));
  }
  return resolved;
}

bool CanChain(const JobGraph& graph, const std::vector<Resolved>& resolved,
              const std::vector<int>& consumers, size_t index) {
  const JobNode& node = graph.nodes[index];
  if (node.inputs.size() != 1) return false;
  const JobEdge& edge = node.inputs[0];
  const size_t from = static_cast<size_t>(edge.from.value());
  if (consumers[from] != 1) return false;
  if (resolved[from].slot_sharing_group != resolved[index].slot_sharing_group) return false;
  const int up = resolved[from].parallelism;
  const int down = resolved[index].parallelism;
  if (edge.partitioning == Partitioning::kForward) return up == down;
  return up == 1 && down == 1;
}

// True if the nodes first..last all stand in `chain`, one after the other with nothing between.
bool IsRunOf(const std::vector<NodeId>& chain, NodeId first, NodeId last, const JobGraph& graph) {
  auto at = std::find(chain.begin(), chain.end(), last);
  while (at != chain.end() && *at != first) {
    if (at == chain.begin()) return false;
    const JobNode& node = graph.node(*at);
    // A keyed edge inside the run would have to hash between two stages of the kernel.
    if (node.inputs[0].key_hasher != nullptr) return false;
    --at;
  }
  return at != chain.end();
}

std::vector<Stage> CutStages(const std::vector<NodeId>& chain, const JobGraph& graph, bool fusion) {
  std::vector<Stage> stages;
  // Backwards, so that the longest fused run that ends at a node is taken.
  for (size_t end = chain.size(); end > 0;) {
    const NodeId last = chain[end - 1];
    const JobNode& node = graph.node(last);
    Stage stage{.first = last, .last = last, .fused = false, .key_hasher = nullptr};
    size_t begin = end - 1;
    if (fusion && node.fused_factory && IsRunOf(chain, node.fused_from, last, graph)) {
      stage.first = node.fused_from;
      stage.fused = true;
      while (chain[begin] != stage.first) --begin;
    }
    if (begin > 0) stage.key_hasher = graph.node(stage.first).inputs[0].key_hasher;
    stages.push_back(std::move(stage));
    end = begin;
  }
  std::reverse(stages.begin(), stages.end());
  return stages;
}

void AddEdges(const JobGraph& graph, const std::vector<Resolved>& resolved,
              ExecutionGraph& result) {
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    if (resolved[i].chained) continue;
    for (const JobEdge& input : graph.nodes[i].inputs) {
      const Resolved& up = resolved[static_cast<size_t>(input.from.value())];
      Edge edge;
      edge.from = up.vertex;
      edge.to = resolved[i].vertex;
      edge.from_node = input.from;
      edge.to_node = NodeId(static_cast<int32_t>(i));
      edge.input = input.input;
      edge.from_parallelism = up.parallelism;
      edge.to_parallelism = resolved[i].parallelism;
      edge.partitioning = input.partitioning;
      if (edge.partitioning == Partitioning::kForward &&
          edge.from_parallelism != edge.to_parallelism) {
        edge.partitioning = Partitioning::kRebalance;
      }
      edge.key_hasher = input.key_hasher;
      edge.first_channel = ChannelId(result.channels);
      result.channels += static_cast<uint32_t>(edge.channel_count());
      const int position = static_cast<int>(result.edges.size());
      result.vertices[static_cast<size_t>(edge.from.value())].out_edges.push_back(position);
      result.vertices[static_cast<size_t>(edge.to.value())].in_edges.push_back(position);
      result.edges.push_back(std::move(edge));
    }
  }
}

// The first slot of each group; says how many slots there are.
std::map<std::string, int> AssignSlots(ExecutionGraph& graph) {
  std::map<std::string, int> sizes;
  std::vector<std::string> order;
  for (const Vertex& vertex : graph.vertices) {
    const auto [size, is_new] = sizes.try_emplace(vertex.slot_sharing_group, 0);
    if (is_new) order.push_back(vertex.slot_sharing_group);
    size->second = std::max(size->second, vertex.parallelism);
  }
  std::map<std::string, int> first;
  for (const std::string& group : order) {
    first[group] = graph.slots;
    graph.slots += sizes[group];
  }
  return first;
}

}  // namespace

ChannelId Edge::channel(int from_index, int to_index) const {
  if (partitioning == Partitioning::kForward) {
    WEIR_CHECK_EQ(from_index, to_index);
    return ChannelId(first_channel.value() + static_cast<uint32_t>(to_index));
  }
  return ChannelId(first_channel.value() +
                   static_cast<uint32_t>(from_index * to_parallelism + to_index));
}

absl::StatusOr<ExecutionGraph> Plan(const JobGraph& graph, const PlanOptions& options) {
  absl::StatusOr<std::vector<Resolved>> resolved_or =
      ResolveParallelism(graph, options.default_parallelism);
  if (!resolved_or.ok()) return resolved_or.status();
  std::vector<Resolved>& resolved = *resolved_or;

  std::vector<int> consumers(graph.nodes.size(), 0);
  for (const JobNode& node : graph.nodes) {
    for (const JobEdge& edge : node.inputs) ++consumers[static_cast<size_t>(edge.from.value())];
  }

  ExecutionGraph result;
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    Resolved& r = resolved[i];
    r.chained = options.chaining && CanChain(graph, resolved, consumers, i);
    if (r.chained) {
      r.vertex = resolved[static_cast<size_t>(graph.nodes[i].inputs[0].from.value())].vertex;
    } else {
      r.vertex = VertexId(static_cast<int32_t>(result.vertices.size()));
      Vertex vertex;
      vertex.parallelism = r.parallelism;
      vertex.slot_sharing_group = r.slot_sharing_group;
      result.vertices.push_back(std::move(vertex));
    }
    result.vertices[static_cast<size_t>(r.vertex.value())].nodes.push_back(
        NodeId(static_cast<int32_t>(i)));
  }

  const std::map<std::string, int> first_slots = AssignSlots(result);
  for (size_t v = 0; v < result.vertices.size(); ++v) {
    Vertex& vertex = result.vertices[v];
    vertex.stages = CutStages(vertex.nodes, graph, options.fusion);
    vertex.max_parallelism = resolved[static_cast<size_t>(vertex.nodes[0].value())].max_parallelism;
    vertex.first_subtask = SubtaskId(static_cast<uint32_t>(result.subtasks.size()));
    for (int index = 0; index < vertex.parallelism; ++index) {
      result.subtasks.push_back({.vertex = VertexId(static_cast<int32_t>(v)),
                                 .index = index,
                                 .slot = first_slots.at(vertex.slot_sharing_group) + index});
    }
  }
  AddEdges(graph, resolved, result);
  return result;
}

std::string ExecutionGraphToDot(const JobGraph& job, const ExecutionGraph& graph) {
  static constexpr const char* kPartitioningNames[] = {"forward", "hash", "rebalance"};
  std::string dot = "digraph execution {\n  rankdir=LR;\n  node [shape=box];\n";
  for (size_t v = 0; v < graph.vertices.size(); ++v) {
    const Vertex& vertex = graph.vertices[v];
    std::string label;
    for (const Stage& stage : vertex.stages) {
      if (!label.empty()) label += "\\n";
      if (stage.fused) absl::StrAppend(&label, job.node(stage.first).name, " .. ");
      label += job.node(stage.last).name;
    }
    absl::StrAppend(&dot, "  v", v, " [label=\"", label, "\\n(x", vertex.parallelism, ")\"];\n");
  }
  for (const Edge& edge : graph.edges) {
    absl::StrAppend(&dot, "  v", edge.from.value(), " -> v", edge.to.value(), " [label=\"",
                    kPartitioningNames[static_cast<int>(edge.partitioning)], "\"];\n");
  }
  return dot + "}\n";
}

}  // namespace weir
