// FusedOperator: one kernel for a run of maps, filters and flatMaps that was composed at compile time. A node of its own is a
// run of one stage. Its output is that of the same stages run one by one, whatever the batches and however full the output.
//
//   FusedOperator<Event, Bid, FilterStage<Event, F>, MapStage<Event, Bid, G>>
//
// Belongs to the executor of its subtask. The hot loop pays nothing for error reporting: row and stage are noted only when a
// user function throws. A call of a flatMap function in the middle of a run may fill a buffer of up to fanout_bytes_max; the
// rows in it then go on one by one.
#ifndef WEIR_CORE_OPERATORS_STATELESS_OPERATOR_H_
#define WEIR_CORE_OPERATORS_STATELESS_OPERATOR_H_

#include <cstddef>
#include <span>
#include <tuple>
#include <type_traits>
#include <utility>

#include "core/operators/collector.h"
#include "core/operators/fan_out_run.h"
#include "core/operators/operator.h"
#include "core/operators/stateless_stages.h"
#include "core/operators/straight_run.h"

namespace weir {

template <class In, class Out, class... Stages>
class FusedOperator final : public StatelessOperator {
  static_assert(sizeof...(Stages) > 0);
  using First = std::tuple_element_t<0, std::tuple<Stages...>>;
  using Last = std::tuple_element_t<sizeof...(Stages) - 1, std::tuple<Stages...>>;
  static_assert(std::is_same_v<typename First::In, In> && std::is_same_v<typename Last::Out, Out>);

 public:
  explicit FusedOperator(Stages... stages) : run_(std::move(stages)...) {}

  absl::Status Open(OperatorContext& context) override {
    run_.set_fanout_bytes_max(context.fanout_bytes_max());
    return absl::OkStatus();
  }

  absl::StatusOr<Progress> ProcessBatch(int, BatchBase& batch, Output& out) override {
    auto& rows = BatchAs<In>(batch);
    try {
      if (rows.has_event_times()) return run_.template Process<true>(rows, out);
      return run_.template Process<false>(rows, out);
    } catch (const FanoutExceeded& error) {
      return absl::ResourceExhaustedError(error.what());
    }
  }

  size_t current_row() const override { return run_.row(); }
  size_t current_stage() const override { return run_.failed_stage(); }
  std::span<const StageCounts> stage_counts() const override { return run_.counts(); }

 private:
  static constexpr bool kFansOut = ((Stages::kKind == StageKind::kFlatMap) || ...);
  std::conditional_t<kFansOut, stateless_internal::FanOutRun<In, Out, Stages...>,
                     stateless_internal::StraightRun<In, Out, Stages...>>
      run_;
};

}  // namespace weir

#endif  // WEIR_CORE_OPERATORS_STATELESS_OPERATOR_H_
