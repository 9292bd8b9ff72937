// RowPacer: when the rows of a source with a rate are due. Row i is due i / rows_per_second after the start. Who falls behind by more
// than a second does not catch up what is beyond it, so bursts are bounded. Pure.
#ifndef WEIR_CORE_OPERATORS_ROW_PACER_H_
#define WEIR_CORE_OPERATORS_ROW_PACER_H_

#include <cstdint>

#include "absl/time/time.h"

namespace weir {

class RowPacer {
 public:
  // rows_per_second >= 0; 0: all rows are due at once.
  RowPacer(int64_t rows_per_second, absl::Duration start)
      : rows_per_second_(rows_per_second), start_(start) {}

  // Row `row` is due at `now`, whatever came before: where a stream goes on, or begins.
  void StartAt(int64_t row, absl::Duration now) { start_ = now - SinceStart(row); }

  // How long until `row` is due, seen from `now`; zero or less: it is due. Rows come in order.
  absl::Duration UntilDue(int64_t row, absl::Duration now);

 private:
  absl::Duration SinceStart(int64_t row) const;

  const int64_t rows_per_second_;
  absl::Duration start_;
};

}  // namespace weir

#endif  // WEIR_CORE_OPERATORS_ROW_PACER_H_
