// What RowCodecs say about malformed payloads: DataLoss with row and byte. Pure.
#ifndef WEIR_CORE_TYPES_ROW_CODEC_ERRORS_H_
#define WEIR_CORE_TYPES_ROW_CODEC_ERRORS_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "core/types/batch.h"

namespace weir {

absl::Status UnknownRowFlags(uint8_t flags);
// FailedPrecondition: rows with and without times (or hashes) do not share a batch.
absl::Status RowFlagsDiffer(const BatchBase& batch, uint8_t flags);
absl::Status RowsDoNotFill(size_t payload_bytes, size_t row_count);
absl::Status MalformedRow(size_t row, size_t row_count, size_t at_byte, size_t payload_bytes);
absl::Status TrailingBytes(size_t at_byte, size_t payload_bytes);

}  // namespace weir

#endif  // WEIR_CORE_TYPES_ROW_CODEC_ERRORS_H_
