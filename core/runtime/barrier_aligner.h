// BarrierAligner: when a subtask takes its part of a checkpoint, given the barriers of its channels. Pure.
//
// Exactly once: a channel whose barrier has come is blocked until the barrier has come on every channel; then the snapshot is taken
// and all go on. At least once: nothing is blocked. A newer checkpoint gives up an older one that is still waiting; barriers of
// checkpoints that were given up or are done are ignored. Channels that have ended still carry barriers.
//
// Source: Carbone et al., "Lightweight Asynchronous Snapshots for Distributed Dataflows", arXiv 1506.08603, algorithm 1.
#ifndef WEIR_CORE_RUNTIME_BARRIER_ALIGNER_H_
#define WEIR_CORE_RUNTIME_BARRIER_ALIGNER_H_

#include <cstddef>
#include <optional>
#include <vector>

#include "core/base/ids.h"
#include "core/types/stream_element.h"

namespace weir {

class BarrierAligner {
 public:
  explicit BarrierAligner(size_t channels) : arrived_(channels, false) {}

  struct Decision {
    // The snapshot of this checkpoint is due now, before anything else is taken.
    std::optional<CheckpointBarrier> snapshot;
    // This one was given up: the coordinator should know.
    std::optional<CheckpointId> given_up;
  };
  // `barrier` arrived on `channel`, and everything before it on that channel has been processed.
  Decision OnBarrier(size_t channel, CheckpointBarrier barrier);

  // The coordinator gave `checkpoint` up.
  void OnAborted(CheckpointId checkpoint);

  // True if nothing may be taken from `channel` now.
  bool blocked(size_t channel) const {
    return current_.has_value() && current_->kind == BarrierKind::kAligned && arrived_[channel];
  }
  bool aligning() const { return current_.has_value(); }

 private:
  void Begin(CheckpointBarrier barrier);

  std::optional<CheckpointBarrier> current_;
  std::vector<bool> arrived_;
  size_t missing_ = 0;
  CheckpointId done_;  // Everything up to this one is complete here or given up.
};

}  // namespace weir

#endif  // WEIR_CORE_RUNTIME_BARRIER_ALIGNER_H_
