// Jobs in worker processes: started for a job, kept from attempt to attempt and from JobManager to JobManager, ended with the job,
// and replaced when they die.
#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/check.h"
#include "core/cluster/inprocess_machine.h"
#include "core/cluster/job_client.h"
#include "core/cluster/job_manager.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sim/short_timeouts.h"
#include "sim/sim_world.h"
#include "tests/cluster/orders_job.h"

namespace weir {
namespace {

using ::testing::HasSubstr;

class WorkerProcessTest : public testing::Test {
 protected:
  WorkerProcessTest() {
    const JobGraphProvider provider = [this](const JobSubmission&) {
      return BuildTotals(sink_, job_);
    };
    world_.AddProcess("jm", [provider](Env& env) -> std::shared_ptr<void> {
      JobManager::Options options;
      options.address = "jm";
      options.state_folder = "/shared/cluster";
      options.keep_jobs = true;
      options.job.default_parallelism = 3;
      options.job.timeouts = sim::ShortTimeouts();
      auto job_manager = std::make_shared<JobManager>(env, options, provider);
      job_manager->Start();
      return job_manager;
    });
    for (const char* name : {"tm-1", "tm-2"}) {
      world_.AddProcess(name, [this, provider, name](Env& env) -> std::shared_ptr<void> {
        TaskManager::Options worker;
        worker.job_manager = "jm";
        worker.timeouts = sim::ShortTimeouts();
        TaskManagerSupervisor::Options options;
        options.address = name;
        options.job_manager = "jm";
        options.slots = 3;
        options.timeouts = sim::ShortTimeouts();
        auto machine = std::make_shared<InProcessMachine>(env, options, worker, provider);
        machine->Start();
        machines_[name] = machine.get();
        return machine;
      });
    }
    Env& env = world_.HostEnv("client");
    executor_ = env.NewExecutor("client", ExecutorKind::kControl);
    client_ = std::make_unique<JobClient>(env, *executor_, "jm", sim::ShortTimeouts());
  }

  void Submit(const std::string& job_id, int parallelism = 3) {
    JobSubmission submission;
    submission.job_name = "totals";
    submission.parallelism = parallelism;
    submission.checkpoints.durable = true;
    submission.checkpoints.interval = absl::Milliseconds(200);
    submission.checkpoint_folder = absl::StrCat("/shared/checkpoints-", job_id);
    submission.restart_strategy = RestartStrategy::FixedDelayOf(3, absl::Milliseconds(100));
    executor_->Post([this, job_id, submission] {
      client_->Submit(job_id, submission, [this, job_id](absl::Status status) {
        WEIR_CHECK_OK(status);
        client_->Watch(job_id, absl::Milliseconds(50), [this, job_id](const auto& answer) {
          if (answer.ok()) statuses_[job_id] = *answer;
        });
      });
    });
  }
  proto::GetJobStatusResponse& StatusOf(const std::string& job_id) { return statuses_[job_id]; }
  void RunUntilEnded(const std::string& job_id) {
    const absl::Status status =
        world_.RunUntil([&] { return StatusOf(job_id).ended(); }, absl::Minutes(2));
    ASSERT_TRUE(status.ok()) << status << "; it is " << StatusOf(job_id).state() << ": "
                             << StatusOf(job_id).summary();
    EXPECT_EQ(StatusOf(job_id).state(), "FINISHED") << StatusOf(job_id).summary();
  }
  void RunFor(int64_t ms) { WEIR_CHECK_OK(world_.RunFor(absl::Milliseconds(ms))); }
  size_t Workers(const char* machine) { return machines_.at(machine)->workers(); }
  std::vector<Total> Rows() const {
    std::vector<Total> rows = sink_.rows();
    std::sort(rows.begin(), rows.end());
    return rows;
  }

