// FileSplit: the part of one file that one reader reads in order, and its encoding as the payload of
// a SourceSplit. Pure.
//
// A plain file is cut into byte ranges; a line belongs to the range in which it starts. A
// compressed file is always one split: it can only be read from its beginning.
#ifndef WEIR_CONNECTORS_FILE_FILE_SPLIT_H_
#define WEIR_CONNECTORS_FILE_FILE_SPLIT_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace weir {

enum class FileCompression : uint8_t { kNone = 0, kGzip = 1, kZstd = 2 };

// By the first bytes of the file, whatever its name is; 4 bytes are enough.
FileCompression DetectCompression(std::string_view first_bytes);
inline constexpr size_t kCompressionMagicBytes = 4;

std::string_view FileCompressionName(FileCompression compression);

// The end of a split whose uncompressed size is not known beforehand.
inline constexpr uint64_t kFileSplitEndUnknown = std::numeric_limits<uint64_t>::max();

struct FileSplit {
  std::string path;
  int32_t container = 0;  // Index of the file in the listing; the container of SourcePosition.
  uint64_t begin = 0;     // Offsets of uncompressed bytes: lines that start in [begin, end).
  uint64_t end = 0;
  FileCompression compression = FileCompression::kNone;
  // As listed; for a compressed file the compressed size. What was appended later is not read.
  uint64_t file_size_bytes = 0;
  int64_t modified_unix_nanos = 0;
  // StableHash64 of the first FingerprintBytes() of the file: whether it still is that one, possibly
  // grown, shows without reading it.
  uint64_t fingerprint = 0;

  friend bool operator==(const FileSplit&, const FileSplit&) = default;
};

inline constexpr size_t kFingerprintBytesMax = 4096;
inline size_t FingerprintBytes(uint64_t file_size_bytes) {
  return static_cast<size_t>(std::min<uint64_t>(file_size_bytes, kFingerprintBytesMax));
}

std::string EncodeFileSplit(const FileSplit& split);

// DataLoss if `payload` is not what EncodeFileSplit wrote, InvalidArgument for another version.
absl::StatusOr<FileSplit> DecodeFileSplit(std::string_view payload);

}  // namespace weir

#endif  // WEIR_CONNECTORS_FILE_FILE_SPLIT_H_
