#include "connectors/generator/generator_shard.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/base/byte_codec.h"
#include "core/base/check.h"

namespace weir {
namespace {

constexpr uint8_t kVersion = 1;

}  // namespace

std::string EncodeGeneratorShard(const GeneratorShard& shard) {
  std::string payload;
  ByteWriter writer(payload);
  writer.PutU8(kVersion);
  writer.PutI64(shard.first);
  writer.PutI64(shard.stride);
  writer.PutI64(shard.end);
  return payload;
}

absl::StatusOr<GeneratorShard> DecodeGeneratorShard(std::string_view payload) {
  ByteReader reader(payload);
  uint8_t version = 0;
  GeneratorShard shard;
  const bool complete = reader.GetU8(version) && version == kVersion &&
                        reader.GetI64(shard.first) && reader.GetI64(shard.stride) &&
                        reader.GetI64(shard.end) && reader.at_end();
  if (!complete || shard.first < 0 || shard.stride < 1 || shard.end < 0) {
    return absl::DataLossError("generator split is damaged");
  }
  return shard;
}

absl::Status SkipTo(int64_t row, GeneratorShard& shard) {
  const bool is_row =
      row >= shard.first && row < shard.end && (row - shard.first) % shard.stride == 0;
  if (!is_row && row != shard.end) {
    return absl::DataLossError(absl::StrCat("row ", row, " is not of this generator split"));
  }
  shard.first = row;
  return absl::OkStatus();
}

std::vector<SourceSplit> PlanGeneratorShards(int64_t end, int64_t count) {
  WEIR_CHECK_LE(0, end);
  WEIR_CHECK_LT(0, count);
  std::vector<SourceSplit> splits;
  for (int64_t shard = 0; shard < std::min(count, end); ++shard) {
    splits.push_back({SplitId(static_cast<SplitId::rep>(shard)),
                      EncodeGeneratorShard({.first = shard, .stride = count, .end = end})});
  }
  return splits;
}

}  // namespace weir
