// ReduceOperator: the rolling reduce of a keyed stream: keeps one value per key and puts out the new value after every row,
// with the row's event time (Flink's KeyedStream.reduce). Belongs to the executor of its subtask. State: "reduce", one
// value per key.
#ifndef WEIR_CORE_OPERATORS_REDUCE_OPERATOR_H_
#define WEIR_CORE_OPERATORS_REDUCE_OPERATOR_H_

#include <cstddef>
#include <functional>
#include <utility>

#include "core/operators/key_by.h"
#include "core/operators/operator.h"
#include "state/memory/state_table.h"

namespace weir {

// Fold::Accumulator is the output row; see fold.h.
template <class T, class Selector, class Fold>
class ReduceOperator final : public Operator {
 public:
  using Key = KeyOf<T, Selector>;
  using Value = typename Fold::Accumulator;

  ReduceOperator(Selector selector, Fold fold)
      : selector_(std::move(selector)), fold_(std::move(fold)) {}

  absl::Status Open(OperatorContext& context) override {
    table_ = &context.state().Keyed<Key, Value>("reduce");
    return absl::OkStatus();
  }

  absl::StatusOr<Progress> ProcessBatch(int, BatchBase& batch, Output& out) override {
    auto& rows = BatchAs<T>(batch);
    auto& results = out.batch<Value>();
    if (rows.key_hashes.empty()) HashKeysInto(rows, selector_, rows.key_hashes);
    for (; row_ < rows.size(); ++row_) {
      if (out.full()) return Progress::kMore;
      T& row = rows.rows[row_];
      const Value& value = table_->Upsert(
          rows.key_hashes[row_], std::invoke(selector_, std::as_const(row)),
          [&] { return fold_.First(row); }, [&](Value& into) { fold_.Add(row, into); });
      results.AppendFrom(value, rows, row_);
    }
    row_ = 0;
    return Progress::kDone;
  }

  absl::StatusOr<Progress> ProcessWatermark(Watermark, Output&) override { return Progress::kDone; }
  absl::StatusOr<Progress> Finish(Output&) override { return Progress::kDone; }
  size_t current_row() const override { return row_; }

 private:
  Selector selector_;
  Fold fold_;
  StateTable<Key, Value>* table_ = nullptr;
  size_t row_ = 0;
};

}  // namespace weir

#endif  // WEIR_CORE_OPERATORS_REDUCE_OPERATOR_H_
