// The text trace of a run, and the first difference of two of them.
//
// One line per recorded event, columns separated by one space:
//
//   number   counts the events of the world, from 1
//   time     virtual time in nanoseconds since the world began
//   digest   the rolling digest after this event, 16 hex digits
//   kind     turn, draw, send, arrive, file, host, executor, mount, fault
//   actor    index of who it happened to, as its kind numbers them: executor, connection, machine
//   payload  hash of the payload, or the value drawn, 16 hex digits
//   detail   names for people; the rest of the line
//
// Lines are written in the order in which things happen, so the first line that differs between
// two runs of one seed is where determinism was lost: something before it that is not in the line
// above came from outside the seams.
#ifndef WEIR_SIM_TRACE_H_
#define WEIR_SIM_TRACE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/functional/any_invocable.h"

namespace weir::sim {

// Gets each line without its line feed.
using TraceSink = absl::AnyInvocable<void(std::string_view line)>;

// What a trace line is made of; `kind` is the text of the column.
struct TraceLine {
  uint64_t number = 0;
  int64_t time_ns = 0;
  uint64_t digest = 0;
  std::string_view kind;
  uint64_t actor = 0;
  uint64_t payload = 0;
  std::string_view detail;
};

std::string FormatTraceLine(const TraceLine& line);

struct TraceDifference {
  size_t line = 0;    // From 1.
  std::string left;   // Empty if the left trace ended before this line.
  std::string right;  // Likewise.
};

// Both traces are whole texts with a line feed after each line. Absent if they are equal.
std::optional<TraceDifference> FirstDifference(std::string_view left, std::string_view right);

}  // namespace weir::sim

#endif  // WEIR_SIM_TRACE_H_
