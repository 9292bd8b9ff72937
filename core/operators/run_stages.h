// RunStages: what every kernel of a run of stateless stages has: the stages, the rows that entered and left each of them, and
// where a user function threw. A part of stateless_operator.h.
#ifndef WEIR_CORE_OPERATORS_RUN_STAGES_H_
#define WEIR_CORE_OPERATORS_RUN_STAGES_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <type_traits>
#include <utility>

#include "core/operators/operator.h"
#include "core/operators/stateless_stages.h"

namespace weir::stateless_internal {

// Rows that are cheaper to store and forget than to branch on.
template <class T>
constexpr bool kSmallAndPlain =
    std::is_trivially_copyable_v<T> && std::is_default_constructible_v<T> && sizeof(T) <= 64;

template <class... Stages>
class RunStages {
 public:
  static constexpr size_t kStages = sizeof...(Stages);

  explicit RunStages(Stages... stages) : stages_(std::move(stages)...) {}

  // The first row of the batch in hand that is not finished.
  size_t row() const { return row_; }
  size_t failed_stage() const { return failed_stage_; }
  const std::array<StageCounts, kStages>& counts() const { return counts_; }

 protected:
  template <size_t I>
  using Stage = std::tuple_element_t<I, std::tuple<Stages...>>;

  template <size_t I>
  Stage<I>& stage() {
    return std::get<I>(stages_);
  }

  // Runs `call`, which is the user's, and notes the stage if it throws.
  template <size_t I, class Call>
  decltype(auto) Guard(const Call& call) {
    try {
      return call();
    } catch (...) {
      failed_stage_ = I;
      throw;
    }
  }

  std::array<StageCounts, kStages> counts_{};
  size_t row_ = 0;

 private:
  std::tuple<Stages...> stages_;
  size_t failed_stage_ = 0;
};

}  // namespace weir::stateless_internal

#endif  // WEIR_CORE_OPERATORS_RUN_STAGES_H_
