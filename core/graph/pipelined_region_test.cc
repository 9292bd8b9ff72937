#include "core/graph/pipelined_region.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace weir {

// Opaque to graphs; plans never make one.
class Operator {};

namespace {

class NoHasher final : public KeyHasher {
 public:
  void HashKeys(BatchBase&) const override {}
  const Schema& key_schema() const override { return schema_; }

 private:
  Schema schema_;
};

NodeId Add(JobGraph& graph, NodeKind kind, int parallelism, std::vector<JobEdge> inputs) {
  JobNode node;
  node.kind = kind;
  node.name = std::string("node ") + std::to_string(graph.nodes.size());
  node.parallelism = parallelism;
  node.inputs = std::move(inputs);
  graph.nodes.push_back(std::move(node));
  return NodeId(static_cast<int32_t>(graph.nodes.size()) - 1);
}

JobEdge Forward(NodeId from) {
  return {.from = from, .input = 0, .partitioning = Partitioning::kForward, .key_hasher = nullptr};
}
JobEdge Hash(NodeId from) {
  return {.from = from,
          .input = 0,
          .partitioning = Partitioning::kHash,
          .key_hasher = std::make_shared<NoHasher>()};
}

// The region of each subtask, without chaining unless asked for.
std::vector<int> Regions(const JobGraph& graph, bool chaining = false) {
  const absl::StatusOr<ExecutionGraph> plan = Plan(graph, {.chaining = chaining});
  EXPECT_TRUE(plan.ok()) << plan.status();
  const PipelinedRegions regions = FindPipelinedRegions(*plan);
  std::vector<int> of;
  for (uint32_t i = 0; i < plan->subtasks.size(); ++i) {
    of.push_back(regions.of(SubtaskId(i)).value());
    const std::vector<SubtaskId>& members = regions.of(regions.of(SubtaskId(i)));
    EXPECT_EQ(std::count(members.begin(), members.end(), SubtaskId(i)), 1);
  }
  return of;
}

TEST(PipelinedRegionTest, PipelinesThatShareNothingAreRegionsOfTheirOwn) {
  JobGraph graph;
  const NodeId a = Add(graph, NodeKind::kSource, 2, {});
  const NodeId b = Add(graph, NodeKind::kSource, 1, {});
  const NodeId keyed = Add(graph, NodeKind::kOperator, 3, {Hash(a)});
  Add(graph, NodeKind::kSink, 1, {Forward(b)});
  Add(graph, NodeKind::kSink, 3, {Forward(keyed)});
  EXPECT_EQ(Regions(graph), (std::vector<int>{0, 0, 1, 0, 0, 0, 1, 0, 0, 0}));
}

TEST(PipelinedRegionTest, AnExchangeJoinsWhatItConnects) {
  JobGraph graph;
  const NodeId a = Add(graph, NodeKind::kSource, 1, {});
  const NodeId b = Add(graph, NodeKind::kSource, 1, {});
  Add(graph, NodeKind::kSink, 2, {Hash(a), Hash(b)});
  EXPECT_EQ(Regions(graph), (std::vector<int>{0, 0, 0, 0}));
}

TEST(PipelinedRegionTest, ForwardChannelsDoNotJoinNeighbours) {
  JobGraph graph;
  const NodeId source = Add(graph, NodeKind::kSource, 3, {});
  Add(graph, NodeKind::kSink, 3, {Forward(source)});
  EXPECT_EQ(Regions(graph), (std::vector<int>{0, 1, 2, 0, 1, 2}));
  EXPECT_EQ(Regions(graph, true), (std::vector<int>{0, 1, 2}));
  // Where the parallelisms differ, a forward edge deals rows out to all.
  graph.nodes[1].parallelism = 2;
  EXPECT_EQ(Regions(graph), (std::vector<int>{0, 0, 0, 0, 0}));
}

}  // namespace
}  // namespace weir
