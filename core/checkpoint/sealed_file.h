// SealedFile: the envelope of every small file of a checkpoint folder: what kind it is, which version, and whether it is whole.
// docs/formats/checkpoint.md has the layout. Pure.
#ifndef WEIR_CORE_CHECKPOINT_SEALED_FILE_H_
#define WEIR_CORE_CHECKPOINT_SEALED_FILE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "google/protobuf/message_lite.h"

namespace weir {

// Four bytes and a version; a reader knows one version.
struct SealedKind {
  std::string_view magic;
  uint32_t version;
  std::string_view name;  // For messages: "manifest".
};

inline constexpr SealedKind kManifestFile = {"WMFT", 1, "manifest"};
inline constexpr SealedKind kPointerFile = {"WPTR", 1, "pointer"};
inline constexpr SealedKind kJobRecordFile = {"WJOB", 1, "job record"};
inline constexpr SealedKind kLeaderFile = {"WLDR", 1, "leader record"};

inline constexpr size_t kSealedHeaderBytes = 24;
// Longer bodies are refused by both sides.
inline constexpr uint64_t kSealedBodyBytesMax = uint64_t{1} << 30;

// The whole file. ResourceExhausted if the body is too long.
absl::StatusOr<std::string> SealFile(const SealedKind& kind,
                                     const google::protobuf::MessageLite& body);

// The body. DataLoss naming `path` and what is wrong with it.
absl::StatusOr<std::string_view> UnsealFile(const SealedKind& kind, std::string_view bytes,
                                            std::string_view path);
// The same, parsed into `body`.
absl::Status UnsealMessage(const SealedKind& kind, std::string_view bytes, std::string_view path,
                           google::protobuf::MessageLite& body);

// The checksum that stands in the header of a sealed file, for references to it. `sealed` is the result of SealFile or has
// passed UnsealFile.
uint64_t SealedChecksum(std::string_view sealed);

// DataLoss: "manifest /x/y is damaged: what".
absl::Status DamagedFile(std::string_view name, std::string_view path, std::string_view what);

}  // namespace weir

#endif  // WEIR_CORE_CHECKPOINT_SEALED_FILE_H_
