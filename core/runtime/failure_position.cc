#include "core/runtime/failure_position.h"

#include <string>

#include "absl/strings/cord.h"
#include "core/base/byte_codec.h"

namespace weir {
namespace {

constexpr char kTypeUrl[] = "weir/source-position";

}  // namespace

void SetSourcePosition(SourcePosition position, absl::Status& status) {
  if (!position.known() || status.ok()) return;
  std::string bytes;
  ByteWriter writer(bytes);
  writer.PutU32(static_cast<uint32_t>(position.container));
  writer.PutI64(position.offset);
  status.SetPayload(kTypeUrl, absl::Cord(bytes));
}

SourcePosition GetSourcePosition(const absl::Status& status) {
  const auto payload = status.GetPayload(kTypeUrl);
  if (!payload.has_value()) return SourcePosition();
  const std::string bytes(*payload);
  ByteReader reader(bytes);
  uint32_t container = 0;
  SourcePosition position;
  if (!reader.GetU32(container) || !reader.GetI64(position.offset)) return SourcePosition();
  position.container = static_cast<int32_t>(container);
  return position;
}

}  // namespace weir
