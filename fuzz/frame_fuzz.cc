// Frames from the wire, and the rows in them. Bytes as they are never get past the checksum, so they are also tried with
// length and checksum made right. All is read in one piece and in several, cut where the last bytes say: the same has to come out.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/byte_codec.h"
#include "core/base/check.h"
#include "core/base/hash.h"
#include "core/testing/cut_bytes.h"
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
  WEIR_CHECK(again == frame.payload.ToString()) << "rows have one encoding";
  codec->DescribeRow(rows, 0, 256);
}

// The rows as bytes, or why there are none.
template <class T>
absl::StatusOr<std::string> Rows(const FrameView& frame) {
  const auto codec = RowCodecFor<T>();
  Batch<T> rows;
  absl::Status status =
      codec->DecodeRows(frame.payload, frame.header.row_count, frame.header.flags, rows);
  if (!status.ok()) return status;
  std::string bytes;
  codec->AppendRowRange(rows, 0, rows.size(), ~size_t{0}, bytes);
  return bytes;
}

void CheckCut(const CutBytes& cut, const absl::StatusOr<FrameView>& whole) {
  const absl::StatusOr<FrameView> frame = ParseFrame(cut.pieces());
  WEIR_CHECK(frame.status() == whole.status()) << frame.status();
  if (!frame.ok()) return;
  WEIR_CHECK(frame->header == whole->header) << frame->header;
  if (frame->header.kind == FrameKind::kRows) {
    WEIR_CHECK(Rows<RichRow>(*frame) == Rows<RichRow>(*whole)) << frame->header;
    WEIR_CHECK(Rows<int64_t>(*frame) == Rows<int64_t>(*whole)) << frame->header;
  }
  if (frame->header.kind == FrameKind::kWatermark) {
    WEIR_CHECK(WatermarkOf(*frame) == WatermarkOf(*whole)) << frame->header;
  }
  if (frame->header.kind == FrameKind::kBarrier) {
    WEIR_CHECK(BarrierOf(*frame) == BarrierOf(*whole)) << frame->header;
  }
}

void CheckFrame(std::string_view bytes) {
  const absl::StatusOr<FrameView> frame = ParseFrame(bytes);
  std::vector<size_t> borders;
  for (const char byte : bytes.substr(bytes.size() - std::min<size_t>(bytes.size(), 3))) {
    borders.push_back(static_cast<unsigned char>(byte) * (bytes.size() / 256 + 1));
  }
  CheckCut(CutBytes(bytes, borders), frame);
  CheckCut(CutBytes::Evenly(bytes, 1 + bytes.size() % 7), frame);
  if (!frame.ok()) return;
  const absl::StatusOr<std::string> again = EncodeFrame(frame->header, frame->payload.ToString());
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
