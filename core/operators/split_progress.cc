#include "core/operators/split_progress.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/base/byte_codec.h"

namespace weir {
namespace {

constexpr uint8_t kVersion = 1;

}  // namespace

std::string EncodeSplitProgress(const SplitProgress& progress) {
  std::string bytes;
  ByteWriter writer(bytes);
  writer.PutU8(kVersion);
  writer.PutBool(progress.next.has_value());
  const SourcePosition next = progress.next.value_or(SourcePosition());
  writer.PutI32(next.container);
  writer.PutI64(next.offset);
  writer.PutI64(progress.watermark.micros());
  writer.PutU32(progress.records_since_watermark);
  return bytes;
}

absl::StatusOr<SplitProgress> DecodeSplitProgress(std::string_view bytes) {
  ByteReader reader(bytes);
  uint8_t version = 0;
  if (!reader.GetU8(version)) return absl::DataLossError("position of a split is empty");
  if (version != kVersion) {
    return absl::InvalidArgumentError(
        absl::StrCat("position of a split has version ", version, ", this program reads version ",
                     kVersion, ". Continue with the release that wrote the checkpoint"));
  }
  bool has_next = false;
  SourcePosition next;
  int64_t watermark_micros = 0;
  SplitProgress progress;
  const bool complete = reader.GetBool(has_next) && reader.GetI32(next.container) &&
                        reader.GetI64(next.offset) && reader.GetI64(watermark_micros) &&
                        reader.GetU32(progress.records_since_watermark) && reader.at_end();
  if (!complete || (!has_next && next != SourcePosition())) {
    return absl::DataLossError("position of a split is damaged");
  }
  if (has_next) progress.next = next;
  progress.watermark = EventTime::FromMicros(watermark_micros);
  return progress;
}

}  // namespace weir
