// The Env of a simulated process keeps every contract of core/env, under each schedule.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/base/check.h"
#include "core/env/testing/clock_contract.h"
#include "core/env/testing/env_contract.h"
#include "core/env/testing/env_under_test.h"
#include "core/env/testing/executor_contract.h"
#include "core/env/testing/file_system_contract.h"
#include "core/env/testing/network_contract.h"
#include "sim/sim_world.h"

namespace weir::sim {
namespace {

class SimEnvUnderTest final : public EnvUnderTest {
 public:
  SimEnvUnderTest(Seed seed, ScheduleKind schedule, std::string root)
      : world_(seed, {.schedule = schedule}), root_(std::move(root)) {
    FileTree& files = root_ == "/shared" ? world_.shared_files() : world_.disk("client");
    if (root_ != "/shared") WEIR_CHECK_OK(files.CreateDirectories(root_, world_.wall()));
  }

  Env& env() override { return world_.HostEnv("client"); }
  Env& peer() override { return world_.HostEnv("server"); }
  Address address() override { return "server"; }
  Address unserved_address() override { return "nobody"; }

  bool RunUntil(const std::function<bool()>& done, absl::Duration limit) override {
    const absl::Status status = world_.RunUntil([&] { return done(); }, limit);
    WEIR_CHECK(!absl::IsInternal(status)) << status;
    // Where nothing is left to happen, time still passes.
    if (absl::IsFailedPrecondition(status)) WEIR_CHECK_OK(world_.RunFor(limit));
    return done();
  }

  std::string root_directory() override { return root_; }

  bool BreakStreams(LossSeenBy who) override {
    world_.network().LoseConnections(
        world_.machine_index("client"), world_.machine_index("server"),
        {.dialer = who != LossSeenBy::kAcceptor, .target = who != LossSeenBy::kOpener});
    return true;
  }

 private:
  SimWorld world_;
  const std::string root_;
};

EnvFactory Factory(std::string name, ScheduleKind schedule, uint64_t seed,
                   std::string root = "/tmp/test") {
  return {absl::StrCat(name, "_", seed),
          [=] { return std::make_unique<SimEnvUnderTest>(Seed(seed), schedule, root); }};
}

// Every schedule, with seeds that draw other costs, delays and picks.
std::vector<EnvFactory> Schedules() {
  std::vector<EnvFactory> factories;
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    factories.push_back(Factory("fifo", ScheduleKind::kFifo, seed));
    factories.push_back(Factory("uniform", ScheduleKind::kUniform, seed));
    factories.push_back(Factory("priority", ScheduleKind::kPriority, seed));
  }
  return factories;
}

const auto kSchedules = testing::ValuesIn(Schedules());
const auto kVolumes = testing::Values(Factory("disk", ScheduleKind::kFifo, 1),
                                      Factory("shared", ScheduleKind::kFifo, 1, "/shared"));

}  // namespace
}  // namespace weir::sim

namespace weir {

INSTANTIATE_TEST_SUITE_P(Sim, ClockContract, sim::kSchedules, EnvFactoryName);
INSTANTIATE_TEST_SUITE_P(Sim, EnvContract, sim::kSchedules, EnvFactoryName);
INSTANTIATE_TEST_SUITE_P(Sim, ExecutorContract, sim::kSchedules, EnvFactoryName);
INSTANTIATE_TEST_SUITE_P(Sim, FileSystemContract, sim::kVolumes, EnvFactoryName);
INSTANTIATE_TEST_SUITE_P(Sim, NetworkCallContract, sim::kSchedules, EnvFactoryName);
INSTANTIATE_TEST_SUITE_P(Sim, NetworkStreamContract, sim::kSchedules, EnvFactoryName);

}  // namespace weir
