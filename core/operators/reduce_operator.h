// ReduceOperator: the rolling reduce of a keyed stream: keeps one value per key and puts out the new value after every row,
// with the row's event time (Flink's KeyedStream.reduce). Belongs to the executor of its subtask; state grows with the keys.
#ifndef WEIR_CORE_OPERATORS_REDUCE_OPERATOR_H_
#define WEIR_CORE_OPERATORS_REDUCE_OPERATOR_H_

#include <cstddef>
#include <functional>
#include <optional>
#include <utility>

#include "core/operators/key_by.h"
#include "core/operators/operator.h"
#include "state/memory/keyed_table.h"

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
    const OperatorIdentity& identity = context.identity();
    table_.emplace(identity.key_groups, identity.max_parallelism);
    return absl::OkStatus();
  }

  absl::StatusOr<Progress> ProcessBatch(int, BatchBase& batch, Output& out) override {
    auto& rows = BatchAs<T>(batch);
    auto& results = out.batch<Value>();
    if (rows.key_hashes.empty()) HashKeysInto(rows, selector_, rows.key_hashes);
    for (; row_ < rows.size(); ++row_) {
      if (out.full()) return Progress::kMore;
      T& row = rows.rows[row_];
      const auto [entry, is_new] =
          table_->FindOrInsert(rows.key_hashes[row_], std::invoke(selector_, std::as_const(row)),
                               [&] { return fold_.First(row); });
      if (!is_new) fold_.Add(row, entry->value);
      results.AppendFrom(entry->value, rows, row_);
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
  std::optional<KeyedTable<Key, Value>> table_;
  size_t row_ = 0;
};

}  // namespace weir

#endif  // WEIR_CORE_OPERATORS_REDUCE_OPERATOR_H_
