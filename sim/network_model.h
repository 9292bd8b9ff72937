// NetworkModel: the network of a world: its connections, who serves where, which calls and streams
// exist, and what is wrong between machines.
//
// Faults name machines. A blocked link holds messages back; while it lasts each side gives the
// connections over it up when its keepalive says so (drawn, see NetworkOptions), and tries again as
// long as the link stays blocked. A lost connection ends its calls and streams: what was on its way
// arrives in part (drawn); the side that learns is told Unavailable; the other one finds out by the
// reset that answers what it sends, by its keepalive, or by the deadline of its calls.
//
// Everything here happens outside of turns.
#ifndef WEIR_SIM_NETWORK_MODEL_H_
#define WEIR_SIM_NETWORK_MODEL_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string_view>
#include <utility>

#include "sim/connection.h"
#include "sim/event_loop.h"
#include "sim/links.h"
#include "sim/live_list.h"
#include "sim/server_table.h"

namespace weir::sim {

class SimCall;
class SimStream;

// Which side learns at once that a connection is lost.
struct LossLearnedBy {
  bool dialer = true;
  bool target = true;
};

class NetworkModel {
 public:
  NetworkModel(EventLoop* loop, WorldDraws* draws, Recorder* recorder, NetworkOptions options,
               Seed seed);
  NetworkModel(const NetworkModel&) = delete;
  NetworkModel& operator=(const NetworkModel&) = delete;

  Links& links() { return links_; }
  const Links& links() const { return links_; }

  // Counted; see Links.
  void Block(uint32_t from, uint32_t to);
  void Unblock(uint32_t from, uint32_t to);
  // Loses the connections that `dialer` has to `target`. Returns how many calls and streams ended.
  int LoseConnections(uint32_t dialer, uint32_t target, LossLearnedBy learned_by);
  // The process on `machine` is paused, or runs again: if it lasts, others give it up.
  void OnPaused(uint32_t machine);
  void OnResumed(uint32_t machine);
  // The process on `machine` has died; called while its effects are muted.
  void DropEndsOf(uint32_t machine);
  // Then, no longer muted: the others learn by a reset, or have to find out.
  void OnDied(uint32_t machine, bool resets);

  // Told of each call that leaves a machine, in the turn that makes it. May be null.
  std::function<void(uint32_t machine, std::string_view method)> on_call;

  EventLoop* const loop;
  ServerTable servers;
  Connections connections;
  LiveList<SimCall> calls;
  LiveList<SimStream> streams;
  uint64_t last_call_id = 0;
  uint64_t last_stream_id = 0;

 private:
  void WatchBlocked(uint32_t from, uint32_t to, uint64_t block, uint32_t side);
  // `side` gives up what it has with `other` (any machine, if kNoMachine).
  void GiveUp(uint32_t side, uint32_t other);

  Links links_;
  ConnectionContext context_;
  SiteDraws keepalive_;
  uint64_t last_block_ = 0;
  std::map<std::pair<uint32_t, uint32_t>, uint64_t> blocks_;  // The current one of a link.
  std::map<uint32_t, uint64_t> pauses_;                       // Likewise of a paused machine.
};

}  // namespace weir::sim

#endif  // WEIR_SIM_NETWORK_MODEL_H_
