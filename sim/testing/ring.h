// Ring: three nodes, "a", "b" and "c", each with the next one as its peer, under a fault plan that is
// then healed.
#ifndef WEIR_SIM_TESTING_RING_H_
#define WEIR_SIM_TESTING_RING_H_

#include <utility>

#include "absl/status/status.h"
#include "sim/fault_injector.h"
#include "sim/fault_plan.h"
#include "sim/sim_world.h"
#include "sim/testing/node.h"

namespace weir::sim {

class Ring {
 public:
  explicit Ring(Seed seed, SimOptions options = {});

  // The plan of the seed, within 10 s.
  static FaultPlan PlanOf(Seed seed);

  // Half a minute under the plan, healed, then another half.
  absl::Status Run(const FaultPlan& plan);

  SimWorld& world() { return world_; }
  const FaultInjector& faults() const { return faults_; }
  // What was seen before and after the nodes had ten seconds to recover from the healing.
  const Journal& before() const { return before_; }
  const Journal& after() const { return journal_; }

 private:
  Journal before_;
  Journal journal_;
  SimWorld world_;
  FaultInjector faults_;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_TESTING_RING_H_
