// Channels: what a receiver takes from a channel comes over one stream, has no gap and no repeat, nothing follows its end, barriers
// go up, its watermark never goes back, and is true: no row with that time or an earlier one comes behind it. The last is for jobs whose input keeps to
// the bound of its watermarks.
//
// Counts "blocked": frames of rows that come on a channel behind a barrier that another channel of the same subtask has not
// brought, so that the aligner has something to hold back. And "no_credit": senders that used up what the receiver has granted.
#ifndef WEIR_SIM_ORACLES_CHANNEL_ORACLE_H_
#define WEIR_SIM_ORACLES_CHANNEL_ORACLE_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "core/base/ids.h"
#include "core/checkpoint/job_attempt.h"
#include "core/types/event_time.h"
#include "core/types/frame.h"
#include "sim/oracles/known_channels.h"
#include "sim/oracles/oracle.h"

namespace weir::sim {

class ChannelOracle final : public Oracle {
 public:
  // Rows of channels that are not in `known` are not looked into.
  explicit ChannelOracle(OracleLog* log, KnownChannels known = {});
  void OnStreamAnswer(uint64_t life, const Address& acceptor, uint64_t stream,
                      std::string_view hello, const absl::Status& answer) override;
  void OnCreditUsedUp(uint64_t stream) override;
  void OnFrameTaken(const Address& acceptor, uint64_t stream, Lane lane,
                    std::string_view frame) override;

 private:
  struct Channel {
    uint64_t life = 0;
    LeaderEpoch epoch;
    uint64_t next = 0;
    CheckpointId barrier;
    EventTime watermark = EventTime::Min();
    bool ended = false;
  };
  using Reader = std::pair<JobAttempt, SubtaskId>;
  // Of a reading process: by its life.
  using End = std::tuple<uint64_t, JobAttempt, ChannelId>;

  void OnRows(const std::string& where, const Channel& channel, const FrameView& frame);
  void OnBarrier(const std::string& where, Channel& channel, const FrameView& frame);
  // Whether not all channels of the reader have brought the barrier that this one has.
  bool Blocked(const Channel& channel, const FrameHeader& header) const;

  const KnownChannels known_;
  std::map<SubtaskId, std::set<ChannelId>> inputs_;
  std::map<uint64_t, Channel> channels_;                          // By stream.
  std::map<End, uint64_t> streams_;                               // From which frames were taken.
  std::map<Reader, std::map<ChannelId, CheckpointId>> barriers_;  // What each input brought last.
};

}  // namespace weir::sim

#endif  // WEIR_SIM_ORACLES_CHANNEL_ORACLE_H_
