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

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/operators/collector.h"
#include "core/operators/operator.h"
#include "core/operators/stateless_stages.h"

namespace weir {

template <class In, class Out, class... Stages>
class FusedOperator final : public StatelessOperator {
  static constexpr size_t kStages = sizeof...(Stages);
  static_assert(kStages > 0);
  template <size_t I>
  using Stage = std::tuple_element_t<I, std::tuple<Stages...>>;
  static_assert(std::is_same_v<typename Stage<0>::In, In>);
  static_assert(std::is_same_v<typename Stage<kStages - 1>::Out, Out>);

 public:
  explicit FusedOperator(Stages... stages) : stages_(std::move(stages)...) {}

  absl::Status Open(OperatorContext& context) override {
    fanout_bytes_max_ = context.fanout_bytes_max();
    return absl::OkStatus();
  }

  absl::StatusOr<Progress> ProcessBatch(int, BatchBase& batch, Output& out) override {
    auto& rows = BatchAs<In>(batch);
    try {
      if (rows.has_event_times()) return Process<true>(rows, out);
      return Process<false>(rows, out);
    } catch (const FanoutExceeded& error) {
      return absl::ResourceExhaustedError(error.what());
    }
  }

  size_t current_row() const override { return row_; }
  size_t current_stage() const override { return failed_stage_; }
  std::span<const StageCounts> stage_counts() const override { return counts_; }

 private:
  static constexpr bool kFanOut = ((Stages::kKind == StageKind::kFlatMap) || ...);
  // Every stage leaves the row where it is, so that whole batches can be handed on.
  static constexpr bool kInPlace =
      ((Stages::kKind == StageKind::kFilter || Stages::kKind == StageKind::kMutate) && ...);
  static constexpr bool kFilters = ((Stages::kKind == StageKind::kFilter) || ...);
  // Rows that are cheaper to store and forget than to branch on.
  template <class T>
  static constexpr bool kSmallAndPlain =
      std::is_trivially_copyable_v<T> && std::is_default_constructible_v<T> && sizeof(T) <= 64;

  // Output rows of filter and flatMap stages; what maps put out follows from them.
  using Passed = std::array<int64_t, kStages>;

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

  template <bool kTimes>
  absl::StatusOr<Progress> Process(Batch<In>& in, Output& out) {
    if constexpr (kFanOut) {
      return ProcessFanOut<kTimes>(in, out);
    } else {
      if constexpr (kInPlace) {
        if (row_ == 0 && out.empty() && in.size() <= out.rows_max()) {
          ProcessInPlace<kTimes>(in);
          HandOver(in, out.batch<Out>());
          return Done();
        }
      }
      while (row_ < in.size()) {
        if (out.full()) return Progress::kMore;
        // Each row yields at most one, so the output has room for all of these.
        const size_t room = out.rows_max() - out.batch<Out>().size();
        ProcessRange<kTimes>(in, row_ + std::min(room, in.size() - row_), out.batch<Out>());
      }
      return Done();
    }
  }

  Progress Done() {
    row_ = 0;
    return Progress::kDone;
  }

  // Compacts `in` to what passes.
  template <bool kTimes>
  void ProcessInPlace(Batch<In>& in) {
    In* const rows = in.rows.data();
    EventTime* const times = in.event_times.data();
    const size_t size = in.rows.size();
    Passed passed{};
    size_t read = 0;
    size_t write = 0;
    try {
      for (; read < size; ++read) {
        if constexpr (kSmallAndPlain<In>) {
          In row = rows[read];
          const bool keep = PassInPlace<0>(row, passed);
          rows[write] = row;
          if constexpr (kTimes) times[write] = times[read];
          write += keep ? 1 : 0;
        } else if (PassInPlace<0>(rows[read], passed)) {
          if (write != read) rows[write] = std::move(rows[read]);
          if constexpr (kTimes) times[write] = times[read];
          ++write;
        }
      }
    } catch (...) {
      row_ = read;
      throw;
    }
    in.rows.erase(in.rows.begin() + static_cast<std::ptrdiff_t>(write), in.rows.end());
    if constexpr (kTimes) {
      in.event_times.erase(in.event_times.begin() + static_cast<std::ptrdiff_t>(write),
                           in.event_times.end());
    }
    AddCounts(size, passed, write);
  }

