#include "core/operators/time_window.h"

#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"

namespace weir {
namespace {

EventTime Saturate(__int128 micros) {
  constexpr __int128 kMin = std::numeric_limits<int64_t>::min();
  constexpr __int128 kMax = std::numeric_limits<int64_t>::max();
  return EventTime::FromMicros(static_cast<int64_t>(std::clamp(micros, kMin, kMax)));
}

}  // namespace

absl::Status TumblingEventTimeWindows::Validate() const {
  if (size_ <= absl::ZeroDuration() || absl::Microseconds(size_us_) != size_) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the size of a tumbling window must be positive and in whole microseconds, not ",
        absl::FormatDuration(size_), "; write TumblingEventTimeWindows::Of(absl::Minutes(1))"));
  }
  if (absl::AbsDuration(offset_) >= size_ || absl::Microseconds(offset_us_) != offset_) {
    return absl::InvalidArgumentError(
        absl::StrCat("the offset of a tumbling window must be smaller than its size ",
                     absl::FormatDuration(size_), " and in whole microseconds, not ",
                     absl::FormatDuration(offset_)));
  }
  return absl::OkStatus();
}

TimeWindow TumblingEventTimeWindows::WindowOf(EventTime time) const {
  const __int128 since_offset = static_cast<__int128>(time.micros()) - offset_us_;
  __int128 into = since_offset % size_us_;
  if (into < 0) into += size_us_;
  const __int128 start = static_cast<__int128>(time.micros()) - into;
  return {Saturate(start), Saturate(start + size_us_)};
}

std::string TumblingEventTimeWindows::ToString() const {
  if (offset_ == absl::ZeroDuration()) {
    return absl::StrCat("tumbling(", absl::FormatDuration(size_), ")");
  }
  return absl::StrCat("tumbling(", absl::FormatDuration(size_), ", offset ",
                      absl::FormatDuration(offset_), ")");
}

}  // namespace weir
