#include "sim/oracles/published_pointer.h"

#include <utility>

#include "core/checkpoint/checkpoint_names.h"
#include "core/checkpoint/manifest.h"
#include "core/checkpoint/published_series.h"

namespace weir::sim {
namespace {

absl::StatusOr<std::string> ReadShared(SimWorld& world, std::string_view path) {
  return world.shared_files().Read(world.InSharedVolume(path));
}

}  // namespace

std::optional<PublishedPointer> PublishedBy(SimWorld& world, const std::string& folder,
                                            std::string_view operation, std::string_view path,
                                            const absl::Status& status) {
  if (!status.ok() || (operation != "link" && operation != "rename")) return std::nullopt;
  const std::string to(path.substr(path.find(" to ") + 4));
  if (FolderOf(to) != folder) return std::nullopt;
  const auto name = ParseSeriesName(kPointerSeries, to.substr(to.rfind('/') + 1));
  if (!name.has_value() || name->candidate) return std::nullopt;
  const absl::StatusOr<std::string> bytes = ReadShared(world, to);
  if (!bytes.ok()) return std::nullopt;
  absl::StatusOr<PointerRecord> pointer = DecodePointer(*bytes, to);
  if (!pointer.ok()) return std::nullopt;
  PublishedPointer published;
  published.pointer = *std::move(pointer);
  if (published.pointer.manifest.none()) return published;
  const std::string manifest_path = ResolvePath(folder, published.pointer.manifest.name);
  const absl::StatusOr<std::string> manifest_bytes = ReadShared(world, manifest_path);
  if (!manifest_bytes.ok()) return std::nullopt;
  absl::StatusOr<proto::CheckpointManifest> manifest =
      DecodeManifest(*manifest_bytes, manifest_path);
  if (!manifest.ok()) return std::nullopt;
  published.manifest = *std::move(manifest);
  return published;
}

}  // namespace weir::sim
