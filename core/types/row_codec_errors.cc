#include "core/types/row_codec_errors.h"

#include "absl/strings/str_format.h"
#include "core/types/row_codec.h"

namespace weir {

absl::Status UnknownRowFlags(uint8_t flags) {
  return absl::DataLossError(absl::StrFormat("unknown row flags 0x%02x", flags));
}

absl::Status RowFlagsDiffer(const BatchBase& batch, uint8_t flags) {
  return absl::FailedPreconditionError(
      absl::StrFormat("rows with flags 0x%02x cannot join a batch of %d rows with flags 0x%02x",
                      flags, batch.size(), RowFlags(batch)));
}

absl::Status RowsDoNotFill(size_t payload_bytes, size_t row_count) {
  return absl::DataLossError(
      absl::StrFormat("%d rows do not fill %d payload bytes", row_count, payload_bytes));
}

absl::Status MalformedRow(size_t row, size_t row_count, size_t at_byte, size_t payload_bytes) {
  return absl::DataLossError(absl::StrFormat("row %d of %d is malformed at payload byte %d of %d",
                                             row, row_count, at_byte, payload_bytes));
}

absl::Status TrailingBytes(size_t at_byte, size_t payload_bytes) {
  return absl::DataLossError(absl::StrFormat("%d bytes follow the last row of a payload of %d",
                                             payload_bytes - at_byte, payload_bytes));
}

}  // namespace weir
