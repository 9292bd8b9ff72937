#include "core/runtime/barrier_aligner.h"

#include <algorithm>

#include "core/base/check.h"

namespace weir {

void BarrierAligner::Begin(CheckpointBarrier barrier) {
  current_ = barrier;
  std::fill(arrived_.begin(), arrived_.end(), false);
  missing_ = arrived_.size();
}

BarrierAligner::Decision BarrierAligner::OnBarrier(size_t channel, CheckpointBarrier barrier) {
  WEIR_CHECK_LT(channel, arrived_.size());
  Decision decision;
  if (barrier.checkpoint <= done_) return decision;
  if (!current_.has_value() || current_->checkpoint < barrier.checkpoint) {
    if (current_.has_value()) {
      decision.given_up = current_->checkpoint;
      done_ = current_->checkpoint;
    }
    Begin(barrier);
  }
  if (barrier.checkpoint < current_->checkpoint || arrived_[channel]) return decision;
  arrived_[channel] = true;
  if (--missing_ > 0) return decision;
  decision.snapshot = *current_;
  done_ = current_->checkpoint;
  current_.reset();
  return decision;
}

void BarrierAligner::OnAborted(CheckpointId checkpoint) {
  done_ = std::max(done_, checkpoint);
  if (current_.has_value() && current_->checkpoint <= checkpoint) current_.reset();
}

}  // namespace weir
