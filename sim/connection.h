// Connections: what carries messages between processes, and how long it takes.
//
// A connection belongs to a process that dials, an address and a kind (calls or streams). A message
// takes a latency drawn for the connection plus a jitter drawn for the message, and never overtakes
// one that left before it on the same lanes. Bytes are hashed into the digest when they leave.
#ifndef WEIR_SIM_CONNECTION_H_
#define WEIR_SIM_CONNECTION_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>

#include "absl/time/time.h"
#include "core/env/network.h"
#include "sim/closure_slots.h"
#include "sim/event_loop.h"
#include "sim/recorder.h"
#include "sim/sim_random.h"

namespace weir::sim {

struct NetworkOptions {
  // The range of the one-way latency that a connection draws once.
  absl::Duration latency_min = absl::Microseconds(20);
  absl::Duration latency_max = absl::Milliseconds(2);
  // Each message adds up to this share of the connection's latency.
  int64_t jitter_percent_max = 200;
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

class Connection {
 public:
  Connection(EventLoop* loop, WorldDraws* draws, Recorder* recorder, const NetworkOptions& options,
             Seed world_seed, uint32_t index, std::string name);

  // Sends a message; `arrival` runs at the other end, outside of any turn.
  void Send(Direction direction, LaneUse lane_use, const MessageLabel& label, Closure arrival);

  // Called by `arrival`.
  void RecordArrival(std::string_view what, uint64_t id);

 private:
  struct Way {
    Lanes lanes;
    SiteDraws jitter;
  };

  EventLoop* loop_;
  Recorder* recorder_;
  uint32_t index_;
  std::string name_;
  Way forward_;
  Way backward_;
  int64_t latency_ns_ = 0;
  uint64_t jitter_bound_ns_ = 1;
};

class Connections {
 public:
  Connections(EventLoop* loop, WorldDraws* draws, Recorder* recorder, NetworkOptions options,
              Seed world_seed)
      : loop_(loop),
        draws_(draws),
        recorder_(recorder),
        options_(options),
        world_seed_(world_seed) {}

  // Made at its first use; stays at its place as long as this object.
  Connection* Find(const std::string& dialer, const Address& to, ConnectionKind kind);

 private:
  EventLoop* loop_;
  WorldDraws* draws_;
  Recorder* recorder_;
  NetworkOptions options_;
  Seed world_seed_;
  std::map<std::tuple<std::string, Address, ConnectionKind>, std::unique_ptr<Connection>> all_;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_CONNECTION_H_
