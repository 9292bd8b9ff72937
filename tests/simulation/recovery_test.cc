// A job on a simulated cluster whose TaskManagers die, freeze, lose each other and lose their disks, seed by seed: after the chaos the
// world heals, the job must finish, and what its sinks have committed must be exactly what a plain loop computes.
//
// A failing seed prints its fault plan; run it alone with --gtest_filter and WEIR_SIM_FIRST_SEED=<seed> WEIR_SIM_SEEDS=1.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/cluster/job_manager.h"
#include "gtest/gtest.h"
#include "sim/fault_injector.h"
#include "sim/fault_plan.h"
#include "sim/short_timeouts.h"
#include "sim/sim_world.h"
#include "tests/cluster/orders_job.h"
#include "tests/simulation/add_task_manager.h"

namespace weir {
namespace {

constexpr int kTaskManagers = 3;

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

struct Totals {
  uint64_t checkpoints = 0;
  uint64_t restarts = 0;
  uint64_t fired = 0;
};

class RecoveryWorld {
 public:
  explicit RecoveryWorld(uint64_t seed) : seed_(seed), world_(sim::Seed(seed)) {
    const JobGraphProvider provider = [this](const JobSubmission&) {
      return BuildTotals(sink_, job_);
    };
    JobManager::Options job_manager;
    job_manager.address = "jm";
    job_manager.job.default_parallelism = 2;
    job_manager.job.timeouts = sim::ShortTimeouts();
    job_manager_ = std::make_unique<JobManager>(world_.HostEnv("jm"), job_manager, provider);
    job_manager_->Start();
    for (int i = 1; i <= kTaskManagers; ++i) {
      const std::string name = absl::StrCat("tm-", i);
      machines_.push_back(name);
      AddTaskManager(world_, name, 2, sim::ShortTimeouts(), provider);
    }
  }

  void Run(Totals& totals) {
    sim::FaultPlanOptions faults;
    faults.machines = machines_;
    faults.horizon = absl::Seconds(8);
    const sim::FaultPlan plan = sim::GenerateFaultPlan(sim::Seed(seed_), faults);
    SCOPED_TRACE(absl::StrCat("seed ", seed_, "\n", sim::FormatFaultPlan(plan)));

    JobSubmission submission;
    submission.job_name = "totals";
    submission.parallelism = 1 + static_cast<int>(seed_ % 4);
    submission.checkpoints.durable = true;
    submission.checkpoints.interval = absl::Milliseconds(200);
    submission.checkpoints.timeout = absl::Seconds(3);
    submission.checkpoints.tolerable_failures = 3;
    submission.checkpoint_folder = "/shared/checkpoints";
    submission.restart_strategy = RestartStrategy::FixedDelayOf(1000, absl::Milliseconds(300));
    job_manager_->Submit(std::move(submission), nullptr, [this](JobResult result) {
      result_ = std::move(result);
      done_ = true;
    });

    sim::FaultInjector injector(&world_);
    injector.Apply(plan);
    const absl::Status chaos = world_.RunFor(absl::Seconds(12));
    ASSERT_TRUE(chaos.ok()) << chaos;
    injector.HealAll();
    const absl::Status healed = world_.RunUntil([this] { return done_; }, absl::Minutes(5));
    ASSERT_TRUE(healed.ok()) << "the healed world makes no progress: " << healed;
    ASSERT_EQ(result_.state, JobState::kFinished) << result_.status;
    std::vector<Total> rows = sink_.rows();
    std::sort(rows.begin(), rows.end());
    ASSERT_EQ(rows, ExpectedTotals(job_));
    totals.checkpoints += result_.checkpoints;
    totals.restarts += static_cast<uint64_t>(result_.restarts);
    for (const auto& [kind, count] : injector.fired()) totals.fired += count;
  }

  uint64_t digest() const { return world_.digest(); }

 private:
  const uint64_t seed_;
  // Long enough that the faults fall into it.
  const OrdersJobOptions job_{
      .orders = 3000, .shards = 0, .rows_per_second = 400, .on_order = nullptr};
  CollectSink<Total> sink_;
  std::vector<std::string> machines_;
  JobResult result_;
  bool done_ = false;
  sim::SimWorld world_;
  std::unique_ptr<JobManager> job_manager_;
};

TEST(RecoveryTest, WhatIsCommittedIsExactWhateverDies) {
  const uint64_t first = FromEnvironment("WEIR_SIM_FIRST_SEED", 1);
  const uint64_t seeds = FromEnvironment("WEIR_SIM_SEEDS", 60);
  Totals totals;
  for (uint64_t seed = first; seed < first + seeds; ++seed) {
    RecoveryWorld world(seed);
    world.Run(totals);
    ASSERT_FALSE(::testing::Test::HasFatalFailure()) << "seed " << seed;
  }
  RecordProperty("checkpoints", std::to_string(totals.checkpoints));
  RecordProperty("restarts", std::to_string(totals.restarts));
  // A run that broke nothing and restored nothing has shown nothing.
  if (seeds >= 20) {
    EXPECT_GT(totals.restarts, seeds / 2);
    EXPECT_GT(totals.checkpoints, seeds * 5);
    EXPECT_GT(totals.fired, seeds);
  }
}

TEST(RecoveryTest, ASeedUnderFaultsIsOneRun) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    Totals totals;
    RecoveryWorld one(seed);
    one.Run(totals);
    RecoveryWorld two(seed);
    two.Run(totals);
    EXPECT_EQ(one.digest(), two.digest()) << "seed " << seed;
  }
}

}  // namespace
}  // namespace weir
