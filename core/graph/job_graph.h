// JobGraph: what the user asked for. One node per call in the DataStream API, immutable once built, identical in every process
// that builds it from the same arguments: digests are compared, closures never travel. Row types and user functions are inside
// opaque factories. Pure data.
//
// The digest covers structure, uids, names of operator kinds, key/row/state schemas, max parallelism, source and sink settings
// and job arguments; never parallelism, slot sharing groups, addresses, typeid or source locations.
#ifndef WEIR_CORE_GRAPH_JOB_GRAPH_H_
#define WEIR_CORE_GRAPH_JOB_GRAPH_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "core/base/strong_id.h"
#include "core/types/key_hasher.h"
#include "core/types/row_codec.h"

namespace weir {

// Opaque here: core/operators defines them, the runtime calls them.
class Operator;
class SplitEnumerator;
class SinkCoordinator;
using OperatorFactory = std::function<std::unique_ptr<Operator>()>;
using SplitEnumeratorFactory = std::function<std::unique_ptr<SplitEnumerator>()>;
using SinkCoordinatorFactory = std::function<std::unique_ptr<SinkCoordinator>()>;

// Position of a node in JobGraph::nodes. Inputs come before their consumers.
using NodeId = StrongId<struct NodeIdTag, int32_t>;

enum class Partitioning : uint8_t {
  kForward,    // Subtask i to subtask i; becomes kRebalance if the parallelisms differ.
  kHash,       // By key group.
  kRebalance,  // Round robin by runs of 256 rows.
};

struct JobEdge {
  NodeId from;
  int input = 0;  // Logical input of the consumer; several edges may share one (union).
  Partitioning partitioning = Partitioning::kForward;
  std::shared_ptr<const KeyHasher> key_hasher;  // Set for kHash.
};

enum class NodeKind : uint8_t { kSource, kOperator, kSink };

struct JobNode {
  NodeKind kind = NodeKind::kOperator;
  std::string operator_kind;  // "map", "filter", "flatMap", "tumblingWindow", ...
  std::string name;           // For people; need not be unique.
  std::string uid;            // Unique in the job; "" only on stateless nodes.
  bool stateful = false;
  std::optional<int> parallelism;      // Else the job's.
  std::optional<int> max_parallelism;  // Else the job's.
  // Else that of its inputs if they all have the same one, else "default".
  std::optional<std::string> slot_sharing_group;
  std::vector<JobEdge> inputs;

  OperatorFactory factory;                          // For a source: makes a SourceOperatorBase.
  SplitEnumeratorFactory enumerator_factory;        // Sources.
  SinkCoordinatorFactory sink_coordinator_factory;  // Sinks.
  std::shared_ptr<const RowCodec> output_codec;     // Null for sinks.
  std::string
      settings;  // What else tells two nodes of one kind apart, for the digest: window size, path, state schema.

  // One operator in place of the run [fused_from, ..., this]: the same output, compiled together. Plan() uses it only if all those
  // nodes are chained with each other.
  OperatorFactory fused_factory;
  NodeId fused_from;  // Valid if fused_factory is set.
};

struct JobGraph {
  std::string name;
  std::vector<std::pair<std::string, std::string>>
      arguments;  // As submitted, sorted by name; part of the digest.
  std::string
      artifact;  // SHA-256 of the shared object that has the job; "": the program itself. Part of the digest.
  int max_parallelism = 128;
  std::optional<int> parallelism;  // From code; flags and config fill in if absent.
  std::vector<JobNode> nodes;

  const JobNode& node(NodeId id) const { return nodes[static_cast<size_t>(id.value())]; }
};

// InvalidArgument that says what to write, for the first thing wrong: no source, no sink, a stream that leads nowhere, duplicate
// uid, a stateful operator without uid, a slot sharing group without a name, parallelism over the maximum, a maximum that is no power of
// two in [1, 32768].
absl::Status ValidateJobGraph(const JobGraph& graph);

// 64-bit XXH3 over the canonical text of everything the digest covers.
uint64_t JobGraphDigest(const JobGraph& graph);

// GraphViz.
std::string JobGraphToDot(const JobGraph& graph);

}  // namespace weir

#endif  // WEIR_CORE_GRAPH_JOB_GRAPH_H_
