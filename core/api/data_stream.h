// DataStream<T>: a handle on a stream of rows T that is being described (Flink's class of the same name). Every call adds one
// node to the JobGraph and returns a handle on its output; nothing runs yet. Handles are small, and copies are the same stream.
//
//   env.FromSource(...).Name("clicks").Uid("clicks")
//       .Filter([](const Click& click) { return click.valid; })
//       .Map([](Click click) { return Visit{click.page, click.time}; }).Name("to visit")
//       .KeyBy(&Visit::page)
//
// Row types follow from the functions. Name, Uid and the like are about the operator of the call before. Functions are copied
// into every subtask and must be pure; rows are moved into those that take them by value. The second template parameter
// is the run of stateless operators the stream ends in, kept for fusing; DataStream<T> is what functions take and return.
#ifndef WEIR_CORE_API_DATA_STREAM_H_
#define WEIR_CORE_API_DATA_STREAM_H_

#include <concepts>
#include <functional>
#include <memory>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include "core/api/data_stream_sink.h"
#include "core/api/graph_builder.h"
#include "core/api/keyed_stream.h"
#include "core/api/row_type.h"
#include "core/api/shared_part.h"
#include "core/api/stateless_run.h"
#include "core/operators/key_by.h"
#include "core/operators/sink_operator.h"
#include "core/operators/stateless_stages.h"
#include "core/operators/timestamps_operator.h"

namespace weir {

template <class T, class Run = NoRun>
class DataStream {
 public:
  using RowType = T;

  DataStream(StreamOrigin origin, Run run) : origin_(std::move(origin)), run_(std::move(run)) {}
  // Forgets the run: what follows will not be fused with what came before.
  template <class OtherRun>
  DataStream(const DataStream<T, OtherRun>& other)  // NOLINT: implicit, for functions' parameters.
    requires std::same_as<Run, NoRun>
      : origin_(other.origin()) {}

  // One row out per row: R f(T), or f(const T&), f(T&&); or void f(T&), which changes the row.
  template <class F>
  auto Map(F f) const {
    static_assert(std::is_invocable_v<F&, T&> || std::is_invocable_v<F&, T&&>,
                  "Map takes a function of this stream's row type: [](const Row& row) { return "
                  "...; }");
    static_assert(!MutatesRow<F, T> || !std::is_invocable_v<F&, const T&>,
                  "Map's function returns nothing; return the new row, or take Row& and change it");
    return AddStage("map", MapStageFor<T, F>{std::move(f)});
  }

  // Keeps the rows for which bool f(const T&) is true.
  template <class F>
  auto Filter(F f) const {
    static_assert(std::is_invocable_r_v<bool, F&, const T&>,
                  "Filter takes a function bool(const Row& row) of this stream's row type");
    return AddStage("filter", FilterStage<T, F>{std::move(f)});
  }

  // Any number of rows out per row: void f(const T&, Collector<U>&).
  template <class F>
  auto FlatMap(F f) const {
    return FlatMap<api_internal::CollectedType<F>, F>(std::move(f));
  }
  template <class U, class F>
  auto FlatMap(F f) const {
    static_assert(
        std::is_invocable_v<F&, T&, Collector<U>&> || std::is_invocable_v<F&, T&&, Collector<U>&>,
        "FlatMap takes a function void(const Row& row, weir::Collector<Out>& out) of this "
        "stream's row type");
    return AddStage("flatMap", FlatMapStage<T, U, F>{std::move(f)});
  }

  // Rows with equal keys meet in one subtask. The selector is a pure function of the row or a pointer to its field.
  template <class Selector>
  auto KeyBy(Selector selector) const {
    static_assert(std::is_invocable_v<const Selector&, const T&>,
                  "KeyBy takes a function of this stream's row type, or a pointer to its field: "
                  ".KeyBy(&Row::user)");
    return KeyedStream<T, KeyOf<T, Selector>, Selector>(origin_, std::move(selector));
  }

  // The rows of all, in any order between streams. Time is that of the slowest.
  template <class... Others>
  DataStream<T> Union(const Others&... others) const {
    static_assert((std::same_as<T, typename Others::RowType> && ...),
                  "Union takes streams of the same row type");
    StreamOrigin all{origin_.builder, origin_.edges, std::nullopt};
    (all.edges.insert(all.edges.end(), others.origin().edges.begin(), others.origin().edges.end()),
     ...);
    return {std::move(all), NoRun()};
  }

