// Recorder: what every part of a world tells about what it does. It folds each event into the
// rolling digest and, if the world has a trace, writes a line.
//
// An event's details are made by a function that is called only when there is a trace: they may
// cost what they like, must not draw, and never reach the digest.
#ifndef WEIR_SIM_RECORDER_H_
#define WEIR_SIM_RECORDER_H_

#include <cstdint>
#include <string>
#include <utility>

#include "sim/digest.h"
#include "sim/trace.h"

namespace weir::sim {

class Observer;

enum class EventKind : uint8_t {
  kTurn,      // An executor runs a closure.
  kDraw,      // A draw and its value.
  kSend,      // A message leaves a process.
  kArrive,    // A message reaches a process.
  kFile,      // A file-system call.
  kHost,      // A machine was added.
  kExecutor,  // An executor was added or ended.
  kMount,     // A file was mounted.
  kFault,     // A fault begins or ends.
};

class Recorder {
 public:
  explicit Recorder(TraceSink trace) : trace_(std::move(trace)) {}
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  // `detail` is callable as std::string().
  template <typename Detail>
  void Add(EventKind kind, int64_t time_ns, uint64_t actor, uint64_t payload, Detail&& detail) {
    ++events_;
    digest_.Add(static_cast<uint64_t>(time_ns));
    digest_.Add(static_cast<uint64_t>(kind) << 56 ^ actor);
    digest_.Add(payload);
    if (trace_) [[unlikely]]
      WriteLine(kind, time_ns, actor, payload, detail());
  }

  // Null if nobody looks on; outlives the world.
  Observer* observer() const { return observer_; }
  void set_observer(Observer* observer) { observer_ = observer; }

  uint64_t digest() const { return digest_.value(); }
  uint64_t events() const { return events_; }

 private:
  void WriteLine(EventKind kind, int64_t time_ns, uint64_t actor, uint64_t payload,
                 const std::string& detail);

  RollingDigest digest_;
  uint64_t events_ = 0;
  TraceSink trace_;
  Observer* observer_ = nullptr;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_RECORDER_H_
