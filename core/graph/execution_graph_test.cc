#include "core/graph/execution_graph.h"

#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace weir {

// Opaque to graphs; plans never make one.
class Operator {};

namespace {

using ::testing::HasSubstr;

class NoHasher final : public KeyHasher {
 public:
  void HashKeys(BatchBase&) const override {}
  const Schema& key_schema() const override { return schema_; }

 private:
  Schema schema_;
};

NodeId Add(JobGraph& graph, std::string name, NodeKind kind, std::vector<JobEdge> inputs) {
  JobNode node;
  node.kind = kind;
  node.name = std::move(name);
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

// source -> map -> filter -(hash)-> window -> sink; filter carries a fused kernel for map..filter.
JobGraph Pipeline() {
  JobGraph graph;
  const NodeId source = Add(graph, "source", NodeKind::kSource, {});
  const NodeId map = Add(graph, "map", NodeKind::kOperator, {Forward(source)});
  const NodeId filter = Add(graph, "filter", NodeKind::kOperator, {Forward(map)});
  const NodeId window = Add(graph, "window", NodeKind::kOperator, {Hash(filter)});
  Add(graph, "sink", NodeKind::kSink, {Forward(window)});
  graph.nodes[2].fused_factory = [] { return nullptr; };
  graph.nodes[2].fused_from = map;
  return graph;
}

TEST(PlanTest, ChainsWhatNeedsNoExchange) {
  const auto plan = Plan(Pipeline(), {.default_parallelism = 2});
  ASSERT_TRUE(plan.ok()) << plan.status();
  ASSERT_EQ(plan->vertices.size(), 2u);
  EXPECT_EQ(plan->vertices[0].nodes.size(), 3u);
  EXPECT_EQ(plan->vertices[1].nodes.size(), 2u);
  ASSERT_EQ(plan->edges.size(), 1u);
  EXPECT_EQ(plan->edges[0].partitioning, Partitioning::kHash);
  EXPECT_EQ(plan->edges[0].channel_count(), 4);
  EXPECT_EQ(plan->channels, 4u);
  EXPECT_EQ(plan->slots, 2);
  EXPECT_EQ(plan->subtasks.size(), 4u);
}

TEST(PlanTest, UsesFusedKernelsOnlyIfAskedTo) {
  auto fused = Plan(Pipeline(), {.default_parallelism = 2});
  ASSERT_TRUE(fused.ok());
  ASSERT_EQ(fused->vertices[0].stages.size(), 2u);
  EXPECT_FALSE(fused->vertices[0].stages[0].fused);
  EXPECT_TRUE(fused->vertices[0].stages[1].fused);
  EXPECT_EQ(fused->vertices[0].stages[1].first, NodeId(1));
  EXPECT_EQ(fused->vertices[0].stages[1].last, NodeId(2));
  auto unfused = Plan(Pipeline(), {.default_parallelism = 2, .chaining = true, .fusion = false});
  ASSERT_TRUE(unfused.ok());
  EXPECT_EQ(unfused->vertices[0].stages.size(), 3u);
}

TEST(PlanTest, DoesNotFuseOverABrokenChain) {
  JobGraph graph = Pipeline();
  graph.nodes[1].parallelism = 1;  // map alone; filter at 2
  const auto plan = Plan(graph, {.default_parallelism = 2});
  ASSERT_TRUE(plan.ok());
  for (const Vertex& vertex : plan->vertices) {
    for (const Stage& stage : vertex.stages) EXPECT_FALSE(stage.fused);
  }
}

TEST(PlanTest, AKeyedEdgeBetweenSingleSubtasksIsChainedWithItsHasher) {
  const auto plan = Plan(Pipeline(), {.default_parallelism = 1});
  ASSERT_TRUE(plan.ok());
  ASSERT_EQ(plan->vertices.size(), 1u);
  EXPECT_TRUE(plan->edges.empty());
  const std::vector<Stage>& stages = plan->vertices[0].stages;
  ASSERT_EQ(stages.size(), 4u);  // source, map..filter, window, sink
  EXPECT_NE(stages[2].key_hasher, nullptr);
  EXPECT_EQ(stages[3].key_hasher, nullptr);
}

TEST(PlanTest, WithoutChainingEveryNodeIsAVertex) {
  const auto plan = Plan(Pipeline(), {.default_parallelism = 3, .chaining = false, .fusion = true});
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan->vertices.size(), 5u);
  EXPECT_EQ(plan->channels, 3u + 3u + 9u + 3u);
}

TEST(PlanTest, ANodeWithTwoConsumersIsNotChained) {
  JobGraph graph;
  const NodeId source = Add(graph, "source", NodeKind::kSource, {});
  Add(graph, "one", NodeKind::kSink, {Forward(source)});
  Add(graph, "two", NodeKind::kSink, {Forward(source)});
  const auto plan = Plan(graph, {.default_parallelism = 2});
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan->vertices.size(), 3u);
  EXPECT_EQ(plan->vertices[0].out_edges.size(), 2u);
}

TEST(PlanTest, AForwardEdgeBetweenDifferentParallelismsRebalances) {
  JobGraph graph;
  const NodeId source = Add(graph, "source", NodeKind::kSource, {});
  Add(graph, "sink", NodeKind::kSink, {Forward(source)});
  graph.nodes[0].parallelism = 3;
  graph.nodes[1].parallelism = 2;
  const auto plan = Plan(graph, {});
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan->edges[0].partitioning, Partitioning::kRebalance);
  EXPECT_EQ(plan->channels, 6u);
  EXPECT_EQ(plan->slots, 3);
}

