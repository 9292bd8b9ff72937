// InputGate: the receiving end of all channels of a subtask. Frames queue per channel, as many as credit allows; elements are taken
// in the order in which their frames arrived, one channel's in the order in which they were sent. Belongs to the subtask's executor.
//
// A frame of another channel or attempt, or out of sequence, breaks its stream with DataLoss or Aborted and fails the subtask: a
// data stream never resumes.
#ifndef WEIR_CORE_RUNTIME_INPUT_GATE_H_
#define WEIR_CORE_RUNTIME_INPUT_GATE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/base/ids.h"
#include "core/env/network.h"
#include "core/runtime/barrier_aligner.h"
#include "core/types/row_codec.h"
#include "core/types/stream_element.h"

namespace weir {

struct InputChannelSpec {
  ChannelId channel;
  int input = 0;  // Logical input of the first operator.
  std::shared_ptr<const RowCodec> codec;
};

struct GateElement {
  size_t channel = 0;  // Position in the gate.
  int input = 0;
  StreamElement element;
};

class InputGate {
 public:
  struct Options {
    AttemptNumber attempt;
    int64_t credit = 16;  // Frames that may be under way or queued on one channel.
  };
  // `on_ready`: there is something to take. `on_broken`: a stream is lost or damaged. Both on the subtask's executor.
  InputGate(std::vector<InputChannelSpec> channels, Options options,
            absl::AnyInvocable<void()> on_ready, absl::AnyInvocable<void(absl::Status)> on_broken);
  ~InputGate();

  // Position of `channel`, if it is one of this gate's. Find, handler and codec are constant after construction: any executor.
  std::optional<size_t> Find(ChannelId channel) const;
  StreamReceiverHandler* handler(size_t position);
  const RowCodec& codec(size_t position) const;
  // Takes the stream of one channel and grants the first credit. A second stream for a channel is refused.
  void Attach(size_t position, std::unique_ptr<StreamReceiver> receiver);

  // The next element of a channel that is not blocked, decoded into `reuse` if that is given (an empty batch of the channel's
  // type); nothing if none is queued.
  absl::StatusOr<std::optional<GateElement>> Next(std::unique_ptr<BatchBase> reuse,
                                                  const BarrierAligner& aligner);

  bool all_ended() const { return ended_ == channels_.size(); }
  size_t size() const { return channels_.size(); }
  void Close();

 private:
  class Channel;
  void OnFrame(Channel& channel, Lane lane, FrameBytes frame);
  void OnBroken(Channel& channel, absl::Status why);
  void ReturnCredit(Channel& channel);
  absl::StatusOr<std::optional<GateElement>> Decode(Channel& channel, const FrameBytes& frame,
                                                    std::unique_ptr<BatchBase> reuse);

  const Options options_;
  absl::AnyInvocable<void()> on_ready_;
  absl::AnyInvocable<void(absl::Status)> on_broken_;
  std::vector<std::unique_ptr<Channel>> channels_;
  std::deque<size_t> arrivals_;  // Channel of each queued frame.
  size_t ended_ = 0;
};

}  // namespace weir

#endif  // WEIR_CORE_RUNTIME_INPUT_GATE_H_
