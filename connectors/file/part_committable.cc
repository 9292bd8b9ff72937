#include "connectors/file/part_committable.h"

#include <optional>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "connectors/file/part_name.h"
#include "core/base/byte_codec.h"

namespace weir {
namespace {

constexpr uint8_t kVersion = 1;

}  // namespace

std::string EncodePartCommittable(const PartCommittable& part) {
  std::string bytes;
  ByteWriter writer(bytes);
  writer.PutU8(kVersion);
  writer.PutString(part.temporary);
  writer.PutString(part.visible);
  writer.PutU64(part.size_bytes);
  writer.PutU64(part.checksum);
  return bytes;
}

absl::StatusOr<PartCommittable> DecodePartCommittable(std::string_view bytes) {
  ByteReader reader(bytes);
  uint8_t version = 0;
  if (!reader.GetU8(version)) return absl::DataLossError("committable of a file sink is empty");
  if (version != kVersion) {
    return absl::InvalidArgumentError(absl::StrCat(
        "committable of a file sink has version ", version, ", this program reads version ",
        kVersion, ". Continue with the release that wrote the checkpoint"));
  }
  PartCommittable part;
  const bool complete = reader.GetString(part.temporary) && reader.GetString(part.visible) &&
                        reader.GetU64(part.size_bytes) && reader.GetU64(part.checksum) &&
                        reader.at_end();
  // Names, never paths: what is damaged must not reach out of the folder, nor replace another part in it.
  const std::optional<InProgressPartName> temporary = ParseInProgressPartName(part.temporary);
  if (!complete || !temporary.has_value() || temporary->part.Visible() != part.visible) {
    return absl::DataLossError("committable of a file sink is damaged");
  }
  return part;
}

}  // namespace weir
