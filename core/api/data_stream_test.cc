// The graphs that the DataStream API writes.
#include "core/api/data_stream.h"

#include <functional>
#include <string>
#include <vector>

#include "core/api/stream_execution_environment.h"
#include "core/api/testing/api_parts.h"
#include "core/base/check.h"
#include "core/graph/job_graph.h"
#include "core/testing/operator_harness.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Click {
  std::string page;
  int64_t ms = 0;
  EventTime time;
};
struct PageCount {
  std::string page;
  int64_t count = 0;
};

absl::StatusOr<Click> Decode(std::string_view line, SourcePosition) {
  return Click{std::string(line), 1, EventTime()};
}
WatermarkStrategy<Click> Strategy() {
  return WatermarkStrategy<Click>::ForBoundedOutOfOrderness(absl::Seconds(5))
      .WithTimestampAssigner(&Click::time);
}
DataStream<Click> Clicks(StreamExecutionEnvironment& env) {
  return env.FromSource(EmptySource<std::string_view>("clicks"), Decode, Strategy()).Uid("clicks");
}
bool IsSlow(const Click& click) { return click.ms > 10; }

using Build = std::function<void(StreamExecutionEnvironment&)>;

absl::StatusOr<JobGraph> GraphOf(const Build& build) {
  StreamExecutionEnvironment env("test");
  build(env);
  return env.BuildJobGraph();
}
std::string ErrorOf(const Build& build) { return std::string(GraphOf(build).status().message()); }

// "map <- 0 forward", for each node.
std::vector<std::string> Shape(const JobGraph& graph) {
  std::vector<std::string> nodes;
  for (const JobNode& node : graph.nodes) {
    std::string text = node.operator_kind;
    for (const JobEdge& edge : node.inputs) {
      constexpr const char* kNames[] = {"forward", "hash", "rebalance"};
      text += " <- " + std::to_string(edge.from.value()) + " " +
              kNames[static_cast<int>(edge.partitioning)];
    }
    nodes.push_back(text);
  }
  return nodes;
}

TEST(DataStreamTest, EachCallIsANode) {
  const auto graph = GraphOf([](StreamExecutionEnvironment& env) {
    const auto clicks = Clicks(env);
    const auto slow = clicks.Filter(IsSlow).Name("slow");
    clicks.Union(slow, slow.Rebalance())
        .KeyBy(&Click::page)
        .Window(TumblingEventTimeWindows::Of(absl::Hours(1)))
        .Aggregate(Count(),
                   [](const std::string& page, const TimeWindow&, int64_t count) {
                     return PageCount{page, count};
                   })
        .Uid("count")
        .SetParallelism(2)
        .SinkTo(NullSink<PageCount>())
        .Uid("out");
  });
  ASSERT_TRUE(graph.ok()) << graph.status();
  EXPECT_THAT(Shape(*graph),
              ElementsAre("source", "filter <- 0 forward",
                          "tumblingWindow <- 0 hash <- 1 hash <- 1 hash", "sink <- 2 forward"));
  EXPECT_EQ(graph->nodes[1].name, "slow");
  EXPECT_EQ(graph->nodes[2].parallelism, 2);
  EXPECT_TRUE(graph->nodes[2].stateful);
  EXPECT_EQ(graph->nodes[2].settings, "tumbling(1h) state i64");
  EXPECT_EQ(graph->nodes[2].output_codec->schema().ToString(), "struct{page:string,count:i64}");
  EXPECT_EQ(graph->nodes[0].settings, "empty(clicks) watermarks boundedOutOfOrderness(5s)");
}

