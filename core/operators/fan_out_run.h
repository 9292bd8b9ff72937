// FanOutRun: the kernel of a run with at least one flatMap. A part of stateless_operator.h.
//
// Rows go through one at a time. A flatMap that ends the run collects straight into the output; one in the middle collects into a
// buffer of at most fanout_bytes_max, whose rows then go on one by one, so that a full output stops them.
#ifndef WEIR_CORE_OPERATORS_FAN_OUT_RUN_H_
#define WEIR_CORE_OPERATORS_FAN_OUT_RUN_H_

#include <cstddef>
#include <cstdint>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/operators/collector.h"
#include "core/operators/output.h"
#include "core/operators/progress.h"
#include "core/operators/run_stages.h"
#include "core/types/batch.h"

namespace weir::stateless_internal {

template <class In, class Out, class... Stages>
class FanOutRun : public RunStages<Stages...> {
  using Base = RunStages<Stages...>;
  using Base::counts_;
  using Base::kStages;
  using Base::row_;
  template <size_t I>
  using Stage = typename Base::template Stage<I>;

 public:
  using Base::Base;

  void set_fanout_bytes_max(size_t bytes) { fanout_bytes_max_ = bytes; }

  template <bool kTimes>
  Progress Process(Batch<In>& in, Output& out) {
    auto& rows = out.batch<Out>();
    while (row_ < in.size()) {
      if (!in_row_) {
        if (out.full()) return Progress::kMore;
        ++counts_[0].records_in;
        in_row_ = true;
        Feed<0>(in.rows[row_], rows);
      }
      const bool drained = DrainBuffers<0>(out);
      if constexpr (kTimes) rows.event_times.resize(rows.rows.size(), in.event_times[row_]);
      if (!drained) return Progress::kMore;
      in_row_ = false;
      ++row_;
    }
    row_ = 0;
    return Progress::kDone;
  }

 private:
  struct NoBuffer {};
  // The rows that a flatMap in the middle of the run produced and that have not gone on yet.
  template <class T>
  struct Buffer {
    std::vector<T> rows;
    size_t cursor = 0;
  };
  template <class S>
  using BufferOf =
      std::conditional_t<S::kKind == StageKind::kFlatMap, Buffer<typename S::Out>, NoBuffer>;

  // Sends `row` through the stages from I on, up to the next flatMap's buffer or the output.
  template <size_t I, class Row>
  void Feed(Row& row, Batch<Out>& out) {
    if constexpr (I == kStages) {
      out.rows.push_back(std::move(row));
    } else {
      auto& stage = this->template stage<I>();
      if constexpr (Stage<I>::kKind == StageKind::kMap) {
        auto mapped = this->template Guard<I>([&] { return stage.Apply(row); });
        Count<I>(1);
        Feed<I + 1>(mapped, out);
      } else if constexpr (Stage<I>::kKind == StageKind::kMutate) {
        this->template Guard<I>([&] { stage.Apply(row); });
        Count<I>(1);
        Feed<I + 1>(row, out);
      } else if constexpr (Stage<I>::kKind == StageKind::kFilter) {
        if (!this->template Guard<I>([&] { return stage.Apply(row); })) return;
        Count<I>(1);
        Feed<I + 1>(row, out);
      } else {
        auto& target = TargetOf<I>(out);
        const size_t size_before = target.size();
        Collector<typename Stage<I>::Out> collector(target, fanout_bytes_max_);
        this->template Guard<I>([&] { stage.Apply(row, collector); });
        Count<I>(target.size() - size_before);
      }
    }
  }

  // Where the flatMap at stage I puts its rows.
  template <size_t I>
  std::vector<typename Stage<I>::Out>& TargetOf(Batch<Out>& out) {
    if constexpr (I + 1 == kStages) {
      return out.rows;
    } else {
      return std::get<I>(buffers_).rows;
    }
  }

  // Empties the buffers of the flatMaps at stages >= I, the deepest first. False: the output is full.
  template <size_t I>
  bool DrainBuffers(Output& out) {
    if constexpr (I + 1 >= kStages) {
      return true;
    } else if constexpr (Stage<I>::kKind != StageKind::kFlatMap) {
      return DrainBuffers<I + 1>(out);
    } else {
      auto& buffer = std::get<I>(buffers_);
      for (;;) {
        if (!DrainBuffers<I + 1>(out)) return false;
        if (buffer.cursor == buffer.rows.size()) break;
        if (out.full()) return false;
        Feed<I + 1>(buffer.rows[buffer.cursor++], out.batch<Out>());
      }
      buffer.rows.clear();
      buffer.cursor = 0;
      return true;
    }
  }

  template <size_t I>
  void Count(size_t records_out) {
    counts_[I].records_out += static_cast<int64_t>(records_out);
    if constexpr (I + 1 < kStages) counts_[I + 1].records_in += static_cast<int64_t>(records_out);
  }

  std::tuple<BufferOf<Stages>...> buffers_;
  size_t fanout_bytes_max_ = 0;
  bool in_row_ = false;  // Row row_ has gone in, but not everything has come out.
};

}  // namespace weir::stateless_internal

#endif  // WEIR_CORE_OPERATORS_FAN_OUT_RUN_H_
