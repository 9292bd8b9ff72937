// Files that look like artifacts, as far as their note goes. There is nothing in them to load.
#ifndef WEIR_CORE_ARTIFACT_TESTING_FAKE_ARTIFACT_H_
#define WEIR_CORE_ARTIFACT_TESTING_FAKE_ARTIFACT_H_

#include <string>

#include "core/artifact/artifact_note.h"

namespace weir {

struct FakeArtifactOptions {
  EngineIdentity identity = OwnEngineIdentity();
  bool note = true;
  uint16_t type = 3;  // A shared object.
  uint32_t version = kArtifactNoteVersion;
};

std::string FakeArtifact(const FakeArtifactOptions& options = {});

}  // namespace weir

#endif  // WEIR_CORE_ARTIFACT_TESTING_FAKE_ARTIFACT_H_
