// Frames from the wire, and the rows in them. Bytes as they are never get past the checksum, so they are also tried with
// length and checksum made right.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/byte_codec.h"
#include "core/base/check.h"
#include "core/base/hash.h"
#include "core/types/batch.h"
#include "core/types/frame.h"
#include "core/types/row_codec_for.h"
#include "core/types/testing/rich_row.h"

namespace weir {
namespace {

void CheckRows(const FrameView& frame) {
  const auto codec = RowCodecFor<RichRow>();
  Batch<RichRow> rows;
  if (!codec->DecodeRows(frame.payload, frame.header.row_count, frame.header.flags, rows).ok())
    return;
  WEIR_CHECK_EQ(rows.size(), frame.header.row_count);
  std::string again;
  WEIR_CHECK_EQ(codec->AppendRowRange(rows, 0, rows.size(), ~size_t{0}, again), rows.size());
  WEIR_CHECK(again == frame.payload) << "rows have one encoding";
  codec->DescribeRow(rows, 0, 256);
}

void CheckFrame(std::string_view bytes) {
  const absl::StatusOr<FrameView> frame = ParseFrame(bytes);
  if (!frame.ok()) return;
  const absl::StatusOr<std::string> again = EncodeFrame(frame->header, frame->payload);
  WEIR_CHECK_OK(again);
  WEIR_CHECK(*again == bytes) << frame->header;
  if (frame->header.kind == FrameKind::kRows) CheckRows(*frame);
  if (frame->header.kind == FrameKind::kWatermark) WatermarkOf(*frame);
}

}  // namespace
}  // namespace weir

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string bytes(reinterpret_cast<const char*>(data), size);
  weir::CheckFrame(bytes);
  if (size < weir::kFrameHeaderBytes) return 0;
  weir::StoreLittle(static_cast<uint32_t>(size - weir::kFrameHeaderBytes), bytes.data() + 28);
  const std::string_view view = bytes;
  const uint64_t checksum =
      weir::StableHash64WithSeed(view.substr(40), weir::StableHash64(view.substr(0, 32)));
  weir::StoreLittle(checksum, bytes.data() + 32);
  weir::CheckFrame(bytes);
  return 0;
}
