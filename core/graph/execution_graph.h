// ExecutionGraph: what runs. Derived from a JobGraph by Plan(), which is pure, so every process of a cluster derives the same one
// from the same JobGraph and options; only addresses have to travel.
//
//   JobNode       -> Stage        one operator, or one fused kernel in place of a run of stateless nodes
//   chain of them -> Vertex       the stages that one subtask runs, handing batches on by pointer
//   Vertex        -> Subtask      `parallelism` of them; subtask i of every vertex of a slot sharing group goes to its i-th slot
//   JobEdge       -> Edge         between vertices, with one channel per pair of subtasks that talk
//
// Slots: a slot holds at most one subtask of each vertex of its slot sharing group and none of another group, so that a group takes
// as many as its greatest parallelism. Groups have their slots in the order of their first vertices.
//
// Chaining: a node joins its input's vertex if it is that input's only consumer, has no other input, shares slots with it, and no row
// would change subtask: a forward edge between equal parallelisms, or any edge where both parallelisms are 1 (all keys meet in the only subtask).
#ifndef WEIR_CORE_GRAPH_EXECUTION_GRAPH_H_
#define WEIR_CORE_GRAPH_EXECUTION_GRAPH_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/base/ids.h"
#include "core/base/strong_id.h"
#include "core/graph/job_graph.h"

namespace weir {

using VertexId = StrongId<struct VertexIdTag, int32_t>;

struct Stage {
  NodeId
      first;  // The nodes first..last of the chain that this stage stands for; equal unless fused.
  NodeId last;
  bool fused = false;
  // The hasher of a keyed edge inside the chain, run on the rows before they enter this stage; else null.
  std::shared_ptr<const KeyHasher> key_hasher;
};

struct Vertex {
  std::vector<NodeId> nodes;  // In order.
  std::vector<Stage> stages;
  int parallelism = 1;
  int max_parallelism = 128;
  std::string slot_sharing_group;
  SubtaskId first_subtask;  // Its subtasks are first_subtask + 0 .. parallelism - 1.
  SubtaskId subtask(int index) const {
    return SubtaskId(first_subtask.value() + static_cast<uint32_t>(index));
  }
  std::vector<int> in_edges;  // Positions in ExecutionGraph::edges.
  std::vector<int> out_edges;
};

// Forward edges have one channel per subtask, first_channel + i; others one per pair, first_channel + from_index *
// to_parallelism + to_index.
struct Edge {
  VertexId from;
  VertexId to;
  NodeId from_node;
  NodeId to_node;
  int input = 0;
  Partitioning partitioning = Partitioning::kForward;
  std::shared_ptr<const KeyHasher> key_hasher;
  ChannelId first_channel;
  int from_parallelism = 1;
  int to_parallelism = 1;

  int channel_count() const {
    return partitioning == Partitioning::kForward ? to_parallelism
                                                  : from_parallelism * to_parallelism;
  }
  ChannelId channel(int from_index, int to_index) const;
};

struct PlannedSubtask {
  VertexId vertex;
  int index = 0;
  int slot = 0;
};

struct ExecutionGraph {
  std::vector<Vertex> vertices;
  std::vector<Edge> edges;
  std::vector<PlannedSubtask> subtasks;  // By SubtaskId.
  int slots = 0;                         // How many slots it takes.
  uint32_t channels = 0;

  const Vertex& vertex(VertexId id) const { return vertices[static_cast<size_t>(id.value())]; }
  const PlannedSubtask& subtask(SubtaskId id) const { return subtasks[id.value()]; }
};

struct PlanOptions {
  int default_parallelism = 1;  // For nodes where neither node nor job says.
  bool chaining = true;
  bool fusion = true;
};

// InvalidArgument if a parallelism is below 1 or over its maximum. `graph` must be valid (ValidateJobGraph).
absl::StatusOr<ExecutionGraph> Plan(const JobGraph& graph, const PlanOptions& options);

std::string ExecutionGraphToDot(const JobGraph& job, const ExecutionGraph& graph);

}  // namespace weir

#endif  // WEIR_CORE_GRAPH_EXECUTION_GRAPH_H_