  // Spreads rows evenly over the subtasks that follow.
  DataStream<T> Rebalance() const {
    StreamOrigin spread{origin_.builder, origin_.edges, std::nullopt};
    for (JobEdge& edge : spread.edges) edge.partitioning = Partitioning::kRebalance;
    return {std::move(spread), NoRun()};
  }

  // Gives rows new times and the stream new watermarks; those it had end here.
  DataStream<T> AssignTimestampsAndWatermarks(WatermarkStrategy<T> strategy) const {
    origin_.builder->AddError(strategy.Validate());
    JobNode node;
    node.operator_kind = "timestamps";
    node.inputs = origin_.edges;
    node.output_codec = api_internal::CheckedRowCodec<T>();
    node.settings = strategy.description();
    node.factory = [strategy = std::move(strategy)] {
      return std::make_unique<TimestampsOperator<T>>(strategy);
    };
    return {StreamOrigin::Of(origin_.builder, origin_.builder->Add(std::move(node))), NoRun()};
  }

  // Ends the stream in a Sink<T>: an object of a class that derives from it, or a shared_ptr to one.
  template <class S>
  DataStreamSink SinkTo(S sink) const {
    static_assert(std::is_convertible_v<api_internal::PartOf<S>*, const Sink<T>*>,
                  "SinkTo takes a sink of this stream's row type: a class that derives from "
                  "weir::Sink<Row>");
    std::shared_ptr<const Sink<T>> shared = api_internal::SharePart(std::move(sink));
    JobNode node;
    node.kind = NodeKind::kSink;
    node.operator_kind = "sink";
    node.stateful = true;
    node.inputs = origin_.edges;
    node.settings = shared->Describe();
    node.factory = [shared] { return std::make_unique<SinkOperator<T>>(shared->NewWriter()); };
    node.sink_coordinator_factory = [shared] { return shared->NewCoordinator(); };
    return DataStreamSink(StreamOrigin::Of(origin_.builder, origin_.builder->Add(std::move(node))));
  }

  // Of the operator whose output this is. For people; need not be unique.
  DataStream Name(std::string name) const {
    if (JobNode* node = origin_.NodeFor("Name")) node->name = std::move(name);
    return *this;
  }
  // The name of the operator's state, unique in the job and the same in all its versions.
  DataStream Uid(std::string uid) const {
    if (JobNode* node = origin_.NodeFor("Uid")) node->uid = std::move(uid);
    return *this;
  }
  DataStream SetParallelism(int parallelism) const {
    if (JobNode* node = origin_.NodeFor("SetParallelism")) node->parallelism = parallelism;
    return *this;
  }
  // A power of two up to 32768; fixed once there is state.
  DataStream SetMaxParallelism(int max_parallelism) const {
    if (JobNode* node = origin_.NodeFor("SetMaxParallelism")) {
      node->max_parallelism = max_parallelism;
    }
    return *this;
  }

  // Operators of different groups are never in one slot. Else: the group of its inputs if they have the same one, else "default".
  DataStream SlotSharingGroup(std::string name) const {
    if (JobNode* node = origin_.NodeFor("SlotSharingGroup")) {
      node->slot_sharing_group = std::move(name);
    }
    return *this;
  }

  const StreamOrigin& origin() const { return origin_; }

 private:
  template <class Stage>
  auto AddStage(const char* kind, Stage stage) const {
    using Out = typename Stage::Out;
    JobNode node;
    node.operator_kind = kind;
    node.inputs = origin_.edges;
    node.output_codec = api_internal::CheckedRowCodec<Out>();
    node.factory = api_internal::KernelOf<T, Out>(std::tuple<Stage>(stage));
    const NodeId id = origin_.builder->Add(std::move(node));
    auto run = api_internal::Extend(run_, id, std::move(stage));
    api_internal::AttachKernel<Stage>(run, origin_.builder->node(id));
    return DataStream<Out, decltype(run)>(StreamOrigin::Of(origin_.builder, id), std::move(run));
  }

  StreamOrigin origin_;
  [[no_unique_address]] Run run_;
};

}  // namespace weir

#endif  // WEIR_CORE_API_DATA_STREAM_H_
