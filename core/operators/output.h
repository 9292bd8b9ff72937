// Output: where an operator puts rows and control; one batch under construction. The subtask drains it when it is full or when
// the call returns. An operator asks full() before it starts on an input row (or a fired row) and returns kMore if it is;
// only the output of one user call may go past the limit, up to fanout_bytes_max.
//
// Rows first, then at most one watermark per drain: a watermark seals the output. Belongs to the executor of its subtask.
#ifndef WEIR_CORE_OPERATORS_OUTPUT_H_
#define WEIR_CORE_OPERATORS_OUTPUT_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

#include "core/base/check.h"
#include "core/types/batch.h"
#include "core/types/stream_element.h"

namespace weir {

class Output {
 public:
  // `rows_max` 0 makes an output that is always full: it refuses.
  Output(std::unique_ptr<BatchBase> batch, size_t rows_max)
      : batch_(std::move(batch)), rows_max_(rows_max) {}

  bool full() const { return watermark_.has_value() || batch_->size() >= rows_max_; }
  bool empty() const { return !watermark_.has_value() && batch_->size() == 0; }
  size_t rows_max() const { return rows_max_; }

  // The batch under construction; T is the operator's output row type. rows() of a typed operator's hot loop.
  template <class T>
  Batch<T>& batch() {
    return BatchAs<T>(*batch_);
  }
  BatchBase& untyped_batch() { return *batch_; }

  // Requires that no watermark was emitted since the last drain.
  void EmitWatermark(Watermark watermark) {
    WEIR_CHECK(!watermark_.has_value());
    watermark_ = watermark;
  }

  // For the runtime: the batch's rows precede the watermark.
  const std::optional<Watermark>& watermark() const { return watermark_; }
  void ClearWatermark() { watermark_.reset(); }
  void set_rows_max(size_t rows_max) { rows_max_ = rows_max; }
  // Puts `replacement` (empty, same row type) in the place of the batch and returns the batch. Used to hand batches over
  // without copying rows: by the runtime between operators, and by operators that pass their input batch on.
  std::unique_ptr<BatchBase> ExchangeBatch(std::unique_ptr<BatchBase> replacement) {
    return std::exchange(batch_, std::move(replacement));
  }

 private:
  std::unique_ptr<BatchBase> batch_;
  size_t rows_max_;
  std::optional<Watermark> watermark_;
};

}  // namespace weir

#endif  // WEIR_CORE_OPERATORS_OUTPUT_H_
