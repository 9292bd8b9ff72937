// A job that ran and lost slots is given them before one that waits, although TaskManagers come one by one and the other one needs
// fewer; but it does not keep them from others for ever.
#include <map>
#include <memory>
#include <string>

#include "core/base/check.h"
#include "core/cluster/job_client.h"
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

// Their order is not that of their submission.
constexpr char kLarge[] = "job-b";
constexpr char kSmall[] = "job-a";

class SlotClaimTest : public testing::Test {
 protected:
  SlotClaimTest() {
    const JobGraphProvider provider = [this](const JobSubmission& job) {
      return BuildTotals(
          sinks_[job.job_name],
          {.orders = 4000, .shards = 0, .rows_per_second = 500, .on_order = nullptr});
    };
    world_.AddProcess("jm", [provider](Env& env) -> std::shared_ptr<void> {
      JobManager::Options options;
      options.address = "jm";
      options.state_folder = "/shared/cluster";
      options.keep_jobs = true;
      options.job.timeouts = sim::ShortTimeouts();
      auto job_manager = std::make_shared<JobManager>(env, options, provider);
      job_manager->Start();
      return job_manager;
    });
    for (const char* name : {"tm-1", "tm-2"})
      AddTaskManager(world_, name, 2, sim::ShortTimeouts(), provider);
    Env& env = world_.HostEnv("client");
    executor_ = env.NewExecutor("client", ExecutorKind::kControl);
    client_ = std::make_unique<JobClient>(env, *executor_, "jm", sim::ShortTimeouts());
  }

  void SubmitAndWatch(const std::string& id, int parallelism) {
    JobSubmission submission;
    submission.job_name = id;
    submission.parallelism = parallelism;
    submission.checkpoints.durable = true;
    submission.checkpoints.interval = absl::Milliseconds(200);
    submission.checkpoint_folder = "/shared/checkpoints-" + id;
    submission.restart_strategy = RestartStrategy::FixedDelayOf(100, absl::Milliseconds(200));
    executor_->Post([this, id, submission] {
      client_->Submit(id, submission, [this, id](absl::Status status) {
        ASSERT_TRUE(status.ok()) << status;
        client_->Watch(id, absl::Milliseconds(50), [this, id](const auto& status) {
          if (status.ok()) status_[id] = *status;
        });
      });
    });
  }
  void RunFor(absl::Duration duration) { WEIR_CHECK_OK(world_.RunFor(duration)); }
  void Restart(const char* process, absl::Duration down = absl::Milliseconds(500)) {
    world_.Kill(process, {.power_off = false});
    RunFor(down);
    world_.Restart(process);
  }
  std::string StateOf(const std::string& id) { return status_[id].state(); }
  // The large job runs and takes checkpoints, and the small one waits.
  void StartBoth() {
    SubmitAndWatch(kLarge, 4);
    RunFor(absl::Seconds(1));
    SubmitAndWatch(kSmall, 1);
    RunFor(absl::Milliseconds(500));
    ASSERT_EQ(StateOf(kLarge), "RUNNING");
    ASSERT_GT(status_[kLarge].checkpoints(), 0);
    ASSERT_EQ(StateOf(kSmall), "CREATED");
  }

  std::map<std::string, CollectSink<Total>> sinks_;
  std::map<std::string, proto::GetJobStatusResponse> status_;
  sim::SimWorld world_{sim::Seed(5)};
  std::unique_ptr<Executor> executor_;
  std::unique_ptr<JobClient> client_;
};

TEST_F(SlotClaimTest, AfterAFailoverJobsThatRanGoFirst) {
  StartBoth();
  Restart("jm", absl::Milliseconds(300));
  RunFor(absl::Seconds(3));
  EXPECT_EQ(StateOf(kLarge), "RUNNING");
  EXPECT_GT(status_[kLarge].restored_from(), 0);
  EXPECT_EQ(StateOf(kSmall), "CREATED");
}

TEST_F(SlotClaimTest, ALostTaskManagerThatComesBackServesTheJobThatItServed) {
  StartBoth();
  Restart("tm-1");
  RunFor(absl::Seconds(5));
  EXPECT_EQ(StateOf(kLarge), "RUNNING");
  EXPECT_EQ(StateOf(kSmall), "CREATED");
}

// It registers again and again, and nobody can reach it: the job never runs there.
TEST_F(SlotClaimTest, ATaskManagerThatComesAndGoesDoesNotKeepSlotsForEver) {
  StartBoth();
  world_.Kill("tm-1", {.power_off = false});
  sim::FaultInjector injector(&world_);
  injector.Apply(
      {{.kind = sim::FaultKind::kRefuseDials, .duration = absl::Minutes(1), .machine = "tm-1"}});
  world_.Restart("tm-1");
  RunFor(absl::Seconds(15));
  EXPECT_NE(StateOf(kLarge), "RUNNING");
  EXPECT_EQ(StateOf(kSmall), "FINISHED") << status_[kSmall].waiting_for();
}

// Each of them is waited for, though the job did not run in between.
TEST_F(SlotClaimTest, TaskManagersThatAreRestartedOneAfterTheOtherComeBackToTheJob) {
  StartBoth();
  sim::FaultInjector injector(&world_);
  injector.Apply({{.kind = sim::FaultKind::kSlowDisk,
                   .duration = absl::Seconds(8),
                   .machine = "shared",
                   .amount = 1000}});
  Restart("tm-1");
  RunFor(absl::Milliseconds(3500));  // Longer than the claim.
  Restart("tm-2");
  RunFor(absl::Seconds(6));
  EXPECT_EQ(StateOf(kLarge), "RUNNING");
  EXPECT_EQ(StateOf(kSmall), "CREATED");
}

TEST_F(SlotClaimTest, WhatNobodyComesForIsGivenToOthers) {
  StartBoth();
  world_.Kill("tm-1", {.power_off = false});
  RunFor(absl::Seconds(10));
  EXPECT_NE(StateOf(kLarge), "RUNNING");
  EXPECT_EQ(StateOf(kSmall), "RUNNING");
}

}  // namespace
}  // namespace weir
