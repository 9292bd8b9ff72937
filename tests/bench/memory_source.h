// MemorySource: a bounded source of rows that are in memory already, so that a benchmark measures the engine and not a reader. One
// split. Copies rows, as any source must.
#ifndef WEIR_TESTS_BENCH_MEMORY_SOURCE_H_
#define WEIR_TESTS_BENCH_MEMORY_SOURCE_H_

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/operators/source.h"

namespace weir::bench {

template <class T>
class MemorySource final : public Source<T> {
 public:
  // `rows` must outlive every reader.
  explicit MemorySource(const std::vector<T>* rows) : rows_(rows) {}
  std::unique_ptr<SplitEnumerator> NewEnumerator() const override {
    return std::make_unique<Enumerator>();
  }
  std::unique_ptr<SplitReader<T>> NewReader() const override {
    return std::make_unique<Reader>(rows_);
  }
  bool bounded() const override { return true; }
  std::string Describe() const override { return "memory"; }

 private:
  class Enumerator final : public SplitEnumerator {
   public:
    absl::StatusOr<std::vector<SourceSplit>> DiscoverSplits(Env&, int) override {
      return std::vector<SourceSplit>{{.id = SplitId(0), .payload = ""}};
    }
    std::string DescribePosition(SourcePosition) const override { return "memory"; }
  };

  class Reader final : public SplitReader<T> {
   public:
    explicit Reader(const std::vector<T>* rows) : rows_(rows) {}
    absl::Status Open(OperatorContext&) override { return absl::OkStatus(); }
    absl::Status AddSplit(const SourceSplit& split, std::optional<SourcePosition> from) override {
      split_ = split.id;
      next_ = from.has_value() ? static_cast<size_t>(from->offset) : 0;
      return absl::OkStatus();
    }
    absl::StatusOr<typename SplitReader<T>::Result> Poll(
        typename SplitReader<T>::Chunk& chunk) override {
      if (!split_.has_value()) return SplitReader<T>::Result::kNoSplit;
      const size_t end = std::min(next_ + kBatchRowsMax, rows_->size());
      chunk.split = *split_;
      chunk.records.assign(rows_->begin() + static_cast<ptrdiff_t>(next_),
                           rows_->begin() + static_cast<ptrdiff_t>(end));
      chunk.positions.resize(end - next_);
      for (size_t i = next_; i < end; ++i)
        chunk.positions[i - next_] = {0, static_cast<int64_t>(i)};
      chunk.next = {0, static_cast<int64_t>(end)};
      chunk.malformed.clear();
      next_ = end;
      chunk.end_of_split = next_ == rows_->size();
      if (chunk.end_of_split) split_.reset();
      return SplitReader<T>::Result::kChunk;
    }
    void Close() override {}

   private:
    const std::vector<T>* const rows_;
    std::optional<SplitId> split_;
    size_t next_ = 0;
  };

  const std::vector<T>* rows_;
};

}  // namespace weir::bench

#endif  // WEIR_TESTS_BENCH_MEMORY_SOURCE_H_