  template <size_t I>
  bool PassInPlace(In& row, Passed& passed) {
    if constexpr (I == kStages) {
      return true;
    } else {
      auto& stage = std::get<I>(stages_);
      if constexpr (Stage<I>::kKind == StageKind::kMutate) {
        Guard<I>([&] { stage.Apply(row); });
        return PassInPlace<I + 1>(row, passed);
      } else {
        const bool keep = Guard<I>([&] { return stage.Apply(row); });
        passed[I] += keep ? 1 : 0;
        if constexpr (I + 1 == kStages) {
          return keep;
        } else {
          return keep && PassInPlace<I + 1>(row, passed);
        }
      }
    }
  }

  // Gives the rows of `in` to the (empty) output and its memory to `in`.
  static void HandOver(BatchBase& in_base, BatchBase& out_base) {
    auto& in = BatchAs<Out>(in_base);
    auto& out = BatchAs<Out>(out_base);
    std::swap(in.rows, out.rows);
    std::swap(in.event_times, out.event_times);
    in.Clear();
    out.key_hashes.clear();
  }

  // Rows [row_, end) of `in`; sets row_ to `end`. For runs without flatMap.
  template <bool kTimes>
  void ProcessRange(Batch<In>& in, size_t end, Batch<Out>& out) {
    if constexpr (kTimes && !kFilters) {
      out.event_times.insert(out.event_times.end(), in.event_times.begin() + row_,
                             in.event_times.begin() + end);
    }
    if constexpr (kSmallAndPlain<Out>) {
      StoreRange<kTimes && kFilters>(in, end, out);
    } else {
      AppendRange<kTimes && kFilters>(in, end, out);
    }
  }

  template <bool kTimes>
  void StoreRange(Batch<In>& in, size_t end, Batch<Out>& out) {
    const size_t begin = row_;
    const size_t size_before = out.rows.size();
    out.rows.resize(size_before + (end - begin));
    if constexpr (kTimes) out.event_times.resize(size_before + (end - begin));
    Out* const rows = out.rows.data() + size_before;
    EventTime* const times = out.event_times.data() + (kTimes ? size_before : 0);
    Passed passed{};
    size_t read = begin;
    size_t write = 0;
    try {
      for (; read < end; ++read) {
        if constexpr (kTimes) times[write] = in.event_times[read];
        const bool keep = Pass<0>(in.rows[read], passed, [&](auto& row, bool kept) {
          rows[write] = std::move(row);
          return kept;
        });
        write += keep ? 1 : 0;
      }
    } catch (...) {
      row_ = read;
      throw;
    }
    row_ = end;
    out.rows.resize(size_before + write);
    if constexpr (kTimes) out.event_times.resize(size_before + write);
    AddCounts(end - begin, passed, write);
  }

  template <bool kTimes>
  void AppendRange(Batch<In>& in, size_t end, Batch<Out>& out) {
    const size_t begin = row_;
    const size_t size_before = out.rows.size();
    out.rows.reserve(size_before + (end - begin));
    Passed passed{};
    for (; row_ < end; ++row_) {
      Pass<0>(in.rows[row_], passed, [&](auto& row, bool kept) {
        if (!kept) return false;
        out.rows.push_back(std::move(row));
        if constexpr (kTimes) out.event_times.push_back(in.event_times[row_]);
        return true;
      });
    }
    AddCounts(end - begin, passed, out.rows.size() - size_before);
  }

