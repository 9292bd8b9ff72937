// SplitAssigner: which reader of a source gets which split. Splits go out in order, one at a time, to whoever asks first; when none
// is left, every reader is told so, the one that gets the last with that split. Pure.
//
// Readers may start again by themselves, while others run on (core/cluster/region_table.h). Then the splits that they were given
// after the checkpoint which they restore come back, and are given out anew; those of the checkpoint stay with them, and what is
// with the others stays there. A reader that was told that there are no more gets none that came back: its event time has moved on
// without them. Source: Flink's SplitAssignmentTracker and SplitEnumerator.addSplitsBack (FLIP-27).
#ifndef WEIR_CORE_CLUSTER_SPLIT_ASSIGNER_H_
#define WEIR_CORE_CLUSTER_SPLIT_ASSIGNER_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "core/checkpoint/recovery.h"
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
  using Readers = std::set<int>;  // By index.
  using Events = std::vector<std::pair<int, SourceEvent>>;

  // Of a source that starts with these splits, all pending. No reader runs.
  SplitAssigner(std::vector<SourceSplit> splits, int readers);
  // Of a source that goes on from a checkpoint with the same number of readers or another.
  SplitAssigner(const OperatorRestore& restored, int readers);

  // They run no more: no event is for them until they ask, or OnStart.
  void OnStop(const Readers& readers);
  // What `readers`, which do not run, begin with: that of `restored`, or nothing. DataLoss if the checkpoint gives them a split that
  // another reader has.
  absl::Status Restore(const Readers& readers, const OperatorRestore* restored);
  // They run. The events to send if nothing is left to assign.
  Events OnStart(const Readers& readers);
  // `reader`, which runs, wants a split. Returns the events to send, each to its reader, in order.
  Events OnRequest(int reader);

  // For the checkpoint's manifest: the splits that nobody has, and those that were read to their end before their reader started;
  // later ones are known to the reader. In order of their ids.
  std::vector<SourceSplit> pending() const;
  std::vector<SplitId> finished() const;
  // Ids are 0 .. split_count - 1.
  uint32_t split_count() const { return split_count_; }

 private:
  enum class Reader : uint8_t { kStopped, kAsks, kToldNoMore };
  void AppendIfNoneIsLeft(Events& events);

  std::map<SplitId, SourceSplit> pending_;
  // Assigned since the source started, or restored; some are read to their end by now.
  std::map<SplitId, std::pair<int, SourceSplit>> assigned_;
  std::set<SplitId> finished_;
  uint32_t split_count_ = 0;
  std::vector<Reader> readers_;
};

}  // namespace weir

#endif  // WEIR_CORE_CLUSTER_SPLIT_ASSIGNER_H_
