#include "sim/network_model.h"

#include <memory>

#include "sim/sim_call.h"
#include "sim/sim_stream.h"
#include "sim/virtual_time.h"

namespace weir::sim {

NetworkModel::NetworkModel(EventLoop* event_loop, WorldDraws* draws, Recorder* recorder,
                           NetworkOptions options, Seed seed)
    : loop(event_loop),
      connections(&context_),
      context_{.loop = event_loop,
               .draws = draws,
               .recorder = recorder,
               .links = &links_,
               .servers = &servers,
               .options = options,
               .seed = seed},
      keepalive_(draws, seed, {RandomStream::kNetwork, "sim.network.keepalive", 0}) {}

void NetworkModel::Block(uint32_t from, uint32_t to) {
  links_.Block(from, to);
  uint64_t& block = blocks_[{from, to}];
  if (block != 0) return;  // It is blocked already, and watched.
  block = ++last_block_;
  // Neither side hears from the other: pings or their answers are held.
  WatchBlocked(from, to, block, from);
  WatchBlocked(from, to, block, to);
}

void NetworkModel::WatchBlocked(uint32_t from, uint32_t to, uint64_t block, uint32_t side) {
  const int64_t pause = keepalive_.Between(ToNanoseconds(context_.options.keepalive_min),
                                           ToNanoseconds(context_.options.keepalive_max));
  loop->RunAfter(pause, [=, this] {
    if (blocks_[{from, to}] != block) return;
    GiveUp(side, side == from ? to : from);
    WatchBlocked(from, to, block, side);
  });
}

void NetworkModel::Unblock(uint32_t from, uint32_t to) {
  links_.Unblock(from, to);
  if (links_.Blocked(from, to)) return;
  blocks_[{from, to}] = 0;
  connections.ScheduleFlushes();
}

void NetworkModel::GiveUp(uint32_t side, uint32_t other) {
  const auto give_up = [&](auto& item) {
    const bool dialed = item.dialer() == side && (other == kNoMachine || item.target() == other);
    const bool served = item.target() == side && (other == kNoMachine || item.dialer() == other);
    if (!dialed && !served) return;
    if (item.Lose({.dialer = dialed, .target = served})) ++links_.counts.lost;
  };
  for (const auto& call : calls.All()) give_up(*call);
  for (const auto& stream : streams.All()) give_up(*stream);
}

int NetworkModel::LoseConnections(uint32_t dialer, uint32_t target, LossLearnedBy learned_by) {
  int lost = 0;
  const auto lose = [&](auto& item) {
    if (item.dialer() == dialer && item.target() == target && item.Lose(learned_by)) ++lost;
  };
  for (const auto& call : calls.All()) lose(*call);
  for (const auto& stream : streams.All()) lose(*stream);
  links_.counts.lost += static_cast<uint64_t>(lost);
  return lost;
}

void NetworkModel::OnPaused(uint32_t machine) {
  const uint64_t pause = ++last_block_;
  pauses_[machine] = pause;
  const int64_t patience = keepalive_.Between(ToNanoseconds(context_.options.keepalive_min),
                                              ToNanoseconds(context_.options.keepalive_max));
  loop->RunAfter(patience, [=, this] {
    if (pauses_[machine] != pause) return;
    const auto give_up = [&](auto& item) {
      if (item.dialer() == machine) item.Lose({.dialer = false, .target = true});
      if (item.target() == machine) item.Lose({.dialer = true, .target = false});
    };
    for (const auto& call : calls.All()) give_up(*call);
    for (const auto& stream : streams.All()) give_up(*stream);
  });
}

void NetworkModel::OnResumed(uint32_t machine) { pauses_[machine] = 0; }

void NetworkModel::DropEndsOf(uint32_t machine) {
  pauses_[machine] = 0;
  servers.RemoveAll(machine);
  const auto drop = [&](auto& item) {
    if (item.dialer() == machine) item.DropDialer();
    if (item.serving() == machine) item.DropTarget();
  };
  for (const auto& call : calls.All()) drop(*call);
  for (const auto& stream : streams.All()) drop(*stream);
}

void NetworkModel::OnDied(uint32_t machine, bool resets) {
  const auto tell = [&](auto& item) {
    const bool dialed = item.dialer() == machine;
    const bool served = item.serving() == machine;
    if (dialed != served) item.PeerDied(resets);
  };
  for (const auto& call : calls.All()) tell(*call);
  for (const auto& stream : streams.All()) tell(*stream);
}

}  // namespace weir::sim
