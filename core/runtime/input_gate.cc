#include "core/runtime/input_gate.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/check.h"
#include "core/base/status_macros.h"
#include "core/types/frame.h"

namespace weir {

class InputGate::Channel final : public StreamReceiverHandler {
 public:
  Channel(InputGate& gate, size_t position, InputChannelSpec spec)
      : gate_(gate), position_(position), spec_(std::move(spec)) {}

  void OnFrame(Lane lane, FrameBytes frame) override {
    gate_.OnFrame(*this, lane, std::move(frame));
  }
  void OnFinished() override {
    // The end-of-data frame came before and is queued or read.
    receiver.reset();
  }
  void OnBroken(absl::Status why) override { gate_.OnBroken(*this, std::move(why)); }

  size_t position() const { return position_; }
  const InputChannelSpec& spec() const { return spec_; }

  std::unique_ptr<StreamReceiver> receiver;
  bool attached = false;
  bool ended = false;
  int64_t taken = 0;  // Frames whose credit is still to be returned.
  uint64_t next_sequence = 0;
  std::deque<FrameBytes> frames;

 private:
  InputGate& gate_;
  const size_t position_;
  const InputChannelSpec spec_;
};

InputGate::InputGate(std::vector<InputChannelSpec> channels, Options options,
                     absl::AnyInvocable<void()> on_ready,
                     absl::AnyInvocable<void(absl::Status)> on_broken)
    : options_(options), on_ready_(std::move(on_ready)), on_broken_(std::move(on_broken)) {
  for (size_t i = 0; i < channels.size(); ++i) {
    channels_.push_back(std::make_unique<Channel>(*this, i, std::move(channels[i])));
  }
}

InputGate::~InputGate() = default;

std::optional<size_t> InputGate::Find(ChannelId channel) const {
  for (const auto& c : channels_) {
    if (c->spec().channel == channel) return c->position();
  }
  return std::nullopt;
}

StreamReceiverHandler* InputGate::handler(size_t position) { return channels_[position].get(); }

const RowCodec& InputGate::codec(size_t position) const {
  return *channels_[position]->spec().codec;
}

void InputGate::Attach(size_t position, std::unique_ptr<StreamReceiver> receiver) {
  Channel& channel = *channels_[position];
  if (std::exchange(channel.attached, true)) {
    receiver->Reject(absl::AbortedError(absl::StrCat(
        channel.spec().channel.ToString(), " has a stream already; a data stream never resumes")));
    return;
  }
  channel.receiver = std::move(receiver);
  channel.receiver->Grant(options_.credit);
}

void InputGate::OnFrame(Channel& channel, Lane lane, FrameBytes frame) {
  if (lane == Lane::kUrgent) {
    absl::StatusOr<FrameView> view = ParseFrame(frame.pieces());
    if (!view.ok()) return OnBroken(channel, view.status());
    return OnBroken(
        channel, absl::CancelledError(absl::StrCat(
                     "the sender of ", channel.spec().channel.ToString(), " gave its attempt up")));
  }
  channel.frames.push_back(std::move(frame));
  arrivals_.push_back(channel.position());
  on_ready_();
}

void InputGate::OnBroken(Channel& channel, absl::Status why) {
  if (channel.ended) return;
  on_broken_(absl::Status(why.code(), absl::StrCat("lost ", channel.spec().channel.ToString(), ": ",
                                                   std::string(why.message()))));
}

absl::StatusOr<std::optional<GateElement>> InputGate::Next(std::unique_ptr<BatchBase> reuse,
                                                           const BarrierAligner& aligner) {
  // Credit bounds how many frames of blocked channels there are to pass over.
  const auto arrival = std::find_if(arrivals_.begin(), arrivals_.end(), [&aligner](size_t channel) {
    return !aligner.blocked(channel);
  });
  if (arrival == arrivals_.end()) return std::optional<GateElement>();
  Channel& channel = *channels_[*arrival];
  arrivals_.erase(arrival);
  const FrameBytes frame = std::move(channel.frames.front());
  channel.frames.pop_front();
  ReturnCredit(channel);
  absl::StatusOr<std::optional<GateElement>> element = Decode(channel, frame, std::move(reuse));
  if (!element.ok() && channel.receiver != nullptr) channel.receiver->Reject(element.status());
  return element;
}

// Half of the credit at a time: a grant is a message of its own. The other half keeps the sender busy meanwhile.
void InputGate::ReturnCredit(Channel& channel) {
  if (++channel.taken < (options_.credit + 1) / 2 || channel.receiver == nullptr) return;
  channel.receiver->Grant(std::exchange(channel.taken, 0));
}

absl::StatusOr<std::optional<GateElement>> InputGate::Decode(Channel& channel,
                                                             const FrameBytes& frame,
                                                             std::unique_ptr<BatchBase> reuse) {
  WEIR_ASSIGN_OR_RETURN(const FrameView view, ParseFrame(frame.pieces()));
  const FrameHeader& header = view.header;
  if (header.attempt != options_.attempt) {
    return absl::AbortedError(
        absl::StrCat(header.ToString(), " is fenced; ", options_.attempt.ToString(), " runs"));
  }
  if (header.channel != channel.spec().channel || header.sequence != channel.next_sequence ||
      (channel.ended && header.kind != FrameKind::kBarrier)) {
    return absl::DataLossError(absl::StrCat(header.ToString(), " arrived where frame ",
                                            channel.next_sequence, " of ",
                                            channel.spec().channel.ToString(), " was due"));
  }
  ++channel.next_sequence;
  GateElement next{
      .channel = channel.position(), .input = channel.spec().input, .element = EndOfData()};
  switch (header.kind) {
    case FrameKind::kRows: {
      std::unique_ptr<BatchBase> batch =
          reuse != nullptr ? std::move(reuse) : channel.spec().codec->NewBatch();
      WEIR_RETURN_IF_ERROR(
          channel.spec().codec->DecodeRows(view.payload, header.row_count, header.flags, *batch));
      next.element = std::move(batch);
      break;
    }
    case FrameKind::kWatermark:
      next.element = WatermarkOf(view);
      break;
    case FrameKind::kEndOfData:
      channel.ended = true;
      ++ended_;
      break;
    case FrameKind::kBarrier:
      next.element = BarrierOf(view);
      break;
    case FrameKind::kCancel:
      return absl::DataLossError(absl::StrCat(header.ToString(), " came on the FIFO lane"));
  }
  return std::optional<GateElement>(std::move(next));
}

void InputGate::Close() {
  for (auto& channel : channels_) {
    channel->receiver.reset();
    channel->frames.clear();
  }
  arrivals_.clear();
}

}  // namespace weir
