#include "sim/recorder.h"

#include <string_view>

namespace weir::sim {
namespace {

std::string_view KindName(EventKind kind) {
  switch (kind) {
    case EventKind::kTurn:
      return "turn";
    case EventKind::kDraw:
      return "draw";
    case EventKind::kSend:
      return "send";
    case EventKind::kArrive:
      return "arrive";
    case EventKind::kFile:
      return "file";
    case EventKind::kHost:
      return "host";
    case EventKind::kExecutor:
      return "executor";
    case EventKind::kMount:
      return "mount";
    case EventKind::kFault:
      return "fault";
  }
  return "?";
}

}  // namespace

void Recorder::WriteLine(EventKind kind, int64_t time_ns, uint64_t actor, uint64_t payload,
                         const std::string& detail) {
  trace_(FormatTraceLine({.number = events_,
                          .time_ns = time_ns,
                          .digest = digest_.value(),
                          .kind = KindName(kind),
                          .actor = actor,
                          .payload = payload,
                          .detail = detail}));
}

}  // namespace weir::sim
