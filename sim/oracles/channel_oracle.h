// Channels: what a receiver takes from a channel has no gap and no repeat, nothing follows its end, barriers go up, and its
// watermark never goes back. Counts as "overtaken" the frames of rows that come after a barrier on another channel of the same
// process and before their own: where those are channels of one subtask, the aligner has something to hold back.
#ifndef WEIR_SIM_ORACLES_CHANNEL_ORACLE_H_
#define WEIR_SIM_ORACLES_CHANNEL_ORACLE_H_

#include <cstdint>
#include <map>
#include <string_view>

#include "core/base/ids.h"
#include "core/types/event_time.h"
#include "sim/oracles/oracle.h"

namespace weir::sim {

class ChannelOracle final : public Oracle {
 public:
  explicit ChannelOracle(OracleLog* log);
  void OnFrameTaken(const Address& acceptor, uint64_t stream, Lane lane,
                    std::string_view frame) override;

 private:
  struct Channel {
    uint64_t next = 0;
    CheckpointId barrier;
    EventTime watermark = EventTime::Min();
    bool ended = false;
  };
  std::map<uint64_t, Channel> channels_;            // By stream.
  std::map<Address, CheckpointId> newest_barrier_;  // By process.
};

}  // namespace weir::sim

#endif  // WEIR_SIM_ORACLES_CHANNEL_ORACLE_H_
