// Connections: what carries messages between processes, and how long it takes.
//
// A connection belongs to a process that dials, an address and a kind (calls or streams). A message
// takes a latency drawn for the connection plus a jitter drawn for the message, and never overtakes
// one that left before it on the same lanes. Bytes are hashed into the digest when they leave.
//
// A message that arrives over a blocked link is held, and all behind it, until the link has been
// free for a while.
#ifndef WEIR_SIM_CONNECTION_H_
#define WEIR_SIM_CONNECTION_H_

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "absl/time/time.h"
#include "core/env/network.h"
#include "sim/closure_slots.h"
#include "sim/event_loop.h"
#include "sim/links.h"
#include "sim/recorder.h"
#include "sim/server_table.h"
#include "sim/sim_random.h"

namespace weir::sim {

struct NetworkOptions {
  // The range of the one-way latency that a connection draws once.
  absl::Duration latency_min = absl::Microseconds(20);
  absl::Duration latency_max = absl::Milliseconds(2);
  // Each message adds up to this share of the connection's latency.
  int64_t jitter_percent_max = 200;
  // When a side that hears nothing from the other takes the connection for lost.
  absl::Duration keepalive_min = absl::Seconds(5);
  absl::Duration keepalive_max = absl::Seconds(20);
  // What was held goes on at most so long after the link is free again.
  absl::Duration retransmit_max = absl::Milliseconds(200);
};

enum class ConnectionKind : uint8_t { kCalls, kStreams };
enum class Direction : uint8_t { kForward, kBackward };  // Away from the dialer; towards it.

// What a message is, for the digest and the trace.
struct MessageLabel {
  std::string_view what;  // A literal, e.g. "request".
  uint64_t id = 0;        // Of the call or stream.
  uint64_t payload_hash = 0;
  uint64_t payload_size = 0;
};

// What connections need of their world; outlives them.
struct ConnectionContext {
  EventLoop* loop;
  WorldDraws* draws;
  Recorder* recorder;
  Links* links;
  const ServerTable* servers;
  NetworkOptions options;
  Seed seed;
};

class Connection {
 public:
  Observer* observer() const { return context_->recorder->observer(); }
  Connection(const ConnectionContext* context, uint32_t index, std::string name, uint32_t dialer,
             Address to);

  // Sends a message; `arrival` runs at the other end, outside of any turn.
  void Send(Direction direction, LaneUse lane_use, const MessageLabel& label, Closure arrival);

  // Called by `arrival`.
  void RecordArrival(std::string_view what, uint64_t id);

  // Whether what arrives now has to wait; if so `arrival` asks Hold to run it again later.
  bool Holds(Direction direction) const { return context_->links->any() && IsHeldBack(direction); }
  void Hold(Direction direction, Closure arrival);
  // Lets what was held go on after a drawn time, if the link is free then.
  void ScheduleFlush(Direction direction);

  // The machines at the ends. The far one is that of whoever serves at the address now.
  uint32_t dialer() const { return dialer_; }
  uint32_t target() const { return context_->servers->MachineAt(to_); }
  bool Blocked(Direction direction) const;

  // Runs `learn` when the side would have noticed that the other is gone: by its keepalive, or by
  // the reset that answers what it sends (or that the other's end sends on its own). A reset needs
  // the link between them.
  void AfterKeepalive(Closure learn);
  void AfterReset(Direction direction, Closure learn);
  // Of what is on its way when the connection is lost, how much still arrives.
  uint64_t DrawArriving(Direction direction, uint64_t in_flight);

  // Where the bytes of a frame that has arrived are cut into the pieces that it is handed over in: ascending, none for half of them.
  std::vector<size_t> DrawBorders(size_t frame_bytes);

  bool RefusesDial() const;
  bool DuplicatesOpen() const;
  // Of an opening that arrives twice: how many frames come with the second; 0: it is the first, and comes alone.
  size_t DrawReplayed();

 private:
  struct Way {
    Lanes lanes;
    SiteDraws jitter;
    std::deque<Closure> held;
    bool flushing = false;
  };

  Way& WayOf(Direction direction) {
    return direction == Direction::kForward ? forward_ : backward_;
  }
  bool IsHeldBack(Direction direction) const;
  void Flush(Direction direction);
  int64_t ExtraDelay(Direction direction, uint64_t size_bytes);

  const ConnectionContext* context_;
  uint32_t index_;
  std::string name_;
  const uint32_t dialer_;
  const Address to_;
  Way forward_;
  Way backward_;
  SiteDraws faults_;
  SiteDraws borders_;
  int64_t latency_ns_ = 0;
  uint64_t jitter_bound_ns_ = 1;
};

class Connections {
 public:
  explicit Connections(const ConnectionContext* context) : context_(context) {}

  // Made at its first use; stays at its place as long as this object.
  Connection* Find(const std::string& dialer, uint32_t dialer_machine, const Address& to,
                   ConnectionKind kind);

  // Some link is free again.
  void ScheduleFlushes();

 private:
  const ConnectionContext* context_;
  std::map<std::tuple<std::string, Address, ConnectionKind>, std::unique_ptr<Connection>> all_;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_CONNECTION_H_
