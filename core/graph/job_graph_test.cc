#include "core/graph/job_graph.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "core/types/row_codec_for.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace weir {

// Opaque to this package; factories that make none suffice here.
class Operator {};
class SplitEnumerator {};

namespace {

using ::testing::HasSubstr;

class NoHasher final : public KeyHasher {
 public:
  void HashKeys(BatchBase&) const override {}
  const Schema& key_schema() const override { return schema_; }

 private:
  const Schema schema_ = Schema::Scalar(SchemaKind::kI64);
};

JobEdge EdgeFrom(int32_t from) {
  JobEdge edge;
  edge.from = NodeId(from);
  return edge;
}

// source -> map -> window (by key) -> sink
JobGraph Valid() {
  JobGraph graph;
  graph.name = "clicks";
  graph.arguments = {{"input", "/logs"}};
  graph.nodes.resize(4);
  for (JobNode& node : graph.nodes) {
    node.factory = [] { return nullptr; };
    node.output_codec = RowCodecFor<int64_t>();
  }
  JobNode& source = graph.nodes[0];
  source.kind = NodeKind::kSource;
  source.operator_kind = source.name = "source";
  source.uid = "clicks";
  source.stateful = true;
  source.enumerator_factory = [] { return nullptr; };
  JobNode& map = graph.nodes[1];
  map.operator_kind = "map";
  map.name = "To visit";
  map.inputs = {EdgeFrom(0)};
  JobNode& window = graph.nodes[2];
  window.operator_kind = window.name = "tumblingWindow";
  window.uid = "count";
  window.stateful = true;
  window.settings = "tumbling(1h)";
  window.inputs = {EdgeFrom(1)};
  window.inputs[0].partitioning = Partitioning::kHash;
  window.inputs[0].key_hasher = std::make_shared<NoHasher>();
  JobNode& sink = graph.nodes[3];
  sink.kind = NodeKind::kSink;
  sink.operator_kind = sink.name = "sink";
  sink.uid = "out";
  sink.stateful = true;
  sink.output_codec = nullptr;
  sink.inputs = {EdgeFrom(2)};
  return graph;
}

std::string ErrorAfter(const std::function<void(JobGraph&)>& change) {
  JobGraph graph = Valid();
  change(graph);
  const absl::Status status = ValidateJobGraph(graph);
  EXPECT_TRUE(status.ok() || status.code() == absl::StatusCode::kInvalidArgument) << status;
  return std::string(status.message());
}

TEST(ValidateJobGraphTest, AcceptsAValidGraph) {
  EXPECT_EQ(ErrorAfter([](JobGraph&) {}), "");
}

TEST(ValidateJobGraphTest, WantsASourceAndASink) {
  EXPECT_THAT(ErrorAfter([](JobGraph& g) { g.nodes.clear(); }),
              HasSubstr("job \"clicks\" has no source; write env.FromSource(...)"));
  EXPECT_THAT(ErrorAfter([](JobGraph& g) { g.nodes.pop_back(); }),
              HasSubstr("job \"clicks\" has no sink"));
}

TEST(ValidateJobGraphTest, WantsEveryStreamToLeadSomewhere) {
  EXPECT_EQ(
      ErrorAfter([](JobGraph& g) { g.nodes[3].inputs = {EdgeFrom(1)}; }),
      "the stream of tumblingWindow (node 2, uid \"count\") leads nowhere; write .SinkTo(...) on "
      "it, or remove it");
}

TEST(ValidateJobGraphTest, WantsUids) {
  EXPECT_EQ(
      ErrorAfter([](JobGraph& g) {
        g.nodes[2].uid = "";
        g.nodes[2].name = "Clicks per page!";
      }),
      "tumblingWindow \"Clicks per page!\" (node 2) keeps state, which is found again by its "
      "uid; write .Uid(\"clicks-per-page\") behind it, and keep that name when the job changes");
  EXPECT_EQ(
      ErrorAfter([](JobGraph& g) { g.nodes[3].uid = "count"; }),
      "tumblingWindow (node 2, uid \"count\") and sink (node 3, uid \"count\") have the same uid; "
      "give one of them another, e.g. .Uid(\"count-2\")");
}

TEST(ValidateJobGraphTest, ChecksParallelisms) {
  EXPECT_THAT(ErrorAfter([](JobGraph& g) { g.max_parallelism = 100; }),
              HasSubstr("job \"clicks\": max parallelism 100 must be a power of two"));
  EXPECT_THAT(ErrorAfter([](JobGraph& g) { g.parallelism = 256; }),
              HasSubstr("parallelism 256 must be between 1 and the max parallelism 128"));
  EXPECT_THAT(ErrorAfter([](JobGraph& g) { g.nodes[1].parallelism = 0; }),
              HasSubstr("map \"To visit\" (node 1): parallelism 0"));
  EXPECT_THAT(ErrorAfter([](JobGraph& g) {
                g.parallelism = 8;
                g.nodes[2].max_parallelism = 4;
              }),
              HasSubstr("tumblingWindow (node 2, uid \"count\"): parallelism 8"));
}

TEST(ValidateJobGraphTest, RefusesMalformedGraphs) {
  EXPECT_THAT(ErrorAfter([](JobGraph& g) { g.nodes[1].inputs = {EdgeFrom(2)}; }),
              HasSubstr("map \"To visit\" (node 1) comes before its input"));
  EXPECT_THAT(ErrorAfter([](JobGraph& g) { g.nodes[1].inputs.clear(); }),
              HasSubstr("has no input"));
  EXPECT_THAT(ErrorAfter([](JobGraph& g) { g.nodes[2].inputs[0].key_hasher = nullptr; }),
              HasSubstr("a hash edge without key"));
}

uint64_t DigestAfter(const std::function<void(JobGraph&)>& change) {
  JobGraph graph = Valid();
  change(graph);
  return JobGraphDigest(graph);
}

TEST(JobGraphDigestTest, IsStableUnderWhatDoesNotCount) {
  const uint64_t digest = JobGraphDigest(Valid());
  EXPECT_EQ(digest, DigestAfter([](JobGraph& g) { g.parallelism = 4; }));
  EXPECT_EQ(digest, DigestAfter([](JobGraph& g) { g.nodes[2].parallelism = 4; }));
  EXPECT_EQ(digest, DigestAfter([](JobGraph& g) { g.nodes[1].name = "other"; }));
  EXPECT_EQ(digest, DigestAfter([](JobGraph& g) { g.nodes[2].max_parallelism = 128; }));
  EXPECT_EQ(digest, DigestAfter([](JobGraph& g) {
              g.nodes[1].fused_factory = g.nodes[1].factory;
              g.nodes[1].fused_from = NodeId(0);
            }));
}

TEST(JobGraphDigestTest, DiffersForWhatCounts) {
  const uint64_t digest = JobGraphDigest(Valid());
  EXPECT_NE(digest, DigestAfter([](JobGraph& g) { g.name = "other"; }));
  EXPECT_NE(digest, DigestAfter([](JobGraph& g) { g.arguments[0].second = "/other"; }));
  EXPECT_NE(digest, DigestAfter([](JobGraph& g) { g.artifact = "0123"; }));
  EXPECT_NE(digest, DigestAfter([](JobGraph& g) { g.max_parallelism = 256; }));
  EXPECT_NE(digest, DigestAfter([](JobGraph& g) { g.nodes[1].operator_kind = "filter"; }));
  EXPECT_NE(digest, DigestAfter([](JobGraph& g) { g.nodes[2].uid = "other"; }));
  EXPECT_NE(digest, DigestAfter([](JobGraph& g) { g.nodes[2].settings = "tumbling(2h)"; }));
  EXPECT_NE(digest, DigestAfter([](JobGraph& g) { g.nodes[2].max_parallelism = 64; }));
  EXPECT_NE(digest,
            DigestAfter([](JobGraph& g) { g.nodes[2].output_codec = RowCodecFor<int32_t>(); }));
  EXPECT_NE(digest, DigestAfter([](JobGraph& g) { g.nodes[2].inputs[0].from = NodeId(0); }));
  EXPECT_NE(digest, DigestAfter([](JobGraph& g) {
              g.nodes[3].inputs[0].partitioning = Partitioning::kRebalance;
            }));
}

// Processes of different builds compare digests.
TEST(JobGraphDigestTest, IsFixed) { EXPECT_EQ(JobGraphDigest(Valid()), 17905889555516067168u); }

TEST(JobGraphToDotTest, ShowsNodesAndEdges) {
  const std::string dot = JobGraphToDot(Valid());
  EXPECT_THAT(dot, HasSubstr("digraph \"clicks\" {"));
  EXPECT_THAT(dot, HasSubstr("n1 [label=\"To visit\\nmap\"];"));
  EXPECT_THAT(dot, HasSubstr("n1 -> n2 [label=\"hash\"];"));
}

}  // namespace
}  // namespace weir
