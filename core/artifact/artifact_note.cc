#include "core/artifact/artifact_note.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "core/artifact/engine_stamp.h"
#include "core/base/status_macros.h"
#include "core/base/string_view.h"

namespace weir {
namespace {

constexpr std::string_view kMagic =
    "\x7f"
    "ELF";
constexpr char k64Bits = 2;
constexpr char kLittleEndian = 1;
constexpr uint16_t kSharedObject = 3;
constexpr uint32_t kNotes = 4;  // PT_NOTE
constexpr uint64_t kNoteHeaderBytes = 12;
constexpr uint64_t kProgramHeaderBytes = 56;

#if defined(__x86_64__)
constexpr uint16_t kMachine = 62;
#elif defined(__aarch64__)
constexpr uint16_t kMachine = 183;
#endif

absl::Status CutOff() { return absl::InvalidArgumentError("the artifact is damaged or cut off"); }

// At `offset`; nothing if that is not all in the file. Both may be any numbers.
std::optional<std::string_view> Bytes(std::string_view file, uint64_t offset, uint64_t size) {
  if (offset > file.size() || size > file.size() - offset) return std::nullopt;
  return file.substr(offset, size);
}

template <class T>
absl::StatusOr<T> Read(std::string_view file, uint64_t offset) {
  const std::optional<std::string_view> bytes = Bytes(file, offset, sizeof(T));
  if (!bytes.has_value()) return CutOff();
  T value;
  std::memcpy(&value, bytes->data(), sizeof(T));
  return value;
}

absl::Status CheckHeader(std::string_view file) {
  if (!file.starts_with(kMagic) || file.size() < 20)
    return absl::InvalidArgumentError("the artifact is no ELF file");
  WEIR_ASSIGN_OR_RETURN(const uint16_t type, Read<uint16_t>(file, 16));
  WEIR_ASSIGN_OR_RETURN(const uint16_t machine, Read<uint16_t>(file, 18));
  if (file[4] != k64Bits || file[5] != kLittleEndian || machine != kMachine) {
    return absl::InvalidArgumentError(
        "the artifact is for another kind of machine than this program");
  }
  if (type != kSharedObject)
    return absl::InvalidArgumentError("the artifact is an ELF file, but no shared object");
  return absl::OkStatus();
}

// Null-terminated in a field; all of it if nothing ends it.
template <size_t size>
std::string TextOf(const char (&field)[size]) {
  return std::string(field, std::find(field, field + size, '\0'));
}

// The content of our note among `notes`, of which each part is filled up to a multiple of `alignment`.
absl::StatusOr<std::optional<std::string_view>> FindNote(std::string_view notes,
                                                         uint64_t alignment) {
  const auto up = [&](uint64_t size) { return (size + alignment - 1) / alignment * alignment; };
  while (notes.size() >= kNoteHeaderBytes) {
    WEIR_ASSIGN_OR_RETURN(const uint32_t name_size, Read<uint32_t>(notes, 0));
    WEIR_ASSIGN_OR_RETURN(const uint32_t content_size, Read<uint32_t>(notes, 4));
    WEIR_ASSIGN_OR_RETURN(const uint32_t type, Read<uint32_t>(notes, 8));
    const auto name = Bytes(notes, kNoteHeaderBytes, name_size);
    const uint64_t content_begin = up(kNoteHeaderBytes + name_size);
    const auto content = Bytes(notes, content_begin, content_size);
    if (!name.has_value() || !content.has_value()) return CutOff();
    if (*name == kArtifactNoteName && type == kArtifactNoteType) return content;
    notes.remove_prefix(std::min<uint64_t>(notes.size(), up(content_begin + content_size)));
  }
  return std::nullopt;
}

absl::StatusOr<EngineIdentity> ParseContent(std::string_view bytes) {
  WEIR_ASSIGN_OR_RETURN(const uint32_t version, Read<uint32_t>(bytes, 0));
  if (version != kArtifactNoteVersion) {
    return absl::InvalidArgumentError(absl::StrCat("the artifact's note is of version ", version,
                                                   "; this program knows version ",
                                                   kArtifactNoteVersion));
  }
  WEIR_ASSIGN_OR_RETURN(const auto content, Read<ArtifactNoteContent>(bytes, 0));
  return EngineIdentity{.build_id = TextOf(content.build_id),
                        .compiler = TextOf(content.compiler),
                        .abi = TextOf(content.abi)};
}

// It may be anything.
std::string Quote(const std::string& text) { return absl::CEscape(text); }

}  // namespace

EngineIdentity OwnEngineIdentity() {
  return {.build_id = WEIR_ENGINE_BUILD_ID, .compiler = WEIR_COMPILER, .abi = WEIR_ABI};
}

absl::StatusOr<EngineIdentity> ParseArtifactNote(std::string_view file) {
  WEIR_RETURN_IF_ERROR(CheckHeader(file));
  WEIR_ASSIGN_OR_RETURN(const uint64_t headers, Read<uint64_t>(file, 32));
  WEIR_ASSIGN_OR_RETURN(const uint16_t header_size, Read<uint16_t>(file, 54));
  WEIR_ASSIGN_OR_RETURN(const uint16_t header_count, Read<uint16_t>(file, 56));
  if (header_size < kProgramHeaderBytes) return CutOff();
  for (uint64_t i = 0; i < header_count; ++i) {
    const uint64_t header_begin = i * header_size;
    if (headers > file.size()) return CutOff();
    const auto header = Bytes(file, headers + header_begin, kProgramHeaderBytes);
    if (!header.has_value()) return CutOff();
    WEIR_ASSIGN_OR_RETURN(const uint32_t type, Read<uint32_t>(*header, 0));
    if (type != kNotes) continue;
    WEIR_ASSIGN_OR_RETURN(const uint64_t offset, Read<uint64_t>(*header, 8));
    WEIR_ASSIGN_OR_RETURN(const uint64_t size, Read<uint64_t>(*header, 32));
    WEIR_ASSIGN_OR_RETURN(const uint64_t alignment, Read<uint64_t>(*header, 48));
    const auto notes = Bytes(file, offset, size);
    if (!notes.has_value()) return CutOff();
    WEIR_ASSIGN_OR_RETURN(const auto content, FindNote(*notes, alignment == 8 ? 8 : 4));
    if (content.has_value()) return ParseContent(*content);
  }
  return absl::InvalidArgumentError(
      "the artifact is a shared object without a note of Weir's; build it with weir_artifact of "
      "//:weir.bzl");
}

absl::Status CheckSameEngine(const EngineIdentity& artifact, const EngineIdentity& program) {
  const auto differs = [&](absl::string_view what, const std::string& of_artifact,
                           const std::string& of_program) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the artifact was built with ", what, " ", Quote(of_artifact), ", but this program with ",
        Quote(of_program),
        "; build the artifact and the program of the cluster from the same sources, with the same "
        "compiler and flags"));
  };
  if (artifact.build_id != program.build_id)
    return differs("engine", artifact.build_id, program.build_id);
  if (artifact.compiler != program.compiler)
    return differs("the compiler", artifact.compiler, program.compiler);
  if (artifact.abi != program.abi) return differs("the ABI", artifact.abi, program.abi);
  return absl::OkStatus();
}

absl::Status CheckArtifact(std::string_view file) {
  WEIR_ASSIGN_OR_RETURN(const EngineIdentity artifact, ParseArtifactNote(file));
  return CheckSameEngine(artifact, OwnEngineIdentity());
}

}  // namespace weir
