#include "core/base/key_group.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace weir {

absl::Status ValidateMaxParallelism(int max_parallelism) {
  if (max_parallelism >= 1 && max_parallelism <= kMaxParallelismLimit &&
      std::has_single_bit(static_cast<uint32_t>(max_parallelism))) {
    return absl::OkStatus();
  }
  std::string remedy;
  if (max_parallelism > 1 && max_parallelism < kMaxParallelismLimit) {
    const uint32_t above = std::bit_ceil(static_cast<uint32_t>(max_parallelism));
    remedy = absl::StrCat("; write ", above / 2, " or ", above);
  }
  return absl::InvalidArgumentError(
      absl::StrFormat("max parallelism %d must be a power of two between 1 and %d%s",
                      max_parallelism, kMaxParallelismLimit, remedy));
}

absl::Status ValidateParallelism(int parallelism, int max_parallelism) {
  if (absl::Status status = ValidateMaxParallelism(max_parallelism); !status.ok()) return status;
  if (parallelism >= 1 && parallelism <= max_parallelism) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrFormat(
      "parallelism %d must be between 1 and the max parallelism %d", parallelism, max_parallelism));
}

std::string KeyGroupRange::ToString() const { return absl::StrFormat("[%d, %d)", begin, end); }

}  // namespace weir
