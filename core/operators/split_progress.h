// SplitProgress: how far a reader has come in a split, as it stands in ReaderSplit::position. Pure.
#ifndef WEIR_CORE_OPERATORS_SPLIT_PROGRESS_H_
#define WEIR_CORE_OPERATORS_SPLIT_PROGRESS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "core/types/event_time.h"
#include "core/types/source_position.h"

namespace weir {

struct SplitProgress {
  // The first record that has not been emitted; absent: the first of the split.
  std::optional<SourcePosition> next;
  // Event time of the split so far. What comes later may raise it, and never lowers it.
  EventTime watermark = EventTime::Min();
  // Records since the split's last watermark was due.
  uint32_t records_since_watermark = 0;
  friend bool operator==(const SplitProgress&, const SplitProgress&) = default;
};

std::string EncodeSplitProgress(const SplitProgress& progress);

// DataLoss if `bytes` is not what EncodeSplitProgress wrote, InvalidArgument for another version.
absl::StatusOr<SplitProgress> DecodeSplitProgress(std::string_view bytes);

}  // namespace weir

#endif  // WEIR_CORE_OPERATORS_SPLIT_PROGRESS_H_
