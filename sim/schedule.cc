#include "sim/schedule.h"

namespace weir::sim {
namespace {

// Drawn priorities lie above this, those of fallen executors below.
constexpr uint64_t kFallen = uint64_t{1} << 62;

ScheduleKind DrawKind(WorldDraws* draws, Seed seed) {
  SiteDraws kind(draws, seed, {RandomStream::kSchedule, "sim.schedule.kind", 0});
  return static_cast<ScheduleKind>(kind.Below(3));
}

}  // namespace

std::string_view ScheduleKindName(ScheduleKind kind) {
  switch (kind) {
    case ScheduleKind::kFifo:
      return "fifo";
    case ScheduleKind::kUniform:
      return "uniform";
    case ScheduleKind::kPriority:
      return "priority";
  }
  return "?";
}

Schedule::Schedule(WorldDraws* draws, Seed world_seed, std::optional<ScheduleKind> kind)
    : draws_(draws),
      seed_(world_seed),
      kind_(kind.has_value() ? *kind : DrawKind(draws, world_seed)),
      change_gaps_(draws, world_seed, {RandomStream::kSchedule, "sim.schedule.change_gap", 0}),
      next_lowest_(kFallen) {
  if (kind_ != ScheduleKind::kPriority) return;
  // 8, 64, 512 or 4096: some worlds change all the time, in some an executor starves for long.
  SiteDraws mean(draws, world_seed, {RandomStream::kSchedule, "sim.schedule.mean_gap", 0});
  mean_gap_turns_ = uint64_t{8} << (3 * mean.Below(4));
  turns_to_change_ = 1 + change_gaps_.Below(2 * mean_gap_turns_);
}

void Schedule::AddMachine(uint64_t name_hash) {
  uniform_.emplace_back(draws_, seed_,
                        RandomSite{RandomStream::kSchedule, "sim.schedule.pick", name_hash});
}

void Schedule::AddExecutor(uint64_t name_hash) {
  uint64_t priority = 0;
  if (kind_ == ScheduleKind::kPriority) {
    SiteDraws draw(draws_, seed_, {RandomStream::kSchedule, "sim.schedule.priority", name_hash});
    priority = kFallen + (draw.Next() >> 1);
  }
  priorities_.push_back(priority);
}

size_t Schedule::Pick(uint32_t machine, const std::vector<uint32_t>& ready) {
  switch (kind_) {
    case ScheduleKind::kFifo:
      return 0;
    case ScheduleKind::kUniform:
      return ready.size() == 1 ? 0 : uniform_[machine].Below(ready.size());
    case ScheduleKind::kPriority:
      return PickHighest(ready);
  }
  return 0;
}

size_t Schedule::PickHighest(const std::vector<uint32_t>& ready) {
  // Equal priorities (1 in 2^63) fall to the one that has been ready longer.
  const auto highest = [&] {
    size_t best = 0;
    for (size_t i = 1; i < ready.size(); ++i) {
      if (priorities_[ready[i]] > priorities_[ready[best]]) best = i;
    }
    return best;
  };
  const size_t best = highest();
  if (--turns_to_change_ > 0) return best;
  turns_to_change_ = 1 + change_gaps_.Below(2 * mean_gap_turns_);
  priorities_[ready[best]] = --next_lowest_;
  return highest();
}

}  // namespace weir::sim
