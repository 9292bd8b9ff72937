// The note of an artifact: an ELF note (name "Weir", type 1) in which a shared object with jobs says what it was built with, so that
// a program can refuse it without running any of its code. docs/formats/artifact-note.md has the bytes. Pure.
#ifndef WEIR_CORE_ARTIFACT_ARTIFACT_NOTE_H_
#define WEIR_CORE_ARTIFACT_ARTIFACT_NOTE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace weir {

inline constexpr std::string_view kArtifactNoteName{"Weir\0", 5};
inline constexpr uint32_t kArtifactNoteType = 1;
inline constexpr uint32_t kArtifactNoteVersion = 1;

// What the note holds, in the order of the processor, which is little-endian. Texts end with a zero, and zeros fill the rest.
struct ArtifactNoteContent {
  uint32_t version;
  char build_id[64];
  char compiler[128];
  char abi[128];
};
static_assert(sizeof(ArtifactNoteContent) == 324);

struct EngineIdentity {
  std::string build_id;
  std::string compiler;
  std::string abi;

  std::string ToString() const { return build_id + ", " + compiler + ", " + abi; }
  friend bool operator==(const EngineIdentity&, const EngineIdentity&) = default;
};

// Of the program that this function is in.
EngineIdentity OwnEngineIdentity();

// The note in the bytes of a file. InvalidArgument that says what it is instead: no ELF shared object, one for another kind of
// machine, one that is cut off, one without the note.
absl::StatusOr<EngineIdentity> ParseArtifactNote(std::string_view file);

// InvalidArgument that names both sides and the remedy if an artifact with this identity does not fit the program.
absl::Status CheckSameEngine(const EngineIdentity& artifact, const EngineIdentity& program);

// Both at once, for the program that this function is in.
absl::Status CheckArtifact(std::string_view file);

}  // namespace weir

#endif  // WEIR_CORE_ARTIFACT_ARTIFACT_NOTE_H_
