// GeneratorSource: rows made by a function of their index (Flink's DataGeneratorSource).
//
//   GeneratorSource<Order>([](int64_t index, GeneratorRandom& random) {
//     return Order{.id = index, .user = random.Skewed(1000)};
//   }, {.count = 1'000'000, .seed = 7})
//
// Row i is a pure function of (seed, i): the set of rows depends neither on parallelism nor on
// shards. Its SourcePosition is {0, i}. The function is called concurrently by several readers, each
// with a copy of it. Unbounded without a count; at most rows_per_second over all readers together.
// Where a job goes on, its next row is due at once.
#ifndef WEIR_CONNECTORS_GENERATOR_GENERATOR_SOURCE_H_
#define WEIR_CONNECTORS_GENERATOR_GENERATOR_SOURCE_H_

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "connectors/generator/generator_random.h"
#include "connectors/generator/generator_shard.h"
#include "core/base/check.h"
#include "core/base/status_macros.h"
#include "core/operators/row_pacer.h"
#include "core/operators/source.h"
#include "core/operators/wake_timer.h"
#include "core/types/batch.h"

namespace weir {

// None is negative: a job with such a generator is refused.
struct GeneratorOptions {
  std::optional<int64_t> count = std::nullopt;  // Absent: unbounded.
  int64_t rows_per_second = 0;                  // 0: as fast as possible.
  uint64_t seed = 1;
  // 0: one per reader. Unbounded sources always have one per reader of the first attempt.
  int shards = 0;
};

// InvalidArgument that names the option.
inline absl::Status ValidateGeneratorOptions(const GeneratorOptions& options) {
  const auto check = [](absl::string_view option, int64_t value) {
    if (value >= 0) return absl::OkStatus();
    return absl::InvalidArgumentError(
        absl::StrCat("GeneratorOptions::", option, " is ", value, "; it must be zero or more"));
  };
  WEIR_RETURN_IF_ERROR(check("count", options.count.value_or(0)));
  WEIR_RETURN_IF_ERROR(check("rows_per_second", options.rows_per_second));
  return check("shards", options.shards);
}

template <class T>
using GeneratorFunction = std::function<T(int64_t index, GeneratorRandom& random)>;

template <class T>
class GeneratorReader final : public SplitReader<T> {
 public:
  using typename SplitReader<T>::Chunk;
  using typename SplitReader<T>::Result;

  GeneratorReader(GeneratorFunction<T> function, GeneratorOptions options)
      : function_(std::move(function)), options_(options) {}

  absl::Status Open(OperatorContext& context) override {
    WEIR_CHECK(context_ == nullptr);
    context_ = &context;
    pacer_.emplace(options_.rows_per_second, context.env().clock().Monotonic());
    return absl::OkStatus();
  }

  absl::Status AddSplit(const SourceSplit& split, std::optional<SourcePosition> from) override {
    WEIR_ASSIGN_OR_RETURN(GeneratorShard shard, DecodeGeneratorShard(split.payload));
    if (from.has_value()) {
      WEIR_RETURN_IF_ERROR(SkipTo(from->offset, shard));
      const absl::Duration now = context_->env().clock().Monotonic();
      if (!std::exchange(resumed_, true)) pacer_->StartAt(shard.first, now);
    }
    shards_.push_back({split.id, shard});
    return absl::OkStatus();
  }

  absl::StatusOr<Result> Poll(Chunk& chunk) override {
    chunk.records.clear();
    chunk.positions.clear();
    chunk.malformed.clear();
    chunk.end_of_split = false;
    chunk.bytes = 0;
    if (shards_.empty()) return Result::kNoSplit;
    // Shards of an unbounded source have no end: the one that is behind goes first.
    if (!options_.count.has_value()) {
      const auto behind = std::min_element(
          shards_.begin(), shards_.end(),
          [](const auto& a, const auto& b) { return a.second.first < b.second.first; });
      std::iter_swap(shards_.begin(), behind);
    }
    auto& [id, shard] = shards_.front();
    chunk.split = id;
    chunk.next = {0, shard.first};
    const absl::Duration now = context_->env().clock().Monotonic();
    while (chunk.records.size() < kBatchRowsMax && shard.first < shard.end) {
      const absl::Duration wait = pacer_->UntilDue(shard.first, now);
      if (wait > absl::ZeroDuration()) {
        chunk.next = {0, shard.first};
        if (!chunk.records.empty()) return Result::kChunk;
        wake_.Arm(*context_, wait);
        return Result::kBlocked;
      }
      GeneratorRandom random(options_.seed, shard.first);
      chunk.records.push_back(function_(shard.first, random));
      chunk.positions.push_back({0, shard.first});
      shard.first += std::min(shard.stride, shard.end - shard.first);
    }
    chunk.next = {0, shard.first};
    if (shard.first >= shard.end) {
      chunk.end_of_split = true;
      shards_.pop_front();
    }
    return Result::kChunk;
  }

  void Close() override {
    if (context_ != nullptr) wake_.Close(*context_);
  }

 private:
  const GeneratorFunction<T> function_;
  const GeneratorOptions options_;
  OperatorContext* context_ = nullptr;
  std::optional<RowPacer> pacer_;
  bool resumed_ = false;
  std::deque<std::pair<SplitId, GeneratorShard>> shards_;
  WakeTimer wake_;
};

class GeneratorEnumerator final : public SplitEnumerator {
 public:
  explicit GeneratorEnumerator(GeneratorOptions options) : options_(options) {}

  absl::StatusOr<std::vector<SourceSplit>> DiscoverSplits(Env&, int parallelism) override {
    const int64_t end = options_.count.value_or(std::numeric_limits<int64_t>::max());
    const bool own = options_.count.has_value() && options_.shards > 0;
    return PlanGeneratorShards(end, own ? options_.shards : parallelism);
  }
  std::string DescribePosition(SourcePosition position) const override {
    return absl::StrCat("generated row ", position.offset);
  }

 private:
  const GeneratorOptions options_;
};

template <class T>
class GeneratorSource final : public Source<T> {
 public:
  GeneratorSource(GeneratorFunction<T> function, GeneratorOptions options)
      : function_(std::move(function)), options_(options) {}

  std::unique_ptr<SplitEnumerator> NewEnumerator() const override {
    return std::make_unique<GeneratorEnumerator>(options_);
  }
  std::unique_ptr<SplitReader<T>> NewReader() const override {
    return std::make_unique<GeneratorReader<T>>(function_, options_);
  }
  bool bounded() const override { return options_.count.has_value(); }
  std::string Describe() const override {
    const std::string count = options_.count ? absl::StrCat(*options_.count) : "unbounded";
    return absl::StrCat("generator(count=", count, ", seed=", options_.seed, ")");
  }
  absl::Status Validate() const override { return ValidateGeneratorOptions(options_); }

 private:
  GeneratorFunction<T> function_;
  GeneratorOptions options_;
};

}  // namespace weir

#endif  // WEIR_CONNECTORS_GENERATOR_GENERATOR_SOURCE_H_
