#include "core/runtime/watermark_merger.h"

#include <algorithm>

#include "core/base/check.h"

namespace weir {

std::optional<Watermark> WatermarkMerger::OnWatermark(size_t channel, Watermark watermark) {
  WEIR_CHECK_LT(channel, channels_.size());
  Watermark& slot = channels_[channel];
  slot.time = std::max(slot.time, watermark.time);
  slot.idle = watermark.idle;

  // Channels that have ended promise everything and hold nothing back, unless all have.
  EventTime active_min = EventTime::Max();
  EventTime idle_max = EventTime::Min();
  bool any_active = false;
  bool any_idle = false;
  for (const Watermark& w : channels_) {
    if (w.time == EventTime::Max()) continue;
    if (w.idle) {
      idle_max = std::max(idle_max, w.time);
      any_idle = true;
    } else {
      active_min = std::min(active_min, w.time);
      any_active = true;
    }
  }
  Watermark merged;
  merged.idle = any_idle && !any_active;
  // When all are idle, what was promised by the furthest holds: no channel has rows to contradict it.
  merged.time = std::max(current_.time, merged.idle ? idle_max : active_min);
  if (merged == current_) return std::nullopt;
  current_ = merged;
  return current_;
}

}  // namespace weir
