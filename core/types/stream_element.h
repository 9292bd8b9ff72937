// StreamElement: what travels on a channel. A batch of rows, or control that cuts batches. Pure data.
#ifndef WEIR_CORE_TYPES_STREAM_ELEMENT_H_
#define WEIR_CORE_TYPES_STREAM_ELEMENT_H_

#include <cstdint>
#include <memory>
#include <variant>

#include "core/base/ids.h"
#include "core/types/batch.h"
#include "core/types/event_time.h"

namespace weir {

// time t: no more rows with event time <= t follow on this channel. idle: this channel says nothing about time until its
// next watermark or row (time then repeats the last one). Source: Akidau et al., "The Dataflow Model", VLDB 2015.
struct Watermark {
  EventTime time = EventTime::Min();
  bool idle = false;
  friend bool operator==(const Watermark&, const Watermark&) = default;
};

// No rows and watermarks follow; a Watermark of EventTime::Max() came before.
struct EndOfData {
  friend bool operator==(const EndOfData&, const EndOfData&) = default;
};

enum class BarrierKind : uint8_t {
  kAligned =
      1,  // Exactly once: a subtask takes nothing behind it before it has come on every channel.
  kAtLeastOnce =
      2,  // Nothing waits; what overtakes it is in the snapshot and comes again after a recovery.
};

// Cuts a channel in what belongs to `checkpoint` and what comes after. Also follows EndOfData: a subtask that has ended goes on to
// answer barriers. Source: Carbone et al., "Lightweight Asynchronous Snapshots for Distributed Dataflows", 2015.
struct CheckpointBarrier {
  CheckpointId checkpoint;
  BarrierKind kind = BarrierKind::kAligned;
  friend bool operator==(const CheckpointBarrier&, const CheckpointBarrier&) = default;
};

using StreamElement =
    std::variant<std::unique_ptr<BatchBase>, Watermark, CheckpointBarrier, EndOfData>;

}  // namespace weir

#endif  // WEIR_CORE_TYPES_STREAM_ELEMENT_H_
