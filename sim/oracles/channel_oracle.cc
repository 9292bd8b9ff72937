#include "sim/oracles/channel_oracle.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/types/frame.h"

namespace weir::sim {

ChannelOracle::ChannelOracle(OracleLog* log) : Oracle(log) {
  log->counts["barriers"];
  log->counts["overtaken"];
}

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
  if (header.sequence != channel.next) {
    log().Report(
        "channel", where,
        absl::StrCat("frame ", header.sequence, " came where ", channel.next, " was expected"));
  }
  ++channel.next;
  switch (header.kind) {
    case FrameKind::kRows:
      if (channel.ended) log().Report("channel", where, "rows follow the end of the data");
      if (channel.barrier < newest_barrier_[acceptor]) ++log().counts["overtaken"];
      return;
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
    case FrameKind::kBarrier: {
      const CheckpointId checkpoint = BarrierOf(*view).checkpoint;
      ++log().counts["barriers"];
      if (checkpoint <= channel.barrier) {
        log().Report("channel", where,
                     absl::StrCat("barrier ", checkpoint.value(), " follows barrier ",
                                  channel.barrier.value()));
      }
      channel.barrier = checkpoint;
      newest_barrier_[acceptor] = std::max(newest_barrier_[acceptor], checkpoint);
      return;
    }
    case FrameKind::kCancel:
      return;
  }
}

}  // namespace weir::sim
