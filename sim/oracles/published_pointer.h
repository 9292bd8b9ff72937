// A pointer that becomes visible in a checkpoint folder on the shared volume, and the manifest that it names.
#ifndef WEIR_SIM_ORACLES_PUBLISHED_POINTER_H_
#define WEIR_SIM_ORACLES_PUBLISHED_POINTER_H_

#include <optional>
#include <string>
#include <string_view>

#include "core/checkpoint/checkpoint_pointer.h"
#include "core/proto/manifest.pb.h"
#include "sim/sim_world.h"

namespace weir::sim {

struct PublishedPointer {
  PointerRecord pointer;
  std::optional<proto::CheckpointManifest> manifest;  // None before the first checkpoint.
};

// Nothing unless the file call (Observer::OnFileCall) published a pointer in `folder` that can be read with what it names.
std::optional<PublishedPointer> PublishedBy(SimWorld& world, const std::string& folder,
                                            std::string_view operation, std::string_view path,
                                            const absl::Status& status);

}  // namespace weir::sim

#endif  // WEIR_SIM_ORACLES_PUBLISHED_POINTER_H_
