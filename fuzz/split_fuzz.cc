// Splits of sources and how far a reader has come in one, as they come from a JobManager or a checkpoint. The first byte chooses the
// decoder. Each value has one encoding.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "connectors/file/file_split.h"
#include "connectors/generator/generator_shard.h"
#include "core/base/check.h"
#include "core/operators/split_progress.h"

namespace weir {
namespace {

void CheckFileSplit(std::string_view bytes) {
  const absl::StatusOr<FileSplit> split = DecodeFileSplit(bytes);
  if (!split.ok()) return;
  WEIR_CHECK(EncodeFileSplit(*split) == bytes);
  WEIR_CHECK(split->begin <= split->end && split->container >= 0);
  WEIR_CHECK(FileCompressionName(split->compression) != "unknown");
}

void CheckGeneratorShard(std::string_view bytes) {
  const absl::StatusOr<GeneratorShard> shard = DecodeGeneratorShard(bytes);
  if (!shard.ok()) return;
  WEIR_CHECK(EncodeGeneratorShard(*shard) == bytes);
  for (const int64_t row : {shard->first, shard->end}) {
    GeneratorShard skipped = *shard;
    if (SkipTo(row, skipped).ok()) WEIR_CHECK_EQ(skipped.first, row);
  }
}

void CheckSplitProgress(std::string_view bytes) {
  const absl::StatusOr<SplitProgress> progress = DecodeSplitProgress(bytes);
  if (progress.ok()) WEIR_CHECK(EncodeSplitProgress(*progress) == bytes);
}

}  // namespace
}  // namespace weir

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 3) {
    case 0:
      weir::CheckFileSplit(bytes);
      break;
    case 1:
      weir::CheckGeneratorShard(bytes);
      break;
    default:
      weir::CheckSplitProgress(bytes);
  }
  return 0;
}
