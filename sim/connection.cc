#include "sim/connection.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/base/hash.h"
#include "sim/digest.h"
#include "sim/virtual_time.h"

namespace weir::sim {

Connection::Connection(const ConnectionContext* context, uint32_t index, std::string name,
                       uint32_t dialer, Address to)
    : context_(context),
      index_(index),
      name_(std::move(name)),
      dialer_(dialer),
      to_(std::move(to)),
      forward_{{},
               SiteDraws(context->draws, context->seed,
                         {RandomStream::kNetwork, "sim.network.forward", StableHash64(name_)}),
               {}},
      backward_{{},
                SiteDraws(context->draws, context->seed,
                          {RandomStream::kNetwork, "sim.network.backward", StableHash64(name_)}),
                {}},
      faults_(context->draws, context->seed,
              {RandomStream::kNetwork, "sim.network.fault", StableHash64(name_)}),
      borders_(context->draws, context->seed,
               {RandomStream::kNetwork, "sim.network.border", StableHash64(name_)}) {
  const NetworkOptions& options = context_->options;
  SiteDraws latency(context->draws, context->seed,
                    {RandomStream::kNetwork, "sim.network.latency", StableHash64(name_)});
  latency_ns_ =
      latency.Between(ToNanoseconds(options.latency_min), ToNanoseconds(options.latency_max));
  SiteDraws percent(context->draws, context->seed,
                    {RandomStream::kNetwork, "sim.network.jitter_percent", StableHash64(name_)});
  const int64_t jitter_percent = percent.Between(0, options.jitter_percent_max);
  jitter_bound_ns_ = 1 + static_cast<uint64_t>(latency_ns_ * jitter_percent / 100);
}

void Connection::Send(Direction direction, LaneUse lane_use, const MessageLabel& label,
                      Closure arrival) {
  if (context_->loop->muted()) return;
  const bool forward = direction == Direction::kForward;
  context_->recorder->Add(
      EventKind::kSend, context_->loop->now(), uint64_t{index_} << 1 | (forward ? 0 : 1),
      MixWords(label.id, label.payload_hash), [&] {
        return absl::StrFormat("%s %s %s %u, %u bytes", name_, forward ? "->" : "<-", label.what,
                               label.id, label.payload_size);
      });
  Way& way = WayOf(direction);
  int64_t delay = latency_ns_ + static_cast<int64_t>(way.jitter.Below(jitter_bound_ns_));
  if (context_->links->any()) [[unlikely]]
    delay = AddDelay(delay, ExtraDelay(direction, label.payload_size));
  context_->loop->Depart(&way.lanes, lane_use, delay, std::move(arrival));
}

void Connection::RecordArrival(std::string_view what, uint64_t id) {
  context_->recorder->Add(EventKind::kArrive, context_->loop->now(), index_, id,
                          [&] { return absl::StrFormat("%s %s %u", name_, what, id); });
}

int64_t Connection::ExtraDelay(Direction direction, uint64_t size_bytes) {
  const bool forward = direction == Direction::kForward;
  const uint32_t from = forward ? dialer_ : target();
  const uint32_t to = forward ? target() : dialer_;
  const LinkDelay* const slow = context_->links->Delay(from, to);
  if (slow == nullptr) return 0;
  ++context_->links->counts.delayed;
  return faults_.Between(0, slow->extra_ns_max) +
         static_cast<int64_t>(size_bytes) * slow->ns_per_byte;
}

bool Connection::Blocked(Direction direction) const {
  return direction == Direction::kForward ? context_->links->Blocked(dialer_, target())
                                          : context_->links->Blocked(target(), dialer_);
}

bool Connection::IsHeldBack(Direction direction) const {
  const Way& way = direction == Direction::kForward ? forward_ : backward_;
  return !way.flushing && (!way.held.empty() || Blocked(direction));
}

void Connection::Hold(Direction direction, Closure arrival) {
  context_->links->AddHeld();
  WayOf(direction).held.push_back(std::move(arrival));
}

void Connection::ScheduleFlush(Direction direction) {
  if (WayOf(direction).held.empty()) return;
  const int64_t pause = faults_.Between(0, ToNanoseconds(context_->options.retransmit_max));
  context_->loop->RunAfter(pause, [this, direction] { Flush(direction); });
}

void Connection::Flush(Direction direction) {
  if (Blocked(direction)) return;
  Way& way = WayOf(direction);
  std::deque<Closure> held = std::exchange(way.held, {});
  context_->links->TakeHeld(static_cast<int64_t>(held.size()));
  way.flushing = true;
  for (Closure& arrival : held) arrival();
  way.flushing = false;
}

void Connection::AfterKeepalive(Closure learn) {
  const NetworkOptions& options = context_->options;
  context_->loop->RunAfter(
      faults_.Between(ToNanoseconds(options.keepalive_min), ToNanoseconds(options.keepalive_max)),
      std::move(learn));
}

void Connection::AfterReset(Direction direction, Closure learn) {
  const int64_t delay = latency_ns_ + faults_.Between(0, 2 * latency_ns_);
  context_->loop->RunAfter(delay, [this, direction, learn = std::move(learn)]() mutable {
    if (!Blocked(direction)) learn();
  });
}

uint64_t Connection::DrawArriving(Direction direction, uint64_t in_flight) {
  if (in_flight == 0 || Blocked(direction)) return 0;
  return faults_.Below(in_flight + 1);
}

std::vector<size_t> Connection::DrawBorders(size_t frame_bytes) {
  constexpr uint64_t kBordersMax = 4;
  const uint64_t drawn = borders_.Below(2 * kBordersMax);
  const uint64_t count = drawn < kBordersMax ? 0 : drawn - kBordersMax + 1;
  std::vector<size_t> borders;
  for (uint64_t i = 0; i < count; ++i) borders.push_back(borders_.Below(frame_bytes + 1));
  std::sort(borders.begin(), borders.end());
  return borders;
}

bool Connection::RefusesDial() const {
  if (!context_->links->any() || !context_->links->RefusesDials(target())) return false;
  ++context_->links->counts.refused;
  return true;
}

bool Connection::DuplicatesOpen() const {
  if (!context_->links->any() || !context_->links->DuplicatesOpens(target())) return false;
  ++context_->links->counts.duplicated;
  return true;
}

size_t Connection::DrawReplayed() {
  constexpr uint64_t kReplayedMax = 6;
  return faults_.Below(2) == 0 ? 0 : 1 + faults_.Below(kReplayedMax);
}

Connection* Connections::Find(const std::string& dialer, uint32_t dialer_machine, const Address& to,
                              ConnectionKind kind) {
  std::unique_ptr<Connection>& connection = all_[{dialer, to, kind}];
  if (connection == nullptr) {
    const uint32_t index = static_cast<uint32_t>(all_.size());
    std::string name =
        absl::StrCat(dialer, ">", to, kind == ConnectionKind::kCalls ? ":calls" : ":streams");
    connection = std::make_unique<Connection>(context_, index, std::move(name), dialer_machine, to);
  }
  return connection.get();
}

void Connections::ScheduleFlushes() {
  for (const auto& [key, connection] : all_) {
    connection->ScheduleFlush(Direction::kForward);
    connection->ScheduleFlush(Direction::kBackward);
  }
}

}  // namespace weir::sim