TEST(DataStreamTest, TheLastNodeOfARunHasItsKernel) {
  const auto graph = GraphOf([](StreamExecutionEnvironment& env) {
    const auto run = Clicks(env)
                         .Map([](Click click) { return click.ms; })
                         .Name("ms")
                         .Filter([](const int64_t& ms) { return ms > 10; })
                         .FlatMap([](const int64_t& ms, Collector<int64_t>& out) {
                           out.Collect(ms);
                           out.Collect(ms + 1);
                         });
    run.SinkTo(NullSink<int64_t>()).Uid("out");
    run.Rebalance().Map([](int64_t& ms) { ++ms; }).SinkTo(NullSink<int64_t>()).Uid("out 2");
  });
  ASSERT_TRUE(graph.ok()) << graph.status();
  EXPECT_FALSE(graph->nodes[1].fused_factory);
  EXPECT_TRUE(graph->nodes[2].fused_factory);
  EXPECT_EQ(graph->nodes[3].fused_from, NodeId(1));
  EXPECT_FALSE(graph->nodes[5].fused_factory) << "a run does not reach through Rebalance";
  OperatorHarness::Options options;
  options.fans_out = true;
  OperatorHarness kernel(graph->nodes[3].fused_factory(), graph->nodes[3].output_codec, options);
  ASSERT_TRUE(kernel.Open().ok());
  Batch<Click> batch;
  batch.rows = {{"a", 5, {}}, {"b", 50, {}}};
  ASSERT_TRUE(kernel.Process(batch).ok());
  EXPECT_THAT(kernel.Texts(), ElementsAre("50", "51"));
}

DataStream<Click> OnlySlow(DataStream<Click> clicks) { return clicks.Filter(IsSlow); }
DataStream<Click> Longest(const KeyedStream<Click, std::string>& clicks) {
  return clicks.Reduce([](const Click& a, const Click& b) { return a.ms < b.ms ? b : a; });
}

TEST(DataStreamTest, FunctionsTakeAndReturnStreams) {
  const auto graph = GraphOf([](StreamExecutionEnvironment& env) {
    Longest(OnlySlow(Clicks(env).Map([](Click& click) { ++click.ms; })).KeyBy(&Click::page))
        .Uid("longest")
        .AssignTimestampsAndWatermarks(Strategy())
        .SinkTo(std::make_shared<NullSink<Click>>())
        .Uid("out");
  });
  ASSERT_TRUE(graph.ok()) << graph.status();
  EXPECT_THAT(Shape(*graph),
              ElementsAre("source", "map <- 0 forward", "filter <- 1 forward", "reduce <- 2 hash",
                          "timestamps <- 3 forward", "sink <- 4 forward"));
}

uint64_t DigestWith(int parallelism, absl::Duration size, bool filter) {
  const auto graph = GraphOf([&](StreamExecutionEnvironment& env) {
    env.SetParallelism(parallelism);
    DataStream<Click> clicks = Clicks(env).SetParallelism(parallelism + 1);
    if (filter) clicks = clicks.Filter(IsSlow);
    clicks.KeyBy(&Click::page)
        .Window(TumblingEventTimeWindows::Of(size))
        .Reduce([](const Click& a, const Click&) { return a; })
        .Uid("first")
        .SinkTo(NullSink<Click>())
        .Uid("out");
  });
  WEIR_CHECK_OK(graph);
  return JobGraphDigest(*graph);
}

TEST(DataStreamTest, DigestsFollowStructureAndNotParallelism) {
  const uint64_t digest = DigestWith(1, absl::Hours(1), true);
  EXPECT_EQ(digest, DigestWith(7, absl::Hours(1), true));
  EXPECT_NE(digest, DigestWith(1, absl::Hours(2), true));
  EXPECT_NE(digest, DigestWith(1, absl::Hours(1), false));
}

TEST(DataStreamTest, SlotSharingGroupsAreNoPartOfTheDigest) {
  const auto build = [](bool groups) {
    StreamExecutionEnvironment env("groups");
    const auto clicks = groups ? Clicks(env).SlotSharingGroup("in") : Clicks(env);
    const auto sink = clicks.SinkTo(NullSink<Click>()).Uid("o");
    if (groups) sink.SlotSharingGroup("out");
    return env.BuildJobGraph();
  };
  const absl::StatusOr<JobGraph> with = build(true);
  ASSERT_TRUE(with.ok()) << with.status();
  EXPECT_EQ(with->nodes.front().slot_sharing_group, "in");
  EXPECT_EQ(with->nodes.back().slot_sharing_group, "out");
  EXPECT_EQ(JobGraphDigest(*with), JobGraphDigest(*build(false)));
}

