// Times in text: what parses prints as a text that parses to the same time.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/check.h"
#include "core/types/event_time.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const absl::StatusOr<weir::EventTime> time = weir::ParseEventTimeUtc(text);
  if (!time.ok()) return 0;
  // A leap second at the end of year 9999 is in a year that has no text.
  if (*time >= weir::EventTime::FromSeconds(253'402'300'800)) return 0;
  const absl::StatusOr<weir::EventTime> back = weir::ParseEventTimeUtc(time->ToString());
  WEIR_CHECK_OK(back);
  WEIR_CHECK_EQ(*back, *time);
  return 0;
}