TEST(PlanTest, EveryChannelBelongsToOnePairOfSubtasks) {
  const auto plan =
      Plan(Pipeline(), {.default_parallelism = 4, .chaining = false, .fusion = false});
  ASSERT_TRUE(plan.ok());
  std::vector<int> uses(plan->channels, 0);
  for (const Edge& edge : plan->edges) {
    for (int from = 0; from < edge.from_parallelism; ++from) {
      for (int to = 0; to < edge.to_parallelism; ++to) {
        if (edge.partitioning == Partitioning::kForward && from != to) continue;
        ++uses[edge.channel(from, to).value()];
      }
    }
  }
  EXPECT_THAT(uses, ::testing::Each(1));
}

TEST(PlanTest, RefusesAParallelismOverTheMaximum) {
  JobGraph graph = Pipeline();
  graph.nodes[3].max_parallelism = 4;
  const auto plan = Plan(graph, {.default_parallelism = 8});
  ASSERT_EQ(plan.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(plan.status().message()),
              HasSubstr("'window' would run with parallelism 8"));
}

// Vertices: source..filter at 3, window..sink at 2.
JobGraph TwoVertices() {
  JobGraph graph = Pipeline();
  graph.nodes[3].parallelism = 2;
  graph.nodes[4].parallelism = 2;
  return graph;
}

std::vector<int> SlotsOf(const ExecutionGraph& plan) {
  std::vector<int> slots;
  for (const PlannedSubtask& subtask : plan.subtasks) slots.push_back(subtask.slot);
  return slots;
}

TEST(PlanTest, VerticesOfOneGroupShareSlots) {
  const auto plan = Plan(TwoVertices(), {.default_parallelism = 3});
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan->slots, 3);
  EXPECT_EQ(SlotsOf(*plan), (std::vector<int>{0, 1, 2, 0, 1}));
}

TEST(PlanTest, GroupsHaveSlotsOfTheirOwnAndAreInherited) {
  JobGraph graph = TwoVertices();
  graph.nodes[3].slot_sharing_group = "windows";
  const auto plan = Plan(graph, {.default_parallelism = 3});
  ASSERT_TRUE(plan.ok());
  ASSERT_EQ(plan->vertices.size(), 2u) << "the sink is in the group of its input, and chained";
  EXPECT_EQ(plan->vertices[0].slot_sharing_group, "default");
  EXPECT_EQ(plan->vertices[1].slot_sharing_group, "windows");
  EXPECT_EQ(plan->slots, 5);
  EXPECT_EQ(SlotsOf(*plan), (std::vector<int>{0, 1, 2, 3, 4}));
}

TEST(PlanTest, GroupsAreNotChained) {
  JobGraph graph = TwoVertices();
  graph.nodes[4].slot_sharing_group = "files";
  const auto plan = Plan(graph, {.default_parallelism = 3});
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan->vertices.size(), 3u);
  EXPECT_EQ(plan->slots, 5);
}

TEST(PlanTest, InputsOfDifferentGroupsGiveTheDefault) {
  JobGraph graph;
  const NodeId a = Add(graph, "a", NodeKind::kSource, {});
  const NodeId b = Add(graph, "b", NodeKind::kSource, {});
  const NodeId both = Add(graph, "both", NodeKind::kOperator, {Forward(a), Forward(b)});
  Add(graph, "sink", NodeKind::kSink, {Forward(both)});
  graph.nodes[0].slot_sharing_group = "one";
  graph.nodes[1].slot_sharing_group = "one";
  auto plan = Plan(graph, {.default_parallelism = 2});
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan->slots, 2);
  EXPECT_EQ(plan->vertices.back().slot_sharing_group, "one");
  graph.nodes[1].slot_sharing_group = "two";
  plan = Plan(graph, {.default_parallelism = 2});
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan->slots, 6);
  EXPECT_EQ(plan->vertices.back().slot_sharing_group, "default");
}

TEST(PlanTest, TheOperatorGoesOverTheJobAndTheJobOverTheDefault) {
  JobGraph graph = Pipeline();
  const auto parallelism = [&] {
    return Plan(graph, {.default_parallelism = 8})->vertices.front().parallelism;
  };
  EXPECT_EQ(parallelism(), 8);
  graph.parallelism = 3;
  EXPECT_EQ(parallelism(), 3);
  graph.nodes[0].parallelism = 2;
  EXPECT_EQ(parallelism(), 2);
  graph.parallelism.reset();
  EXPECT_EQ(parallelism(), 2);
}

TEST(PlanTest, CodeGoesOverTheDefault) {
  JobGraph graph = Pipeline();
  graph.parallelism = 3;
  graph.nodes[4].parallelism = 1;
  const auto plan = Plan(graph, {.default_parallelism = 8});
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan->vertices.front().parallelism, 3);
  EXPECT_EQ(plan->vertices.back().parallelism, 1);
  EXPECT_THAT(ExecutionGraphToDot(graph, *plan), HasSubstr("hash"));
}

}  // namespace
}  // namespace weir
