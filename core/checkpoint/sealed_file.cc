#include "core/checkpoint/sealed_file.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/base/byte_codec.h"
#include "core/base/check.h"
#include "core/base/hash.h"
#include "core/base/status_macros.h"
#include "core/base/string_view.h"

namespace weir {
namespace {

constexpr size_t kMagicBytes = 4;
constexpr size_t kChecksumAt = 16;

uint64_t ChecksumOf(std::string_view header, std::string_view body) {
  return StableHash64WithSeed(body, StableHash64(header.substr(0, kChecksumAt)));
}

}  // namespace

absl::Status DamagedFile(std::string_view name, std::string_view path, std::string_view what) {
  return absl::DataLossError(
      absl::StrCat(ToAbsl(name), " ", ToAbsl(path), " is damaged: ", ToAbsl(what)));
}

absl::StatusOr<std::string> SealFile(const SealedKind& kind,
                                     const google::protobuf::MessageLite& body) {
  WEIR_CHECK_EQ(kind.magic.size(), kMagicBytes);
  const uint64_t size = body.ByteSizeLong();
  if (size > kSealedBodyBytesMax) {
    return absl::ResourceExhaustedError(absl::StrFormat(
        "%s of %d bytes: at most %d fit", std::string(kind.name), size, kSealedBodyBytesMax));
  }
  std::string file;
  file.reserve(kSealedHeaderBytes + size);
  ByteWriter writer(file);
  writer.PutRaw(kind.magic);
  writer.PutU32(kind.version);
  writer.PutU64(size);
  writer.PutU64(0);
  WEIR_CHECK(body.AppendToString(&file));
  WEIR_CHECK_EQ(file.size(), kSealedHeaderBytes + size);
  const std::string_view view = file;
  const uint64_t checksum = ChecksumOf(view, view.substr(kSealedHeaderBytes));
  StoreLittle(checksum, file.data() + kChecksumAt);
  return file;
}

absl::StatusOr<std::string_view> UnsealFile(const SealedKind& kind, std::string_view bytes,
                                            std::string_view path) {
  const auto damaged = [&](std::string_view what) { return DamagedFile(kind.name, path, what); };
  if (bytes.size() < kSealedHeaderBytes) {
    return damaged(absl::StrFormat("%d bytes are less than its header", bytes.size()));
  }
  if (bytes.substr(0, kMagicBytes) != kind.magic)
    return damaged("it does not start with its magic");
  ByteReader reader(bytes.substr(kMagicBytes));
  uint32_t version = 0;
  uint64_t size = 0, checksum = 0;
  WEIR_CHECK(reader.GetU32(version) && reader.GetU64(size) && reader.GetU64(checksum));
  if (version != kind.version) {
    return damaged(
        absl::StrFormat("it has version %d, this build reads version %d", version, kind.version));
  }
  const std::string_view body = bytes.substr(kSealedHeaderBytes);
  if (body.size() != size || size > kSealedBodyBytesMax) {
    return damaged(absl::StrFormat("its body has %d bytes, its header says %d", body.size(), size));
  }
  if (ChecksumOf(bytes, body) != checksum) return damaged("its checksum does not match");
  return body;
}

absl::Status UnsealMessage(const SealedKind& kind, std::string_view bytes, std::string_view path,
                           google::protobuf::MessageLite& body) {
  WEIR_ASSIGN_OR_RETURN(const std::string_view text, UnsealFile(kind, bytes, path));
  if (!body.ParseFromArray(text.data(), static_cast<int>(text.size()))) {
    return DamagedFile(kind.name, path, "its body is no message of its kind");
  }
  return absl::OkStatus();
}

uint64_t SealedChecksum(std::string_view sealed) {
  WEIR_CHECK_GE(sealed.size(), kSealedHeaderBytes);
  return LoadLittle<uint64_t>(sealed.data() + kChecksumAt);
}

}  // namespace weir
