// PartCommittable: a part that is written and not visible yet, as it travels in checkpoints. Pure.
#ifndef WEIR_CONNECTORS_FILE_PART_COMMITTABLE_H_
#define WEIR_CONNECTORS_FILE_PART_COMMITTABLE_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace weir {

struct PartCommittable {
  std::string temporary;  // Both are names in the result folder.
  std::string visible;
  uint64_t size_bytes = 0;
  uint64_t checksum = 0;  // XXH3-64 of all its bytes.
  friend bool operator==(const PartCommittable&, const PartCommittable&) = default;
};

std::string EncodePartCommittable(const PartCommittable& part);

// DataLoss if `bytes` is not what EncodePartCommittable wrote or the names are not those of one part,
// InvalidArgument for another version.
absl::StatusOr<PartCommittable> DecodePartCommittable(std::string_view bytes);

}  // namespace weir

#endif  // WEIR_CONNECTORS_FILE_PART_COMMITTABLE_H_
