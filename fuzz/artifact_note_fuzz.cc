// Any bytes as an artifact: a note is read or refused, never from outside of the file. What is read says no more than fits its fields.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/artifact/artifact_note.h"
#include "core/base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view file(reinterpret_cast<const char*>(data), size);
  const absl::StatusOr<weir::EngineIdentity> identity = weir::ParseArtifactNote(file);
  if (identity.ok()) {
    WEIR_CHECK(identity->build_id.size() <= sizeof(weir::ArtifactNoteContent::build_id));
    WEIR_CHECK(identity->compiler.size() <= sizeof(weir::ArtifactNoteContent::compiler));
    WEIR_CHECK(identity->abi.size() <= sizeof(weir::ArtifactNoteContent::abi));
  } else {
    WEIR_CHECK(absl::IsInvalidArgument(identity.status()));
  }
  weir::CheckArtifact(file).IgnoreError();
  return 0;
}
