// GeneratorShard: a split of a generator: every `stride`-th row from `first` on, so that the shards
// advance together through the stream. GeneratorPacer says when they are due. Pure.
#ifndef WEIR_CONNECTORS_GENERATOR_GENERATOR_SHARD_H_
#define WEIR_CONNECTORS_GENERATOR_GENERATOR_SHARD_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/operators/source.h"

namespace weir {

struct GeneratorShard {
  int64_t first = 0;
  int64_t stride = 1;
  int64_t end = 0;  // Rows are below it.
  friend bool operator==(const GeneratorShard&, const GeneratorShard&) = default;
};

std::string EncodeGeneratorShard(const GeneratorShard& shard);
// DataLoss if `payload` is not what EncodeGeneratorShard wrote.
absl::StatusOr<GeneratorShard> DecodeGeneratorShard(std::string_view payload);

// Moves the front of `shard` to `row`, one of its rows or its end; DataLoss if it is neither.
absl::Status SkipTo(int64_t row, GeneratorShard& shard);

// The splits of rows [0, end) in `count` shards; none for shards that would be empty.
std::vector<SourceSplit> PlanGeneratorShards(int64_t end, int64_t count);

// Row i is due i / rows_per_second after the start. Who falls behind by more than a second does not
// catch up what is beyond it, so bursts are bounded.
class GeneratorPacer {
 public:
  // rows_per_second >= 0; 0: all rows are due at once.
  GeneratorPacer(int64_t rows_per_second, absl::Duration start)
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

#endif  // WEIR_CONNECTORS_GENERATOR_GENERATOR_SHARD_H_
