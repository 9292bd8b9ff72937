// StreamElement: what travels on a channel. A batch of rows, or control that cuts batches. Pure data.
#ifndef WEIR_CORE_TYPES_STREAM_ELEMENT_H_
#define WEIR_CORE_TYPES_STREAM_ELEMENT_H_

#include <memory>
#include <variant>

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

// The channel ends here; a Watermark of EventTime::Max() came before.
struct EndOfData {
  friend bool operator==(const EndOfData&, const EndOfData&) = default;
};

using StreamElement = std::variant<std::unique_ptr<BatchBase>, Watermark, EndOfData>;

}  // namespace weir

#endif  // WEIR_CORE_TYPES_STREAM_ELEMENT_H_
