// OutputChannel: the sending end of one channel. Rows are written straight into the frame under construction; full frames wait in a
// queue until the receiver grants credit. Belongs to the subtask's executor.
//
// Bounds: who appends stops while blocked(), so what waits is at most what one batch and the control behind it come to. A frame has
// fewer than frame_bytes_max bytes before its last record, which has at most record_bytes_max.
//
// A data stream never resumes: once broken, the channel reports it and drops everything.
#ifndef WEIR_CORE_RUNTIME_OUTPUT_CHANNEL_H_
#define WEIR_CORE_RUNTIME_OUTPUT_CHANNEL_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "core/base/ids.h"
#include "core/env/network.h"
#include "core/types/frame.h"
#include "core/types/row_codec.h"
#include "core/types/stream_element.h"

namespace weir {

class OutputChannel final : public StreamSenderHandler {
 public:
  struct Options {
    ChannelId channel;
    AttemptNumber attempt;
    size_t frame_bytes_max = kFrameBytesMaxDefault;
    // Not below frame_bytes_max.
    size_t record_bytes_max = kRecordBytesMaxDefault;
  };
  // `on_credit` when frames have left the queue, `on_broken` once; both on the subtask's executor.
  OutputChannel(Options options, std::shared_ptr<const RowCodec> codec,
                absl::AnyInvocable<void()> on_credit,
                absl::AnyInvocable<void(absl::Status)> on_broken);

  // Opens the stream to the receiver; frames queue up before that.
  void Connect(Network& network, const Address& to, std::string hello, Executor* executor);
  // Finishes the stream if everything up to the end of data has been handed over; else drops what waits and breaks it.
  void Close();

  // ResourceExhausted, which says all about it, for a record of more than record_bytes_max; the channel is of no use then.
  absl::Status AppendRows(const BatchBase& batch, std::span<const uint32_t> rows);
  absl::Status AppendRowRange(const BatchBase& batch, size_t begin, size_t end);
  void AppendWatermark(Watermark watermark);
  void AppendBarrier(CheckpointBarrier barrier);
  // Only barriers follow.
  void AppendEndOfData();
  // Seals the frame under construction, if it holds rows, and sends what credit allows.
  void Flush();

  // Frames wait for credit.
  bool blocked() const { return !queue_.empty(); }
  int64_t frames_sent() const { return static_cast<int64_t>(sequence_); }

  void OnCredit() override;
  void OnBroken(absl::Status why) override;

 private:
  FrameHeader Header(FrameKind kind) const;
  template <class AppendSome, class RowAt>
  absl::Status AppendWith(const BatchBase& batch, size_t count, AppendSome append_some,
                          RowAt row_at);
  absl::Status CheckRecordSize(const BatchBase& batch, size_t row) const;
  void SealRows();
  void Queue(std::string frame);
  void Pump();

  const Options options_;
  const std::shared_ptr<const RowCodec> codec_;
  absl::AnyInvocable<void()> on_credit_;
  absl::AnyInvocable<void(absl::Status)> on_broken_;
  std::unique_ptr<StreamSender> sender_;
  FrameBuilder builder_;
  uint8_t flags_ = 0;
  uint32_t rows_ = 0;
  uint64_t sequence_ = 0;
  std::deque<std::string> queue_;
  bool ended_ = false;
  bool dead_ = false;
};

}  // namespace weir

#endif  // WEIR_CORE_RUNTIME_OUTPUT_CHANNEL_H_
