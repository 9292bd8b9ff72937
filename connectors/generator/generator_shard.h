// GeneratorShard: a split of a generator: every `stride`-th row from `first` on, so that the shards
// advance together through the stream. Pure.
#ifndef WEIR_CONNECTORS_GENERATOR_GENERATOR_SHARD_H_
#define WEIR_CONNECTORS_GENERATOR_GENERATOR_SHARD_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
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

}  // namespace weir

#endif  // WEIR_CONNECTORS_GENERATOR_GENERATOR_SHARD_H_
