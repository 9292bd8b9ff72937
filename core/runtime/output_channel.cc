#include "core/runtime/output_channel.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/check.h"
#include "core/base/status_macros.h"
#include "core/types/batch.h"

namespace weir {

OutputChannel::OutputChannel(Options options, std::shared_ptr<const RowCodec> codec,
                             absl::AnyInvocable<void()> on_credit,
                             absl::AnyInvocable<void(absl::Status)> on_broken)
    : options_(options),
      codec_(std::move(codec)),
      on_credit_(std::move(on_credit)),
      on_broken_(std::move(on_broken)) {
  WEIR_CHECK_GE(options_.record_bytes_max, options_.frame_bytes_max);
  WEIR_CHECK_LE(options_.record_bytes_max, kRecordBytesMax);
}

void OutputChannel::Connect(Network& network, const Address& to, std::string hello,
                            Executor* executor) {
  WEIR_CHECK(sender_ == nullptr);
  sender_ = network.OpenStream(to, std::move(hello), executor, this);
  Pump();
}

void OutputChannel::Close() {
  if (sender_ != nullptr && !dead_) {
    if (ended_ && queue_.empty()) {
      sender_->Finish();
    } else {
      // Overtakes what is queued, so that the receiver need not read on to learn that nothing more is worth reading.
      sender_->Send(Lane::kUrgent, EncodeCancelFrame(Header(FrameKind::kCancel)));
    }
  }
  dead_ = true;
  queue_.clear();
  sender_.reset();
}

FrameHeader OutputChannel::Header(FrameKind kind) const {
  return {.kind = kind,
          .flags = 0,
          .channel = options_.channel,
          .attempt = options_.attempt,
          .sequence = sequence_};
}

template <class AppendSome, class RowAt>
absl::Status OutputChannel::AppendWith(const BatchBase& batch, size_t count, AppendSome append_some,
                                       RowAt row_at) {
  WEIR_CHECK(!ended_) << options_.channel << " has ended";
  const uint8_t flags = RowFlags(batch);
  if (rows_ > 0 && flags != flags_) SealRows();
  flags_ = flags;
  for (size_t done = 0; done < count;) {
    const size_t room = kBatchRowsMax - rows_;
    const size_t take = std::min(room, count - done);
    const size_t appended = append_some(done, take);
    WEIR_DCHECK(appended > 0);
    done += appended;
    rows_ += static_cast<uint32_t>(appended);
    if (builder_.payload_bytes() > options_.record_bytes_max) [[unlikely]] {
      WEIR_RETURN_IF_ERROR(CheckRecordSize(batch, row_at(done - 1)));
    }
    if (rows_ == kBatchRowsMax || builder_.payload_bytes() >= options_.frame_bytes_max) SealRows();
  }
  return absl::OkStatus();
}

// Only the last row of a frame can be that large: what comes before it has not filled the frame.
absl::Status OutputChannel::CheckRecordSize(const BatchBase& batch, size_t row) const {
  std::string alone;
  codec_->AppendRowRange(batch, row, row + 1, 1, alone);
  if (alone.size() <= options_.record_bytes_max) return absl::OkStatus();
  constexpr size_t kExcerptBytesMax = 256;
  return absl::ResourceExhaustedError(absl::StrCat(
      "a record of ", alone.size(), " bytes is larger than the ", options_.record_bytes_max,
      " that a channel takes; taskmanager.memory.record-size-max is the option that raises this\n",
      "  record: ", codec_->DescribeRow(batch, row, kExcerptBytesMax)));
}

absl::Status OutputChannel::AppendRows(const BatchBase& batch, std::span<const uint32_t> rows) {
  return AppendWith(
      batch, rows.size(),
      [&](size_t begin, size_t count) {
        return codec_->AppendRows(batch, rows.subspan(begin, count),
                                  FrameBuilder::out_bytes_max(options_.frame_bytes_max),
                                  builder_.out());
      },
      [&](size_t i) { return size_t{rows[i]}; });
}

absl::Status OutputChannel::AppendRowRange(const BatchBase& batch, size_t begin, size_t end) {
  return AppendWith(
      batch, end - begin,
      [&](size_t done, size_t count) {
        return codec_->AppendRowRange(batch, begin + done, begin + done + count,
                                      FrameBuilder::out_bytes_max(options_.frame_bytes_max),
                                      builder_.out());
      },
      [&](size_t i) { return begin + i; });
}

void OutputChannel::AppendWatermark(Watermark watermark) {
  SealRows();
  Queue(EncodeWatermarkFrame(Header(FrameKind::kWatermark), watermark));
}

void OutputChannel::AppendBarrier(CheckpointBarrier barrier) {
  SealRows();
  Queue(EncodeBarrierFrame(Header(FrameKind::kBarrier), barrier));
}

void OutputChannel::AppendEndOfData() {
  SealRows();
  Queue(EncodeEndOfDataFrame(Header(FrameKind::kEndOfData)));
  ended_ = true;
}

void OutputChannel::Flush() {
  SealRows();
  Pump();
}

void OutputChannel::SealRows() {
  if (rows_ == 0) return;
  FrameHeader header = Header(FrameKind::kRows);
  header.flags = flags_;
  header.row_count = std::exchange(rows_, 0);
  absl::StatusOr<std::string> frame = builder_.Seal(header);
  if (frame.ok()) return Queue(*std::move(frame));
  if (!std::exchange(dead_, true)) on_broken_(frame.status());
}

void OutputChannel::Queue(std::string frame) {
  if (dead_) return;
  ++sequence_;
  queue_.push_back(std::move(frame));
  // At once, so that blocked() means that there is no credit: then some is under way, and OnCredit follows.
  Pump();
}

void OutputChannel::Pump() {
  if (sender_ == nullptr || dead_) return;
  while (!queue_.empty() && sender_->credit() > 0) {
    sender_->Send(Lane::kFifo, std::move(queue_.front()));
    queue_.pop_front();
  }
}

void OutputChannel::OnCredit() {
  Pump();
  // A flush may have used the credit before this call: what matters is that nothing waits any more.
  if (!blocked()) on_credit_();
}

void OutputChannel::OnBroken(absl::Status why) {
  if (std::exchange(dead_, true)) return;
  queue_.clear();
  on_broken_(std::move(why));
}

}  // namespace weir
