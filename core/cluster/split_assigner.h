// SplitAssigner: which reader of a source gets which split. Splits go out in order, one at a time, to whoever asks first; when the
// last is gone, every reader is told so, behind its own splits. Pure.
#ifndef WEIR_CORE_CLUSTER_SPLIT_ASSIGNER_H_
#define WEIR_CORE_CLUSTER_SPLIT_ASSIGNER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "core/operators/source.h"
#include "core/types/stream_element.h"

namespace weir {

struct SourceEvent {
  std::optional<SourceSplit> add_split = std::nullopt;
  bool no_more_splits = false;
  std::optional<CheckpointBarrier> barrier = std::nullopt;
};

class SplitAssigner {
 public:
  SplitAssigner(std::vector<SourceSplit> splits, int readers)
      : pending_(std::move(splits)), readers_(readers) {}

  // The readers run. The events to send if nothing is left to assign.
  std::vector<std::pair<int, SourceEvent>> OnStart() {
    std::vector<std::pair<int, SourceEvent>> events;
    TellIfEmpty(events);
    return events;
  }

  // `reader` wants a split. Returns the events to send, each to its reader, in order.
  std::vector<std::pair<int, SourceEvent>> OnRequest(int reader) {
    std::vector<std::pair<int, SourceEvent>> events;
    if (next_ < pending_.size()) {
      events.push_back({reader, {.add_split = pending_[next_++]}});
    }
    TellIfEmpty(events);
    return events;
  }

  // For the checkpoint's manifest: the splits that nobody has.
  std::vector<SourceSplit> pending() const {
    return {pending_.begin() + static_cast<ptrdiff_t>(next_), pending_.end()};
  }
  size_t unassigned() const { return pending_.size() - next_; }

 private:
  void TellIfEmpty(std::vector<std::pair<int, SourceEvent>>& events) {
    if (next_ < pending_.size() || std::exchange(told_, true)) return;
    for (int i = 0; i < readers_; ++i) events.push_back({i, {.no_more_splits = true}});
  }

  std::vector<SourceSplit> pending_;
  size_t next_ = 0;
  int readers_;
  bool told_ = false;
};

}  // namespace weir

#endif  // WEIR_CORE_CLUSTER_SPLIT_ASSIGNER_H_
