// WatermarkMerger: the watermark of a subtask from those of its input channels: the minimum over the active ones. Pure.
//
// Idle channels leave the minimum; a channel that becomes active again cannot move the result back. The result is idle when every
// channel that has not ended is idle. Source: Flink's StatusWatermarkValve.
#ifndef WEIR_CORE_RUNTIME_WATERMARK_MERGER_H_
#define WEIR_CORE_RUNTIME_WATERMARK_MERGER_H_

#include <cstddef>
#include <optional>
#include <vector>

#include "core/types/stream_element.h"

namespace weir {

class WatermarkMerger {
 public:
  explicit WatermarkMerger(size_t channels) : channels_(channels) {}

  // `watermark` arrived on `channel`. Returns the new merged watermark if it changed.
  std::optional<Watermark> OnWatermark(size_t channel, Watermark watermark);

  const Watermark& current() const { return current_; }

 private:
  std::vector<Watermark> channels_;
  Watermark current_;
};

}  // namespace weir

#endif  // WEIR_CORE_RUNTIME_WATERMARK_MERGER_H_
