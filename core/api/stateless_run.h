// StatelessRun: the static type of the maps, filters and flatMaps at the end of a stream, kept by the stream's handle so that
// they can be compiled into one kernel. Pure data.
#ifndef WEIR_CORE_API_STATELESS_RUN_H_
#define WEIR_CORE_API_STATELESS_RUN_H_

#include <memory>
#include <tuple>
#include <utility>

#include "core/graph/job_graph.h"
#include "core/operators/stateless_operator.h"

namespace weir {

// The stream does not end in a stateless operator, or its type was forgotten.
struct NoRun {};

// The nodes from `first` on, one per stage.
template <class In, class... Stages>
struct StatelessRun {
  NodeId first;
  std::tuple<Stages...> stages;
};

namespace api_internal {

template <class In, class Out, class... Stages>
OperatorFactory KernelOf(std::tuple<Stages...> stages) {
  return [stages = std::move(stages)]() -> std::unique_ptr<Operator> {
    return std::apply(
        [](const Stages&... stage) {
          return std::make_unique<FusedOperator<In, Out, Stages...>>(stage...);
        },
        stages);
  };
}

template <class Stage>
StatelessRun<typename Stage::In, Stage> Extend(const NoRun&, NodeId node, Stage stage) {
  return {node, std::tuple<Stage>(std::move(stage))};
}

template <class Stage, class In, class... Stages>
StatelessRun<In, Stages..., Stage> Extend(const StatelessRun<In, Stages...>& run, NodeId,
                                          Stage stage) {
  return {run.first, std::tuple_cat(run.stages, std::tuple<Stage>(std::move(stage)))};
}

// Gives the run's last node the kernel of the whole run.
template <class Last, class In, class... Stages>
void AttachKernel(const StatelessRun<In, Stages...>& run, JobNode& last) {
  if constexpr (sizeof...(Stages) > 1) {
    last.fused_factory = KernelOf<In, typename Last::Out>(run.stages);
    last.fused_from = run.first;
  }
}

}  // namespace api_internal
}  // namespace weir

#endif  // WEIR_CORE_API_STATELESS_RUN_H_
