// RowCodec: a row type as the runtime sees it: makes batches, writes rows into frames, reads them back. One per row type,
// made from Codec<T>; immutable, so it may be used from any executor.
//
// A row in a frame is [event time: i64 if kRowsHaveTimes][key hash: u64 if kRowsHaveHashes][fields as Codec<T>], all
// little-endian, rows back to back. docs/formats/frame.md has the whole layout.
#ifndef WEIR_CORE_TYPES_ROW_CODEC_H_
#define WEIR_CORE_TYPES_ROW_CODEC_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "core/base/byte_pieces.h"
#include "core/types/batch.h"
#include "core/types/schema.h"

namespace weir {

inline constexpr uint8_t kRowsHaveTimes = 1;
inline constexpr uint8_t kRowsHaveHashes = 2;

class RowCodec {
 public:
  virtual ~RowCodec() = default;

  virtual const Schema& schema() const = 0;
  virtual std::unique_ptr<BatchBase> NewBatch() const = 0;

  // Appends rows `rows` (indices into `batch`) to `out` until it holds `out_bytes_max` bytes or more; returns how many were
  // appended (at least one if `rows` is not empty). The flags are those of RowFlags(batch).
  virtual size_t AppendRows(const BatchBase& batch, std::span<const uint32_t> rows,
                            size_t out_bytes_max, std::string& out) const = 0;
  // The same for the rows [begin, end) of `batch`.
  virtual size_t AppendRowRange(const BatchBase& batch, size_t begin, size_t end,
                                size_t out_bytes_max, std::string& out) const = 0;

  // Appends the `count` rows of `payload` to `batch`. DataLoss (with the row) unless they fill it exactly; `batch` is then
  // unspecified.
  virtual absl::Status DecodeRows(BytePieces payload, size_t count, uint8_t flags,
                                  BatchBase& batch) const = 0;

  // For errors: the row as text, at most `bytes_max` bytes.
  virtual std::string DescribeRow(const BatchBase& batch, size_t row, size_t bytes_max) const = 0;
};

inline uint8_t RowFlags(const BatchBase& batch) {
  return static_cast<uint8_t>((batch.event_times.empty() ? 0 : kRowsHaveTimes) |
                              (batch.key_hashes.empty() ? 0 : kRowsHaveHashes));
}

}  // namespace weir

#endif  // WEIR_CORE_TYPES_ROW_CODEC_H_
