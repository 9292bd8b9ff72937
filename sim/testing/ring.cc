#include "sim/testing/ring.h"

#include <memory>
#include <string>

#include "absl/time/time.h"
#include "core/base/status_macros.h"

namespace weir::sim {

Ring::Ring(Seed seed, SimOptions options) : world_(seed, std::move(options)), faults_(&world_) {
  const std::pair<std::string, std::string> nodes[] = {{"a", "b"}, {"b", "c"}, {"c", "a"}};
  for (const auto& [name, peer] : nodes) {
    world_.AddProcess(name, [this, name = name, peer = peer](Env& env) {
      return std::make_unique<Node>(&env, name, peer, &journal_);
    });
  }
}

FaultPlan Ring::PlanOf(Seed seed) {
  return GenerateFaultPlan(seed, {.machines = {"a", "b", "c"}, .horizon = absl::Seconds(10)});
}

absl::Status Ring::Run(const FaultPlan& plan) {
  faults_.Apply(plan);
  WEIR_RETURN_IF_ERROR(world_.RunFor(absl::Seconds(30)));
  faults_.HealAll();
  WEIR_RETURN_IF_ERROR(world_.RunFor(absl::Seconds(20)));
  before_ = journal_;
  journal_.Clear();
  return world_.RunFor(absl::Seconds(10));
}

}  // namespace weir::sim
