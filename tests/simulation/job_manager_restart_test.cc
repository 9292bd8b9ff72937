// A JobManager that dies, and the one that comes after it: jobs that have not ended go on, those that have ended are known and not
// run again.
#include <algorithm>
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

class JobManagerRestartTest : public testing::Test {
 protected:
  JobManagerRestartTest() {
    const JobGraphProvider provider = [this](const JobSubmission&) -> absl::StatusOr<JobGraph> {
      if (!knows_the_job_) return absl::NotFoundError("there is no job \"totals\"");
      return BuildTotals(sink_, job_);
    };
    world_.AddProcess("jm", [provider](Env& env) -> std::shared_ptr<void> {
      JobManager::Options options;
      options.address = "jm";
      options.state_folder = "/shared/cluster";
      options.keep_jobs = true;
      options.job.default_parallelism = 2;
      options.job.timeouts = sim::ShortTimeouts();
      auto job_manager = std::make_shared<JobManager>(env, options, provider);
      job_manager->Start();
      return job_manager;
    });
    AddTaskManager(world_, "tm", 2, sim::ShortTimeouts(), provider);
    Env& env = world_.HostEnv("client");
    executor_ = env.NewExecutor("client", ExecutorKind::kControl);
    client_ = std::make_unique<JobClient>(env, *executor_, "jm", sim::ShortTimeouts());
  }

  static JobSubmission Submission() {
    JobSubmission submission;
    submission.job_name = "totals";
    submission.checkpoints.durable = true;
    submission.checkpoints.interval = absl::Milliseconds(200);
    submission.checkpoint_folder = "/shared/checkpoints";
    return submission;
  }
  void Submit(const JobSubmission& submission = Submission()) {
    executor_->Post([this, submission] {
      client_->Submit("job-1", submission, [this](absl::Status status) {
        accepted_ = std::move(status);
        ++answers_;
        if (accepted_.ok()) Watch();
      });
    });
  }
  void Watch() {
    status_ = {};
    client_->Watch("job-1", absl::Milliseconds(50), [this](const auto& status) {
      if (status.ok()) status_ = *status;
    });
  }
  void RunUntilEnded() {
    const absl::Status status =
        world_.RunUntil([this] { return status_.ended(); }, absl::Minutes(1));
    ASSERT_TRUE(status.ok()) << status << "; it is " << status_.state() << ": "
                             << status_.summary();
  }
  void Restart(const char* process, bool power_off) {
    world_.Kill(process, {.power_off = power_off});
    WEIR_CHECK_OK(world_.RunFor(absl::Milliseconds(300)));
    world_.Restart(process);
  }
  std::vector<Total> Rows() const {
    std::vector<Total> rows = sink_.rows();
    std::sort(rows.begin(), rows.end());
    return rows;
  }

  void Cancel() {
    executor_->Post([this] {
      client_->EndJob("job-1", /*with_checkpoint=*/false, [this](const auto& response) {
        EXPECT_TRUE(response.ok()) << response.status();
        cancelled_ = true;
      });
    });
  }

  bool knows_the_job_ = true;
  bool cancelled_ = false;  // The client was told so.
  const OrdersJobOptions job_{
      .orders = 2000, .shards = 0, .rows_per_second = 500, .on_order = nullptr};
  CollectSink<Total> sink_;
  absl::Status accepted_;
  int answers_ = 0;
  proto::GetJobStatusResponse status_;
  sim::SimWorld world_{sim::Seed(3)};
  std::unique_ptr<Executor> executor_;
  std::unique_ptr<JobClient> client_;
};

TEST_F(JobManagerRestartTest, GoesOnWithItsJobFromTheNewestCheckpoint) {
  Submit();
  WEIR_CHECK_OK(world_.RunFor(absl::Milliseconds(1500)));
  ASSERT_GT(status_.checkpoints(), 2);
  Restart("jm", true);
  RunUntilEnded();
  EXPECT_EQ(status_.state(), "FINISHED");
  EXPECT_EQ(status_.leader_epoch(), 2);
  EXPECT_GT(status_.restored_from(), 2);
  EXPECT_EQ(Rows(), ExpectedTotals(job_));
}

