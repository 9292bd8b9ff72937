// Decompressor: gzip and zstd as streams. A file may hold any number of gzip members or zstd frames
// back to back (rotated logs that were concatenated, parallel compressors). Pure; owned by one
// reader. Memory: the window of the format (zstd: at most 128 MiB, the library's default limit).
//
// Sources: RFC 1952 (gzip), RFC 8878 (zstd).
#ifndef WEIR_CONNECTORS_FILE_DECOMPRESSOR_H_
#define WEIR_CONNECTORS_FILE_DECOMPRESSOR_H_

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "connectors/file/file_split.h"

namespace weir {

class Decompressor {
 public:
  virtual ~Decompressor() = default;

  // Takes bytes from the front of `input` and appends what they stand for to `output`, until
  // `input` is empty or `output` holds `output_bytes_max` bytes. DataLoss with the library's reason
  // if the bytes are damaged: the damage is at or shortly before the front of what is left of
  // `input`. Not to be called again after an error.
  virtual absl::Status Decompress(std::string_view& input, size_t output_bytes_max,
                                  std::string& output) = 0;

  // True where the file may end: all members or frames are complete, and nothing is held back.
  virtual bool complete() const = 0;
};

// Requires compression != kNone.
std::unique_ptr<Decompressor> NewDecompressor(FileCompression compression);

}  // namespace weir

#endif  // WEIR_CONNECTORS_FILE_DECOMPRESSOR_H_
