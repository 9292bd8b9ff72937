#include "sim/oracles/channel_oracle.h"

#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"
#include "core/types/batch.h"
#include "core/types/hello.h"

namespace weir::sim {

ChannelOracle::ChannelOracle(OracleLog* log, KnownChannels known)
    : Oracle(log), known_(std::move(known)) {
  log->counts["barriers"];
  log->counts["blocked"];
  log->counts["no_credit"];
  if (!known_.empty()) log->counts["rows_with_times"];
  for (const auto& [id, channel] : known_) inputs_[channel.reader].insert(id);
}

void ChannelOracle::OnStreamAnswer(uint64_t life, const Address&, uint64_t stream,
                                   std::string_view hello, const absl::Status& answer) {
  const absl::StatusOr<Hello> process = ParseHello(hello);
  if (!answer.ok() || !process.ok()) return;
  channels_[stream].life = life;
  channels_[stream].epoch = process->leader_epoch;
}

void ChannelOracle::OnCreditUsedUp(uint64_t) { ++log().counts["no_credit"]; }

void ChannelOracle::OnFrameTaken(const Address& acceptor, uint64_t stream, Lane lane,
                                 std::string_view frame) {
  const absl::StatusOr<FrameView> view = ParseFrame(frame);
  if (!view.ok()) {
    return log().Report("channel", acceptor,
                        absl::StrCat("a frame is damaged: ", view.status().message()));
  }
  const FrameHeader& header = view->header;
  const std::string where = absl::StrCat(acceptor, " ", header.channel.ToString());
  if (lane == Lane::kUrgent) return;
  Channel& channel = channels_[stream];
  const End end{channel.life, {channel.epoch, header.attempt}, header.channel};
  if (const uint64_t taken = streams_.try_emplace(end, stream).first->second; taken != stream) {
    log().Report("channel", where,
                 absl::StrCat(header.ToString(), " was taken from stream ", stream,
                              ", after frames of stream ", taken));
  }
  if (header.sequence != channel.next) {
    log().Report(
        "channel", where,
        absl::StrCat("frame ", header.sequence, " came where ", channel.next, " was expected"));
  }
  ++channel.next;
  switch (header.kind) {
    case FrameKind::kRows:
      return OnRows(where, channel, *view);
    case FrameKind::kWatermark: {
      const Watermark watermark = WatermarkOf(*view);
      if (!watermark.idle && watermark.time < channel.watermark) {
        log().Report("watermark", where,
                     absl::StrCat("it goes back from ", channel.watermark.ToString(), " to ",
                                  watermark.time.ToString()));
      }
      channel.watermark = std::max(channel.watermark, watermark.time);
      return;
    }
    case FrameKind::kEndOfData:
      channel.ended = true;
      return;
    case FrameKind::kBarrier:
      return OnBarrier(where, channel, *view);
    case FrameKind::kCancel:
      return;
  }
}

void ChannelOracle::OnRows(const std::string& where, const Channel& channel,
                           const FrameView& frame) {
  if (channel.ended) log().Report("channel", where, "rows follow the end of the data");
  if (Blocked(channel, frame.header)) ++log().counts["blocked"];
  const auto known = known_.find(frame.header.channel);
  if (known == known_.end() || (frame.header.flags & kRowsHaveTimes) == 0) return;
  const RowCodec& codec = *known->second.codec;
  const std::unique_ptr<BatchBase> rows = codec.NewBatch();
  if (const absl::Status decoded =
          codec.DecodeRows(frame.payload, frame.header.row_count, frame.header.flags, *rows);
      !decoded.ok()) {
    return log().Report("channel", where,
                        absl::StrCat("its rows are damaged: ", decoded.message()));
  }
  log().counts["rows_with_times"] += rows->event_times.size();
  for (size_t row = 0; row < rows->event_times.size(); ++row) {
    const EventTime time = rows->event_times[row];
    if (time > channel.watermark) continue;
    return log().Report(
        "watermark", where,
        absl::StrCat("row ", codec.DescribeRow(*rows, row, 200), " has time ", time.ToString(),
                     " and comes behind the watermark ", channel.watermark.ToString()));
  }
}

void ChannelOracle::OnBarrier(const std::string& where, Channel& channel, const FrameView& frame) {
  const CheckpointBarrier barrier = BarrierOf(frame);
  ++log().counts["barriers"];
  if (barrier.checkpoint <= channel.barrier) {
    log().Report("channel", where,
                 absl::StrCat("barrier ", barrier.checkpoint.value(), " follows barrier ",
                              channel.barrier.value()));
  }
  channel.barrier = barrier.checkpoint;
  const auto known = known_.find(frame.header.channel);
  if (known == known_.end() || barrier.kind != BarrierKind::kAligned) return;
  barriers_[{{channel.epoch, frame.header.attempt}, known->second.reader}][known->first] =
      barrier.checkpoint;
}

bool ChannelOracle::Blocked(const Channel& channel, const FrameHeader& header) const {
  const auto known = known_.find(header.channel);
  if (known == known_.end()) return false;
  const auto brought = barriers_.find({{channel.epoch, header.attempt}, known->second.reader});
  if (brought == barriers_.end()) return false;
  const auto own = brought->second.find(header.channel);
  if (own == brought->second.end()) return false;
  const std::set<ChannelId>& inputs = inputs_.at(known->second.reader);
  return std::any_of(inputs.begin(), inputs.end(), [&](const ChannelId& input) {
    const auto other = brought->second.find(input);
    return other == brought->second.end() || other->second < own->second;
  });
}

}  // namespace weir::sim