TEST_F(JobManagerRestartTest, KnowsWhatHasEndedAndDoesNotRunItAgain) {
  Submit();
  RunUntilEnded();
  const size_t files = world_.shared_files().List("/checkpoints")->size();
  Restart("jm", false);
  status_ = {};
  Submit();  // The same job: accepted, and nothing happens.
  RunUntilEnded();
  EXPECT_EQ(status_.leader_epoch(), 2);
  EXPECT_EQ(status_.state(), "FINISHED");
  EXPECT_EQ(world_.shared_files().List("/checkpoints")->size(), files);
  EXPECT_EQ(Rows(), ExpectedTotals(job_));
}

TEST_F(JobManagerRestartTest, ACancelThatIsAcknowledgedHoldsUnderTheNextLeader) {
  Submit();
  WEIR_CHECK_OK(world_.RunFor(absl::Milliseconds(1500)));
  // Its TaskManager does not answer, so that it takes a while to end.
  world_.Pause("tm");
  Cancel();
  WEIR_CHECK_OK(world_.RunUntil([this] { return cancelled_; }, absl::Seconds(2)));
  ASSERT_FALSE(status_.ended());
  Restart("jm", true);
  world_.Resume("tm");
  Cancel();  // Again: nothing more happens.
  RunUntilEnded();
  EXPECT_EQ(status_.leader_epoch(), 2);
  EXPECT_EQ(status_.state(), "CANCELED");
  Restart("jm", true);
  status_ = {};
  Watch();
  RunUntilEnded();
  EXPECT_EQ(status_.state(), "CANCELED");
}

TEST_F(JobManagerRestartTest, ACancelOfWhatHasEndedIsAcknowledgedWhenTheEndIsDurable) {
  Submit();
  WEIR_CHECK_OK(world_.RunFor(absl::Milliseconds(1500)));
  sim::FaultInjector injector(&world_);
  injector.Apply({{.kind = sim::FaultKind::kWriteErrors,
                   .duration = absl::Minutes(1),
                   .machine = "shared",
                   .amount = 1000}});
  WEIR_CHECK_OK(world_.RunUntil([this] { return status_.state() == "FAILED"; }, absl::Seconds(30)));
  Cancel();
  WEIR_CHECK_OK(world_.RunFor(absl::Seconds(3)));
  EXPECT_FALSE(cancelled_) << "the next leader would run it again";
  EXPECT_FALSE(status_.ended());
  injector.HealAll();
  RunUntilEnded();
  EXPECT_EQ(status_.state(), "FAILED");
  WEIR_CHECK_OK(world_.RunUntil([this] { return cancelled_; }, absl::Seconds(5)));
}

TEST_F(JobManagerRestartTest, AJobOfAnotherProgramWaitsForIt) {
  Submit();
  WEIR_CHECK_OK(world_.RunFor(absl::Milliseconds(1500)));
  knows_the_job_ = false;
  Restart("jm", false);
  WEIR_CHECK_OK(world_.RunFor(absl::Seconds(5)));
  EXPECT_EQ(status_.state(), "CREATED");
  EXPECT_EQ(status_.waiting_for(),
            "this program cannot run it: there is no job \"totals\"; start the JobManager with the "
            "program that has it, or cancel it");
  knows_the_job_ = true;
  Restart("jm", false);
  RunUntilEnded();
  EXPECT_EQ(status_.state(), "FINISHED");
  EXPECT_EQ(Rows(), ExpectedTotals(job_));
}

TEST_F(JobManagerRestartTest, AJobOfAnotherProgramCanBeCancelled) {
  Submit();
  WEIR_CHECK_OK(world_.RunFor(absl::Milliseconds(1500)));
  knows_the_job_ = false;
  Restart("jm", false);
  WEIR_CHECK_OK(world_.RunFor(absl::Seconds(2)));
  Cancel();
  RunUntilEnded();
  EXPECT_EQ(status_.state(), "CANCELED");
}

TEST_F(JobManagerRestartTest, ASubmissionMayBeRepeated) {
  Submit();
  Submit();
  RunUntilEnded();
  EXPECT_EQ(answers_, 2);
  EXPECT_EQ(Rows(), ExpectedTotals(job_));
}

TEST_F(JobManagerRestartTest, RefusesASubmissionThatSaysNonsense) {
  JobSubmission submission = Submission();
  submission.checkpoints.retained = 0;
  Submit(submission);
  WEIR_CHECK_OK(world_.RunFor(absl::Seconds(1)));
  EXPECT_TRUE(absl::IsInvalidArgument(accepted_)) << accepted_;
}

}  // namespace
}  // namespace weir
