#include "sim/trace.h"

#include "absl/strings/str_format.h"

namespace weir::sim {
namespace {

std::string_view TakeLine(std::string_view& text) {
  const size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

}  // namespace

std::string FormatTraceLine(const TraceLine& line) {
  return absl::StrFormat("%u %d %016x %s %u %016x %s", line.number, line.time_ns, line.digest,
                         line.kind, line.actor, line.payload, line.detail);
}

std::optional<TraceDifference> FirstDifference(std::string_view left, std::string_view right) {
  for (size_t number = 1; !left.empty() || !right.empty(); ++number) {
    const bool one_ended = left.empty() || right.empty();
    const std::string_view a = TakeLine(left);
    const std::string_view b = TakeLine(right);
    if (one_ended || a != b) {
      return TraceDifference{.line = number, .left = std::string(a), .right = std::string(b)};
    }
  }
  return std::nullopt;
}

}  // namespace weir::sim
