// LoopSource: a bounded source that goes round and round a small table, so that a benchmark measures neither a reader nor memory. One
// split per reader, each with an equal share of the rows.
#ifndef WEIR_TESTS_BENCH_LOOP_SOURCE_H_
#define WEIR_TESTS_BENCH_LOOP_SOURCE_H_

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/operators/source.h"

namespace weir::bench {

template <class T>
class LoopSource final : public Source<T> {
 public:
  // `table` must not be empty.
  LoopSource(std::vector<T> table, int64_t rows)
      : table_(std::make_shared<const std::vector<T>>(std::move(table))), rows_(rows) {}
  std::unique_ptr<SplitEnumerator> NewEnumerator() const override {
    return std::make_unique<Enumerator>(rows_);
  }
  std::unique_ptr<SplitReader<T>> NewReader() const override {
    return std::make_unique<Reader>(table_);
  }
  bool bounded() const override { return true; }
  std::string Describe() const override { return "loop"; }

 private:
  // The payload of a split is how many rows it has.
  class Enumerator final : public SplitEnumerator {
   public:
    explicit Enumerator(int64_t rows) : rows_(rows) {}
    absl::StatusOr<std::vector<SourceSplit>> DiscoverSplits(Env&, int readers) override {
      std::vector<SourceSplit> splits;
      for (int i = 0; i < readers; ++i) {
        const int64_t rows = rows_ * (i + 1) / readers - rows_ * i / readers;
        splits.push_back(
            {.id = SplitId(static_cast<uint32_t>(i)), .payload = std::to_string(rows)});
      }
      return splits;
    }
    std::string DescribePosition(SourcePosition) const override { return "loop"; }

   private:
    const int64_t rows_;
  };

  class Reader final : public SplitReader<T> {
   public:
    explicit Reader(std::shared_ptr<const std::vector<T>> table) : table_(std::move(table)) {}
    absl::Status Open(OperatorContext&) override { return absl::OkStatus(); }
    absl::Status AddSplit(const SourceSplit& split, std::optional<SourcePosition> from) override {
      split_ = split.id;
      end_ = std::stoll(split.payload);
      next_ = from.has_value() ? from->offset : 0;
      return absl::OkStatus();
    }
    absl::StatusOr<typename SplitReader<T>::Result> Poll(
        typename SplitReader<T>::Chunk& chunk) override {
      if (!split_.has_value()) return SplitReader<T>::Result::kNoSplit;
      const int64_t size = static_cast<int64_t>(table_->size());
      const int64_t at = next_ % size;
      const int64_t count =
          std::min({static_cast<int64_t>(kBatchRowsMax), size - at, end_ - next_});
      chunk.split = *split_;
      chunk.records.assign(table_->begin() + at, table_->begin() + at + count);
      chunk.positions.resize(static_cast<size_t>(count));
      for (int64_t i = 0; i < count; ++i) chunk.positions[static_cast<size_t>(i)] = {0, next_ + i};
      next_ += count;
      chunk.next = {0, next_};
      chunk.malformed.clear();
      chunk.end_of_split = next_ == end_;
      if (chunk.end_of_split) split_.reset();
      return SplitReader<T>::Result::kChunk;
    }
    void Close() override {}

   private:
    const std::shared_ptr<const std::vector<T>> table_;
    std::optional<SplitId> split_;
    int64_t next_ = 0;
    int64_t end_ = 0;
  };

  const std::shared_ptr<const std::vector<T>> table_;
  const int64_t rows_;
};

}  // namespace weir::bench

#endif  // WEIR_TESTS_BENCH_LOOP_SOURCE_H_
