// CheckpointPointer: the record that says which checkpoint counts. The records of a job are a series of files, pointer-1,
// pointer-2, ..., of which the newest holds; publishing one means being the first to link the next name. Pure data.
//
// A record also says up to where every sink has committed, and which checkpoint ids were ever given out, so that ids go on
// increasing whatever dies.
#ifndef WEIR_CORE_CHECKPOINT_CHECKPOINT_POINTER_H_
#define WEIR_CORE_CHECKPOINT_CHECKPOINT_POINTER_H_

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "core/base/ids.h"
#include "core/checkpoint/job_attempt.h"

namespace weir {

// How many ids a publication reserves. A new leader skips what is left of them.
inline constexpr uint64_t kCheckpointIdsReserved = 8;

// Names a manifest and the exact bytes it must have.
struct ManifestRef {
  std::string name;  // In the checkpoint folder; absolute if it lies elsewhere; "" for none.
  uint64_t size_bytes = 0;
  uint64_t checksum = 0;    // Of the sealed file's body.
  CheckpointId checkpoint;  // 0 for none.

  bool none() const { return name.empty(); }
  std::string ToString() const;
  friend bool operator==(const ManifestRef&, const ManifestRef&) = default;
  friend std::ostream& operator<<(std::ostream& out, const ManifestRef& ref) {
    return out << ref.ToString();
  }
};

struct PointerRecord {
  uint64_t sequence = 0;  // The number in its name; 0 for a job that never published one.
  JobAttempt attempt;     // That published it.
  ManifestRef manifest;
  std::vector<ManifestRef> older;  // Retained besides it, oldest first.
  CheckpointId committed_through;
  CheckpointId reserved_through;

  // `older` and `manifest`, if there is one.
  std::vector<ManifestRef> retained() const;
  std::string ToString() const;
  friend bool operator==(const PointerRecord&, const PointerRecord&) = default;
  friend std::ostream& operator<<(std::ostream& out, const PointerRecord& record) {
    return out << record.ToString();
  }
};

// A whole sealed file.
std::string EncodePointer(const PointerRecord& record);
// DataLoss naming `path`.
absl::StatusOr<PointerRecord> DecodePointer(std::string_view bytes, std::string_view path);

}  // namespace weir

#endif  // WEIR_CORE_CHECKPOINT_CHECKPOINT_POINTER_H_
