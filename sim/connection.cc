#include "sim/connection.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/base/hash.h"
#include "sim/digest.h"
#include "sim/virtual_time.h"

namespace weir::sim {

Connection::Connection(EventLoop* loop, WorldDraws* draws, Recorder* recorder,
                       const NetworkOptions& options, Seed world_seed, uint32_t index,
                       std::string name)
    : loop_(loop),
      recorder_(recorder),
      index_(index),
      name_(std::move(name)),
      forward_{{},
               SiteDraws(draws, world_seed,
                         {RandomStream::kNetwork, "sim.network.forward", StableHash64(name_)})},
      backward_{{},
                SiteDraws(draws, world_seed,
                          {RandomStream::kNetwork, "sim.network.backward", StableHash64(name_)})} {
  SiteDraws latency(draws, world_seed,
                    {RandomStream::kNetwork, "sim.network.latency", StableHash64(name_)});
  latency_ns_ =
      latency.Between(ToNanoseconds(options.latency_min), ToNanoseconds(options.latency_max));
  SiteDraws percent(draws, world_seed,
                    {RandomStream::kNetwork, "sim.network.jitter_percent", StableHash64(name_)});
  const int64_t jitter_percent = percent.Between(0, options.jitter_percent_max);
  jitter_bound_ns_ = 1 + static_cast<uint64_t>(latency_ns_ * jitter_percent / 100);
}

void Connection::Send(Direction direction, LaneUse lane_use, const MessageLabel& label,
                      Closure arrival) {
  const bool forward = direction == Direction::kForward;
  recorder_->Add(EventKind::kSend, loop_->now(), uint64_t{index_} << 1 | (forward ? 0 : 1),
                 MixWords(label.id, label.payload_hash), [&] {
                   return absl::StrFormat("%s %s %s %u, %u bytes", name_, forward ? "->" : "<-",
                                          label.what, label.id, label.payload_size);
                 });
  Way& way = forward ? forward_ : backward_;
  const int64_t delay = latency_ns_ + static_cast<int64_t>(way.jitter.Below(jitter_bound_ns_));
  loop_->Depart(&way.lanes, lane_use, delay, std::move(arrival));
}

void Connection::RecordArrival(std::string_view what, uint64_t id) {
  recorder_->Add(EventKind::kArrive, loop_->now(), index_, id,
                 [&] { return absl::StrFormat("%s %s %u", name_, what, id); });
}

Connection* Connections::Find(const std::string& dialer, const Address& to, ConnectionKind kind) {
  std::unique_ptr<Connection>& connection = all_[{dialer, to, kind}];
  if (connection == nullptr) {
    const uint32_t index = static_cast<uint32_t>(all_.size());
    std::string name =
        absl::StrCat(dialer, ">", to, kind == ConnectionKind::kCalls ? ":calls" : ":streams");
    connection = std::make_unique<Connection>(loop_, draws_, recorder_, options_, world_seed_,
                                              index, std::move(name));
  }
  return connection.get();
}

}  // namespace weir::sim
