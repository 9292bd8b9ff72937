#include "connectors/file/file_split.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/base/byte_codec.h"
#include "core/base/string_view.h"

namespace weir {
namespace {

constexpr uint8_t kVersion = 2;

absl::Status Damaged(std::string_view what) {
  return absl::DataLossError(absl::StrCat("file split is damaged: ", ToAbsl(what)));
}

}  // namespace

FileCompression DetectCompression(std::string_view first_bytes) {
  if (first_bytes.starts_with("\x1f\x8b")) return FileCompression::kGzip;
  if (first_bytes.starts_with("\x28\xb5\x2f\xfd")) return FileCompression::kZstd;
  // A skippable frame, which parallel compressors write first (RFC 8878, 3.1.2).
  if (first_bytes.size() >= 4 && (static_cast<uint8_t>(first_bytes[0]) & 0xf0) == 0x50 &&
      first_bytes.substr(1, 3) == "\x2a\x4d\x18") {
    return FileCompression::kZstd;
  }
  return FileCompression::kNone;
}

std::string_view FileCompressionName(FileCompression compression) {
  switch (compression) {
    case FileCompression::kNone:
      return "none";
    case FileCompression::kGzip:
      return "gzip";
    case FileCompression::kZstd:
      return "zstd";
  }
  return "unknown";
}

std::string EncodeFileSplit(const FileSplit& split) {
  std::string payload;
  ByteWriter writer(payload);
  writer.PutU8(kVersion);
  writer.PutString(split.path);
  writer.PutI32(split.container);
  writer.PutU64(split.begin);
  writer.PutU64(split.end);
  writer.PutU8(static_cast<uint8_t>(split.compression));
  writer.PutU64(split.file_size_bytes);
  writer.PutI64(split.modified_unix_nanos);
  writer.PutU64(split.fingerprint);
  return payload;
}

absl::StatusOr<FileSplit> DecodeFileSplit(std::string_view payload) {
  ByteReader reader(payload);
  uint8_t version = 0;
  if (!reader.GetU8(version)) return Damaged("it is empty");
  if (version != kVersion) {
    return absl::InvalidArgumentError(
        absl::StrCat("file split has version ", version, ", this program reads version ", kVersion,
                     ". Run every process of the cluster from the same release"));
  }
  FileSplit split;
  uint8_t compression = 0;
  const bool complete = reader.GetString(split.path) && reader.GetI32(split.container) &&
                        reader.GetU64(split.begin) && reader.GetU64(split.end) &&
                        reader.GetU8(compression) && reader.GetU64(split.file_size_bytes) &&
                        reader.GetI64(split.modified_unix_nanos) &&
                        reader.GetU64(split.fingerprint);
  if (!complete) return Damaged(absl::StrCat("it ends at byte ", payload.size()));
  if (!reader.at_end()) {
    return Damaged(absl::StrCat(reader.remaining(), " bytes follow its end"));
  }
  if (compression > static_cast<uint8_t>(FileCompression::kZstd)) {
    return Damaged(absl::StrCat("compression ", compression, " is unknown"));
  }
  split.compression = static_cast<FileCompression>(compression);
  if (split.container < 0) return Damaged("its file number is negative");
  if (split.begin > split.end) return Damaged("it ends before it begins");
  if (split.compression == FileCompression::kNone) {
    if (split.end > split.file_size_bytes) return Damaged("it ends behind its file");
  } else if (split.begin != 0 || split.end != kFileSplitEndUnknown) {
    return Damaged("it is a part of a compressed file");
  }
  return split;
}

}  // namespace weir
