// StreamExecutionEnvironment: where a job's description starts (Flink's class of the same name). A job builder gets one and writes
// streams on it; what it wrote becomes the JobGraph. Pure: nothing runs and nothing is opened here. Used by one thread.
#ifndef WEIR_CORE_API_STREAM_EXECUTION_ENVIRONMENT_H_
#define WEIR_CORE_API_STREAM_EXECUTION_ENVIRONMENT_H_

#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/api/data_stream.h"
#include "core/api/graph_builder.h"
#include "core/api/job_args.h"
#include "core/api/row_type.h"
#include "core/api/shared_part.h"
#include "core/graph/job_graph.h"
#include "core/operators/source.h"
#include "core/operators/source_operator.h"
#include "core/operators/watermark_strategy.h"
#include "core/types/source_position.h"

namespace weir {
namespace api_internal {

template <class S>
concept AnySource = requires { typename PartOf<S>::RawType; } &&
                    std::is_convertible_v<PartOf<S>*, const Source<typename PartOf<S>::RawType>*>;

template <class S>
using RawOf = typename PartOf<S>::RawType;

template <class S, class Decode>
struct DecodedRow {};
template <class S, class Decode>
  requires requires(Decode& decode, RawOf<S>& raw) {
    { *decode(std::move(raw), SourcePosition()) };
  }
struct DecodedRow<S, Decode> {
  using Type = std::remove_cvref_t<decltype(*std::declval<Decode&>()(std::declval<RawOf<S>&&>(),
                                                                     SourcePosition()))>;
};

// Rows as the connector makes them.
struct KeepRaw {
  static constexpr bool kKeepsRaw = true;
  template <class Raw>
  absl::StatusOr<Raw> operator()(Raw&& raw, SourcePosition) const
    requires(!std::is_lvalue_reference_v<Raw>)
  {
    return std::move(raw);
  }
};

}  // namespace api_internal

class StreamExecutionEnvironment {
 public:
  explicit StreamExecutionEnvironment(std::string name, const JobArgs& args = JobArgs());
  StreamExecutionEnvironment(const StreamExecutionEnvironment&) = delete;
  StreamExecutionEnvironment& operator=(const StreamExecutionEnvironment&) = delete;

  // Of operators that do not say. Unset: from flags, else one per slot.
  StreamExecutionEnvironment& SetParallelism(int parallelism);
  // The number of key groups: a power of two up to 32768, fixed once there is state.
  StreamExecutionEnvironment& SetMaxParallelism(int max_parallelism);

  // A stream of what `decode` makes of a source's records: absl::StatusOr<T>(const Raw&, SourcePosition). Records for which it
  // returns an error are counted with their place and left out. `source` is an object of a class that derives from
  // Source<Raw>, or a shared_ptr to one.
  template <api_internal::AnySource S, class Decode,
            class T = typename api_internal::DecodedRow<S, Decode>::Type>
  DataStream<T> FromSource(
      S source, Decode decode,
      std::type_identity_t<WatermarkStrategy<T>> strategy = WatermarkStrategy<T>::NoWatermarks()) {
    return AddSource<T>(std::move(source), std::move(decode), std::move(strategy));
  }

  // A stream of the source's records as they are.
  template <api_internal::AnySource S, class T = api_internal::RawOf<S>>
  DataStream<T> FromSource(S source, std::type_identity_t<WatermarkStrategy<T>> strategy =
                                         WatermarkStrategy<T>::NoWatermarks()) {
    static_assert(
        !std::is_convertible_v<const T&, std::string_view> || std::is_same_v<T, std::string>,
        "this source yields views of text; give FromSource a function that decodes them: "
        "[](std::string_view line, weir::SourcePosition) -> absl::StatusOr<Row> {...}");
    return AddSource<T>(std::move(source), api_internal::KeepRaw(), std::move(strategy));
  }

  // The graph so far. InvalidArgument for the first thing that is wrong with it, saying what to write.
  absl::StatusOr<JobGraph> BuildJobGraph() const;

 private:
  template <class T, class S, class Decode>
  DataStream<T> AddSource(S source, Decode decode, WatermarkStrategy<T> strategy) {
    using Raw = api_internal::RawOf<S>;
    CheckStrategy(strategy.has_watermarks() && !strategy.assigns_times());
    builder_->AddError(strategy.Validate());
    const std::shared_ptr<const Source<Raw>> shared = api_internal::SharePart(std::move(source));
    builder_->AddError(shared->Validate());
    JobNode node;
    node.kind = NodeKind::kSource;
    node.operator_kind = "source";
    node.stateful = true;
    node.output_codec = api_internal::CheckedRowCodec<T>();
    node.settings = shared->Describe() + " watermarks " + strategy.description();
    node.factory = [shared, decode = std::move(decode), strategy = std::move(strategy)] {
      return std::make_unique<SourceOperator<Raw, T, Decode>>(shared->NewReader(), decode, strategy,
                                                              shared->bounded());
    };
    node.enumerator_factory = [shared] { return shared->NewEnumerator(); };
    return {StreamOrigin::Of(builder_, builder_->Add(std::move(node))), NoRun()};
  }

  void CheckStrategy(bool watermarks_without_times);

  std::shared_ptr<GraphBuilder> builder_;
};

}  // namespace weir

#endif  // WEIR_CORE_API_STREAM_EXECUTION_ENVIRONMENT_H_
