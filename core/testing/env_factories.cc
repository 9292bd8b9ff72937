#include "core/testing/env_factories.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "cli/env/production_env_under_test.h"
#include "core/base/check.h"
#include "sim/sim_world.h"

namespace weir {
namespace {

class SimulatedEnvUnderTest final : public EnvUnderTest {
 public:
  explicit SimulatedEnvUnderTest(sim::ScheduleKind schedule)
      : world_(sim::Seed(7), {.schedule = schedule}) {
    WEIR_CHECK_OK(world_.disk("host").CreateDirectories(root_directory(), world_.wall()));
  }

  Env& env() override { return world_.HostEnv("host"); }
  Address address() override { return "host"; }
  Address unserved_address() override { return "nobody"; }
  bool RunUntil(const std::function<bool()>& done, absl::Duration limit) override {
    const absl::Status status = world_.RunUntil([&] { return done(); }, limit);
    WEIR_CHECK(!absl::IsInternal(status)) << status;
    // Where nothing is left to happen, time still passes.
    if (absl::IsFailedPrecondition(status)) WEIR_CHECK_OK(world_.RunFor(limit));
    return done();
  }
  std::string root_directory() override { return "/tmp/test"; }

 private:
  sim::SimWorld world_;
};

EnvFactory Simulated(std::string name, sim::ScheduleKind schedule) {
  return {std::move(name),
          [schedule] { return std::make_unique<SimulatedEnvUnderTest>(schedule); }};
}

}  // namespace

std::vector<EnvFactory> AllEnvs() {
  return {ProductionEnvFactory(), Simulated("sim_fifo", sim::ScheduleKind::kFifo),
          Simulated("sim_uniform", sim::ScheduleKind::kUniform),
          Simulated("sim_priority", sim::ScheduleKind::kPriority)};
}

}  // namespace weir
