#include "core/operators/row_pacer.h"

namespace weir {
namespace {

constexpr absl::Duration kBehindMax = absl::Seconds(1);

}  // namespace

absl::Duration RowPacer::SinceStart(int64_t row) const {
  if (rows_per_second_ == 0) return absl::ZeroDuration();
  // In two parts, because the nanoseconds of a large row number overflow.
  return absl::Seconds(row / rows_per_second_) +
         absl::Seconds(1) * (row % rows_per_second_) / rows_per_second_;
}

absl::Duration RowPacer::UntilDue(int64_t row, absl::Duration now) {
  if (rows_per_second_ == 0) return absl::ZeroDuration();
  const absl::Duration until_due = start_ + SinceStart(row) - now;
  if (until_due < -kBehindMax) start_ += -kBehindMax - until_due;
  return until_due;
}

}  // namespace weir
