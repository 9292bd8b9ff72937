// Committables of a file sink from a checkpoint, and the names of files in a result folder, which anybody may have put there. What
// decodes has one encoding, and both names in it are those of one part.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "connectors/file/part_committable.h"
#include "connectors/file/part_name.h"
#include "core/base/check.h"

namespace weir {
namespace {

void CheckCommittable(std::string_view bytes) {
  const absl::StatusOr<PartCommittable> part = DecodePartCommittable(bytes);
  if (!part.ok()) return;
  WEIR_CHECK(EncodePartCommittable(*part) == bytes);
  const std::optional<InProgressPartName> temporary = ParseInProgressPartName(part->temporary);
  WEIR_CHECK(temporary.has_value() && temporary->part.Visible() == part->visible)
      << part->temporary << " " << part->visible;
}

void CheckName(std::string_view name) {
  const std::optional<PartName> visible = ParseVisiblePartName(name);
  if (visible.has_value()) WEIR_CHECK(visible->Visible() == name);
  const std::optional<InProgressPartName> temporary = ParseInProgressPartName(name);
  if (temporary.has_value()) WEIR_CHECK(temporary->ToString() == name);
}

}  // namespace
}  // namespace weir

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  weir::CheckCommittable(bytes);
  weir::CheckName(bytes);
  return 0;
}
