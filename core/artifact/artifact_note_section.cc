// The note itself: this file is compiled into every artifact. The section's name makes it a note; the linker puts it where
// ParseArtifactNote finds it.
#include "core/artifact/artifact_note.h"
#include "core/artifact/engine_stamp.h"

namespace weir {
namespace {

struct ArtifactNote {
  uint32_t name_size;
  uint32_t content_size;
  uint32_t type;
  char name[8];
  ArtifactNoteContent content;
};
static_assert(sizeof(ArtifactNote) == 20 + sizeof(ArtifactNoteContent));

[[gnu::used, gnu::section(".note.weir"), gnu::aligned(4)]] const ArtifactNote kArtifactNote = {
    .name_size = kArtifactNoteName.size(),
    .content_size = sizeof(ArtifactNoteContent),
    .type = kArtifactNoteType,
    .name = "Weir",
    .content = {.version = kArtifactNoteVersion,
                .build_id = WEIR_ENGINE_BUILD_ID,
                .compiler = WEIR_COMPILER,
                .abi = WEIR_ABI}};

}  // namespace
}  // namespace weir
