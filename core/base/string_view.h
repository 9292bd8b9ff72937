// Conversion between std::string_view and absl::string_view: the one place that knows whether they
// differ.
//
// They are distinct types without implicit conversion in Debian's Abseil and the same type in
// others. Our own APIs use std::string_view and convert where they call Abseil. Pure; nothing is
// copied, the bytes stay the caller's.

#ifndef WEIR_CORE_BASE_STRING_VIEW_H_
#define WEIR_CORE_BASE_STRING_VIEW_H_

#include <string_view>

#include "absl/strings/string_view.h"

namespace weir {

constexpr absl::string_view ToAbsl(std::string_view text) {
  return absl::string_view(text.data(), text.size());
}

constexpr std::string_view ToStd(absl::string_view text) {
  return std::string_view(text.data(), text.size());
}

}  // namespace weir

#endif  // WEIR_CORE_BASE_STRING_VIEW_H_