  // Sends `row` through the stages from I on and calls emit(row, kept) with what comes out. A last filter of small rows calls
  // it with every row, so that there is no branch to mispredict.
  template <size_t I, class Row, class Emit>
  bool Pass(Row& row, Passed& passed, const Emit& emit) {
    if constexpr (I == kStages) {
      return emit(row, true);
    } else {
      auto& stage = std::get<I>(stages_);
      if constexpr (Stage<I>::kKind == StageKind::kMap) {
        auto mapped = Guard<I>([&] { return stage.Apply(row); });
        return Pass<I + 1>(mapped, passed, emit);
      } else if constexpr (Stage<I>::kKind == StageKind::kMutate) {
        Guard<I>([&] { stage.Apply(row); });
        return Pass<I + 1>(row, passed, emit);
      } else {
        static_assert(Stage<I>::kKind == StageKind::kFilter);
        const bool keep = Guard<I>([&] { return stage.Apply(row); });
        passed[I] += keep ? 1 : 0;
        if constexpr (I + 1 == kStages && kSmallAndPlain<Row>) {
          return emit(row, keep);
        } else {
          return keep && Pass<I + 1>(row, passed, emit);
        }
      }
    }
  }

  template <bool kTimes>
  absl::StatusOr<Progress> ProcessFanOut(Batch<In>& in, Output& out) {
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
    return Done();
  }

  // Sends `row` through the stages from I on, up to the next flatMap's buffer or the output.
  template <size_t I, class Row>
  void Feed(Row& row, Batch<Out>& out) {
    if constexpr (I == kStages) {
      out.rows.push_back(std::move(row));
    } else {
      auto& stage = std::get<I>(stages_);
      if constexpr (Stage<I>::kKind == StageKind::kMap) {
        auto mapped = Guard<I>([&] { return stage.Apply(row); });
        Count<I>(1);
        Feed<I + 1>(mapped, out);
      } else if constexpr (Stage<I>::kKind == StageKind::kMutate) {
        Guard<I>([&] { stage.Apply(row); });
        Count<I>(1);
        Feed<I + 1>(row, out);
      } else if constexpr (Stage<I>::kKind == StageKind::kFilter) {
        if (!Guard<I>([&] { return stage.Apply(row); })) return;
        Count<I>(1);
        Feed<I + 1>(row, out);
      } else {
        auto& target = TargetOf<I>(out);
        const size_t size_before = target.size();
        Collector<typename Stage<I>::Out> collector(target, fanout_bytes_max_);
        Guard<I>([&] { stage.Apply(row, collector); });
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

  template <size_t I>
  void Count(size_t records_out) {
    counts_[I].records_out += static_cast<int64_t>(records_out);
    if constexpr (I + 1 < kStages) counts_[I + 1].records_in += static_cast<int64_t>(records_out);
  }

  // For runs without flatMap, after `records_in` rows of which `records_out` came through.
  void AddCounts(size_t records_in, const Passed& passed, size_t records_out) {
    constexpr std::array<bool, kStages> kIsFilter = {(Stages::kKind == StageKind::kFilter)...};
    auto flowing = static_cast<int64_t>(records_in);
    for (size_t i = 0; i < kStages; ++i) {
      counts_[i].records_in += flowing;
      if (kIsFilter[i]) flowing = passed[i];
      counts_[i].records_out += flowing;
    }
    WEIR_DCHECK_EQ(flowing, records_out);
  }

  std::tuple<Stages...> stages_;
  std::tuple<BufferOf<Stages>...> buffers_;
  std::array<StageCounts, kStages> counts_{};
  size_t fanout_bytes_max_ = 0;
  size_t row_ = 0;       // Of the batch in hand: the first row that is not finished.
  bool in_row_ = false;  // Row row_ has gone in, but not everything has come out.
  size_t failed_stage_ = 0;
};

}  // namespace weir

#endif  // WEIR_CORE_OPERATORS_STATELESS_OPERATOR_H_
