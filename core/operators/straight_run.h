// StraightRun: the kernel of a run of maps and filters. A part of stateless_operator.h.
//
// Small plain rows are never branched on: a filter stores every row and moves on by 0 or 1. A filter in the middle of such a run
// ends a segment, and each segment is a pass over the rows the one before has left; they are in the cache, and a pass costs
// less than a branch that cannot be predicted. Other rows go through all stages at once, and move only if they stay. A run in
// which rows keep their place (filters, maps that change the row) hands its input batch on where the output has room.
#ifndef WEIR_CORE_OPERATORS_STRAIGHT_RUN_H_
#define WEIR_CORE_OPERATORS_STRAIGHT_RUN_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/base/check.h"
#include "core/operators/output.h"
#include "core/operators/progress.h"
#include "core/operators/run_stages.h"
#include "core/types/batch.h"

namespace weir::stateless_internal {

template <class In, class Out, class... Stages>
class StraightRun : public RunStages<Stages...> {
  using Base = RunStages<Stages...>;
  using Base::counts_;
  using Base::kStages;
  using Base::row_;
  template <size_t I>
  using Stage = typename Base::template Stage<I>;

 public:
  using Base::Base;

  void set_fanout_bytes_max(size_t) {}

  template <bool kTimes>
  Progress Process(Batch<In>& in, Output& out) {
    auto& rows = out.batch<Out>();
    if constexpr (kInPlace) {
      if (row_ == 0 && out.empty() && in.size() <= out.rows_max()) {
        ProcessInPlace<kTimes>(in);
        std::swap(in.rows, rows.rows);
        std::swap(in.event_times, rows.event_times);
        in.Clear();
        return Progress::kDone;
      }
    }
    while (row_ < in.size()) {
      if (out.full()) return Progress::kMore;
      // Each row yields at most one, so the output has room for all of these.
      const size_t room = out.rows_max() - rows.size();
      ProcessRange<kTimes>(in, std::min(room, in.size() - row_), rows);
    }
    row_ = 0;
    return Progress::kDone;
  }

 private:
  // Output rows of the filters; what maps put out follows from them.
  using Passed = std::array<int64_t, kStages>;

  // The rows that are left can be left where they were.
  static constexpr bool kInPlace =
      (std::is_same_v<typename Stages::Out, In> && ...) &&
      (kSmallAndPlain<In> || ((Stages::kKind != StageKind::kMap) && ...));
  static constexpr bool kFilters = ((Stages::kKind == StageKind::kFilter) || ...);

  // One past the last stage of the segment that starts at `begin`: behind a filter of small plain rows, or the end.
  static constexpr size_t SegmentEnd(size_t begin) {
    constexpr std::array<bool, kStages> kEnds = {
        (Stages::kKind == StageKind::kFilter && kSmallAndPlain<typename Stages::Out>)...};
    for (size_t i = begin; i < kStages; ++i) {
      if (kEnds[i]) return i + 1;
    }
    return kStages;
  }

  // `count` rows of `in` from row_ on, behind what `out` has. Leaves row_ behind them.
  template <bool kTimes>
  void ProcessRange(Batch<In>& in, size_t count, Batch<Out>& out) {
    const size_t begin = row_;
    const size_t size_before = out.rows.size();
    Passed passed{};
    RunSegments<0>(in.rows.data() + begin, count, passed,
                   [&]<size_t kBegin, class Row>(Row* rows, size_t left) {
                     if constexpr (kSmallAndPlain<Out>) {
                       out.rows.resize(size_before + left);
                       const size_t kept = StoreSegment<kBegin, kStages>(
                           rows, left, out.rows.data() + size_before, passed);
                       out.rows.resize(size_before + kept);
                     } else {
                       AppendSegment<kBegin>(rows, left, out.rows, passed);
                     }
                   });
    const size_t kept = out.rows.size() - size_before;
    if constexpr (kTimes) {
      out.event_times.resize(size_before + kept);
      TakeTimes(in.event_times.data() + begin, kept, out.event_times.data() + size_before);
    }
    AddCounts(count, passed, kept);
    row_ = begin + count;
  }

  // Compacts `in` to what passes.
  template <bool kTimes>
  void ProcessInPlace(Batch<In>& in) {
    const size_t count = in.rows.size();
    size_t kept = 0;
    Passed passed{};
    RunSegments<0>(in.rows.data(), count, passed,
                   [&]<size_t kBegin, class Row>(Row* rows, size_t left) {
                     if constexpr (kSmallAndPlain<In>) {
                       kept = StoreSegment<kBegin, kStages>(rows, left, rows, passed);
                     } else {
                       kept = CompactSegment<kBegin>(rows, left, passed);
                     }
                   });
    in.rows.erase(in.rows.begin() + static_cast<std::ptrdiff_t>(kept), in.rows.end());
    if constexpr (kTimes) {
      TakeTimes(in.event_times.data(), kept, in.event_times.data());
      in.event_times.resize(kept);
    }
    AddCounts(count, passed, kept);
    row_ = 0;
  }