  OrdersJobOptions job_{.orders = 2000, .shards = 0, .rows_per_second = 500, .on_order = nullptr};
  CollectSink<Total> sink_;
  std::map<std::string, InProcessMachine*> machines_;
  std::map<std::string, proto::GetJobStatusResponse> statuses_;
  sim::SimWorld world_{sim::Seed(3)};
  std::unique_ptr<Executor> executor_;
  std::unique_ptr<JobClient> client_;
};

TEST_F(WorkerProcessTest, AJobGetsAWorkerPerTaskManagerAndTheyEndWithIt) {
  RunFor(500);
  EXPECT_EQ(Workers("tm-1") + Workers("tm-2"), 0);
  Submit("one");
  RunFor(1500);
  EXPECT_EQ(Workers("tm-1"), 1);
  EXPECT_EQ(Workers("tm-2"), 1);
  RunUntilEnded("one");
  EXPECT_EQ(StatusOf("one").restarts(), 0);
  RunFor(1000);
  EXPECT_EQ(Workers("tm-1") + Workers("tm-2"), 0);
  EXPECT_EQ(Rows(), ExpectedTotals(job_));
}

TEST_F(WorkerProcessTest, TwoJobsHaveWorkersOfTheirOwnAndAThirdWaits) {
  job_.orders = 500;
  Submit("one");
  Submit("two");
  RunFor(500);
  EXPECT_EQ(Workers("tm-1"), 2);
  EXPECT_EQ(Workers("tm-2"), 2);
  Submit("three");
  RunFor(200);
  EXPECT_THAT(StatusOf("three").summary(),
              HasSubstr("it needs 3 slots; 2 TaskManagers offer 6, of which 0 are free"));
  RunUntilEnded("one");
  RunUntilEnded("two");
  RunUntilEnded("three");
}

TEST_F(WorkerProcessTest, AWorkerThatDiesIsReplacedAtOnce) {
  Submit("one");
  RunFor(1500);
  machines_.at("tm-1")->KillWorker("00000001-00000001");
  RunFor(500);  // Far less than the heartbeat time-out.
  EXPECT_EQ(StatusOf("one").restarts(), 1);
  EXPECT_THAT(StatusOf("one").summary(), HasSubstr("was killed by signal 9"));
  RunUntilEnded("one");
  EXPECT_EQ(Rows(), ExpectedTotals(job_));
  RunFor(1000);
  EXPECT_EQ(Workers("tm-1") + Workers("tm-2"), 0);
}

TEST_F(WorkerProcessTest, WorkersOutliveTheJobManager) {
  job_.orders = 6000;
  Submit("one");
  RunFor(1500);
  world_.Kill("jm");
  RunFor(300);
  world_.Restart("jm");
  RunFor(3500);
  EXPECT_EQ(Workers("tm-1"), 1);
  EXPECT_EQ(Workers("tm-2"), 1);
  RunUntilEnded("one");
  EXPECT_EQ(StatusOf("one").leader_epoch(), 2);
  EXPECT_EQ(Rows(), ExpectedTotals(job_));
  RunFor(1000);
  EXPECT_EQ(Workers("tm-1") + Workers("tm-2"), 0);
}

TEST_F(WorkerProcessTest, ALostTaskManagerTakesItsWorkersWithIt) {
  Submit("one");
  RunFor(1500);
  world_.Kill("tm-2", {.power_off = true});
  RunFor(300);
  RunUntilEnded("one");  // Three slots are left on the other.
  EXPECT_GE(StatusOf("one").restarts(), 1);
  EXPECT_EQ(Rows(), ExpectedTotals(job_));
}

TEST_F(WorkerProcessTest, AMachineThatNobodyAnswersOnIsGivenUpBeforeItsHeartbeatIsMissed) {
  Submit("one");
  RunFor(1500);
  world_.Kill("tm-2");
  RunFor(1200);
  EXPECT_EQ(StatusOf("one").state(), "RUNNING");
  EXPECT_EQ(StatusOf("one").restarts(), 1);
  EXPECT_EQ(Workers("tm-1"), 1);
  RunUntilEnded("one");
  EXPECT_EQ(Rows(), ExpectedTotals(job_));
}

TEST_F(WorkerProcessTest, ATaskManagerThatWasPausedEndsWhatNobodyWants) {
  Submit("one");
  RunFor(1500);
  world_.Pause("tm-2");
  RunFor(4000);  // Past the heartbeat.
  world_.Resume("tm-2");
  RunUntilEnded("one");
  EXPECT_EQ(Rows(), ExpectedTotals(job_));
  RunFor(3000);
  EXPECT_EQ(Workers("tm-1") + Workers("tm-2"), 0);
}

}  // namespace
}  // namespace weir