TEST(DataStreamTest, ErrorsSayWhatToWrite) {
  EXPECT_THAT(ErrorOf([](StreamExecutionEnvironment& env) {
                Clicks(env)
                    .KeyBy(&Click::page)
                    .Reduce([](const Click& a, const Click&) { return a; })
                    .SinkTo(NullSink<Click>())
                    .Uid("out");
              }),
              HasSubstr("reduce (node 1) keeps state, which is found again by its uid; write "
                        ".Uid(\"reduce\") behind it"));
  EXPECT_THAT(ErrorOf([](StreamExecutionEnvironment& env) {
                const auto clicks = Clicks(env);
                clicks.Union(clicks).Name("both").SinkTo(NullSink<Click>()).Uid("out");
              }),
              HasSubstr(".Name stands behind Union or Rebalance"));
  EXPECT_THAT(ErrorOf([](StreamExecutionEnvironment& env) {
                env.FromSource(EmptySource<std::string_view>("x"), Decode,
                               WatermarkStrategy<Click>::ForMonotonousTimestamps())
                    .Uid("x")
                    .SinkTo(NullSink<Click>())
                    .Uid("out");
              }),
              HasSubstr("write .WithTimestampAssigner("));
  EXPECT_THAT(ErrorOf([](StreamExecutionEnvironment& env) {
                env.FromSource(EmptySource<std::string_view>("x"), Decode,
                               WatermarkStrategy<Click>::ForBoundedOutOfOrderness(-absl::Hours(1))
                                   .WithTimestampAssigner(&Click::time))
                    .Uid("x")
                    .SinkTo(NullSink<Click>())
                    .Uid("out");
              }),
              HasSubstr("the bound of ForBoundedOutOfOrderness (how far rows may be out of order) "
                        "is -1h; it must be zero or more"));
  EXPECT_THAT(ErrorOf([](StreamExecutionEnvironment& env) {
                Clicks(env)
                    .AssignTimestampsAndWatermarks(Strategy().WithIdleness(absl::ZeroDuration()))
                    .SinkTo(NullSink<Click>())
                    .Uid("out");
              }),
              HasSubstr("the period of WithIdleness is 0; it must be positive"));
  EXPECT_THAT(ErrorOf([](StreamExecutionEnvironment& env) {
                env.FromSource(EmptySource<int64_t>("refused"))
                    .Uid("x")
                    .SinkTo(NullSink<int64_t>())
                    .Uid("out");
              }),
              HasSubstr("the source is refused"));
  EXPECT_THAT(ErrorOf([](StreamExecutionEnvironment& env) {
                Clicks(env)
                    .KeyBy(&Click::page)
                    .Window(TumblingEventTimeWindows::Of(absl::ZeroDuration()))
                    .Reduce([](const Click& a, const Click&) { return a; })
                    .Uid("w")
                    .SinkTo(NullSink<Click>())
                    .Uid("out");
              }),
              HasSubstr("the size of a tumbling window must be positive"));
  EXPECT_THAT(
      ErrorOf([](StreamExecutionEnvironment& env) {
        Clicks(env).SetMaxParallelism(4).SetParallelism(8).SinkTo(NullSink<Click>()).Uid("o");
      }),
      HasSubstr("parallelism 8 must be between 1 and the max parallelism 4"));
  EXPECT_THAT(ErrorOf([](StreamExecutionEnvironment& env) {
                Clicks(env).SlotSharingGroup("").SinkTo(NullSink<Click>()).Uid("o");
              }),
              HasSubstr("has a slot sharing group without a name"));
}

}  // namespace
}  // namespace weir
