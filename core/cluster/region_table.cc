#include "core/cluster/region_table.h"

#include <algorithm>
#include <utility>

#include "core/base/check.h"

namespace weir {

RegionTable::RegionTable(PipelinedRegions regions)
    : regions_(std::move(regions)), states_(regions_.subtasks.size()) {}

template <class Predicate>
RegionTable::Regions RegionTable::Select(Predicate predicate) const {
  Regions selected;
  for (size_t i = 0; i < states_.size(); ++i) {
    if (predicate(states_[i].phase)) selected.insert(RegionId(static_cast<int32_t>(i)));
  }
  return selected;
}

RegionTable::Regions RegionTable::all() const {
  return Select([](Phase) { return true; });
}

RegionTable::Regions RegionTable::running() const {
  return Select([](Phase phase) { return phase != Phase::kDown; });
}

RegionTable::Regions RegionTable::starting() const {
  return Select([](Phase phase) { return phase == Phase::kStarting; });
}

std::vector<SubtaskId> RegionTable::SubtasksOf(const Regions& regions) const {
  std::vector<SubtaskId> subtasks;
  for (const RegionId region : regions) {
    const std::vector<SubtaskId>& members = regions_.of(region);
    subtasks.insert(subtasks.end(), members.begin(), members.end());
  }
  std::sort(subtasks.begin(), subtasks.end());
  return subtasks;
}

RegionTable::Regions RegionTable::Begin(AttemptNumber attempt) {
  Regions begun;
  for (size_t i = 0; i < states_.size(); ++i) {
    State& state = states_[i];
    WEIR_CHECK_LT(state.attempt, attempt) << "attempts grow";
    WEIR_CHECK(state.phase != Phase::kStarting) << "what is being deployed begins anew unreleased";
    if (state.phase != Phase::kDown) continue;
    state = {.phase = Phase::kStarting, .attempt = attempt};
    begun.insert(RegionId(static_cast<int32_t>(i)));
  }
  return begun;
}

void RegionTable::OnStarted() {
  for (State& state : states_) {
    if (state.phase == Phase::kStarting) state.phase = Phase::kStarted;
  }
}

RegionTable::Regions RegionTable::TakeDown(const Regions& failed) {
  Regions taken;
  for (size_t i = 0; i < states_.size(); ++i) {
    const RegionId id(static_cast<int32_t>(i));
    const bool starting = states_[i].phase == Phase::kStarting;
    if (!starting && (states_[i].phase == Phase::kDown || !failed.contains(id))) continue;
    states_[i].phase = Phase::kDown;
    taken.insert(id);
  }
  return taken;
}

}  // namespace weir