  // Runs all segments but the last over `rows` and calls last.operator()<its first stage>(rows, how many are left).
  template <size_t kBegin, class Row, class Last>
  void RunSegments(Row* rows, size_t count, Passed& passed, const Last& last) {
    constexpr size_t kEnd = SegmentEnd(kBegin);
    if constexpr (kEnd == kStages) {
      if constexpr (kBegin == 0 && kFilters) origins_.resize(std::max(origins_.size(), count));
      last.template operator()<kBegin>(rows, count);
    } else {
      if constexpr (kBegin == 0) origins_.resize(std::max(origins_.size(), count));
      using Next = typename Stage<kEnd - 1>::Out;
      Next* to;
      if constexpr (std::is_same_v<Row, Next> && kSmallAndPlain<Row>) {
        to = rows;
      } else {
        auto& scratch = std::get<kEnd - 1>(scratch_);
        scratch.resize(std::max(scratch.size(), count));
        to = scratch.data();
      }
      const size_t kept = StoreSegment<kBegin, kEnd>(rows, count, to, passed);
      RunSegments<kEnd>(to, kept, passed, last);
    }
  }

  // The position, in the range in hand, of the row that is `index`th in the segment that starts at kBegin.
  template <size_t kBegin>
  uint32_t OriginOf(size_t index) const {
    return kBegin == 0 ? static_cast<uint32_t>(index) : origins_[index];
  }

  // Notes where a user function threw.
  template <size_t kBegin>
  void NoteRow(size_t index) {
    row_ += OriginOf<kBegin>(index);
  }

  // Stages [kBegin, kEnd) over small plain rows: every result is stored, and kept by moving on. `to` may be `rows`.
  template <size_t kBegin, size_t kEnd, class Row, class Next>
  size_t StoreSegment(Row* rows, size_t count, Next* to, Passed& passed_in_all) {
    Passed passed{};
    size_t read = 0;
    size_t write = 0;
    uint32_t* const origins = origins_.data();
    try {
      for (; read < count; ++read) {
        if constexpr (kFilters) origins[write] = OriginOf<kBegin>(read);
        const auto store = [&](auto& row, bool keep) {
          to[write] = std::move(row);
          return keep;
        };
        bool keep;
        if constexpr (kSmallAndPlain<Row>) {
          Row row = rows[read];
          keep = Pass<kBegin, kEnd>(row, passed, store);
        } else {
          keep = Pass<kBegin, kEnd>(rows[read], passed, store);
        }
        write += keep ? 1 : 0;
      }
    } catch (...) {
      NoteRow<kBegin>(read);
      throw;
    }
    if constexpr (Stage<kEnd - 1>::kKind == StageKind::kFilter) {
      passed[kEnd - 1] = static_cast<int64_t>(write);
    }
    for (size_t i = kBegin; i < kEnd; ++i) passed_in_all[i] += passed[i];
    return write;
  }

  // The last stages, for rows that are appended if they pass.
  template <size_t kBegin, class Row>
  void AppendSegment(Row* rows, size_t count, std::vector<Out>& out, Passed& passed) {
    const size_t size_before = out.size();
    out.reserve(size_before + count);
    size_t read = 0;
    try {
      for (; read < count; ++read) {
        Pass<kBegin, kStages>(rows[read], passed, [&](auto& row, bool keep) {
          if (!keep) return false;
          if constexpr (kFilters) origins_[out.size() - size_before] = OriginOf<kBegin>(read);
          out.push_back(std::move(row));
          return true;
        });
      }
    } catch (...) {
      NoteRow<kBegin>(read);
      throw;
    }
  }

  // The last stages, for rows that keep their place and move only to close gaps.
  template <size_t kBegin>
  size_t CompactSegment(In* rows, size_t count, Passed& passed) {
    size_t read = 0;
    size_t write = 0;
    try {
      for (; read < count; ++read) {
        const bool keep =
            Pass<kBegin, kStages>(rows[read], passed, [](auto&, bool kept) { return kept; });
        if (!keep) continue;
        if constexpr (kFilters) origins_[write] = OriginOf<kBegin>(read);
        if (write != read) rows[write] = std::move(rows[read]);
        ++write;
      }
    } catch (...) {
      NoteRow<kBegin>(read);
      throw;
    }
    return write;
  }

  // Sends `row` through the stages [I, kEnd) and calls emit(row, keep) with what comes out. Of small plain rows it gets those
  // that a filter at kEnd - 1 drops, too.
  template <size_t I, size_t kEnd, class Row, class Emit>
  bool Pass(Row& row, Passed& passed, const Emit& emit) {
    if constexpr (I == kEnd) {
      return emit(row, true);
    } else {
      auto& stage = this->template stage<I>();
      if constexpr (Stage<I>::kKind == StageKind::kMap) {
        auto mapped = this->template Guard<I>([&] { return stage.Apply(row); });
        return Pass<I + 1, kEnd>(mapped, passed, emit);
      } else if constexpr (Stage<I>::kKind == StageKind::kMutate) {
        this->template Guard<I>([&] { stage.Apply(row); });
        return Pass<I + 1, kEnd>(row, passed, emit);
      } else {
        const bool keep = this->template Guard<I>([&] { return stage.Apply(row); });
        if constexpr (I + 1 == kEnd && kSmallAndPlain<Row>) {
          return emit(row, keep);
        } else {
          passed[I] += keep ? 1 : 0;
          return keep && Pass<I + 1, kEnd>(row, passed, emit);
        }
      }
    }
  }

  // The times of the rows that are left, from those of the range in hand. `to` may be `from`.
  void TakeTimes(const EventTime* from, size_t count, EventTime* to) const {
    for (size_t i = 0; i < count; ++i) to[i] = from[kFilters ? origins_[i] : i];
  }

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

  // Of the rows that are left, where they stood in the range in hand. Unused without filters.
  std::vector<uint32_t> origins_;
  // Results of the segments that change the row type, by their last stage.
  std::tuple<std::vector<typename Stages::Out>...> scratch_;
};

}  // namespace weir::stateless_internal

#endif  // WEIR_CORE_OPERATORS_STRAIGHT_RUN_H_
