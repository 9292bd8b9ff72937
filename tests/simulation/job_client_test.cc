// What a JobManager tells clients: which jobs and TaskManagers there are, and everything of one job, before and after its end, and
// after the JobManager itself has died.
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/base/check.h"
#include "core/cluster/job_client.h"
#include "core/cluster/job_details_message.h"
#include "core/cluster/job_manager.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sim/short_timeouts.h"
#include "sim/sim_world.h"
#include "tests/cluster/orders_job.h"
#include "tests/simulation/add_task_manager.h"

namespace weir {
namespace {

using ::testing::HasSubstr;

class JobClientTest : public testing::Test {
 protected:
  JobClientTest() {
    const JobGraphProvider provider = [this](const JobSubmission&) {
      return BuildTotals(sink_, job_);
    };
    world_.AddProcess("jm", [provider](Env& env) -> std::shared_ptr<void> {
      JobManager::Options options;
      options.address = "jm";
      options.state_folder = "/shared/cluster";
      options.keep_jobs = true;
      options.build_id = "test build";
      options.job.timeouts = sim::ShortTimeouts();
      auto job_manager = std::make_shared<JobManager>(env, options, provider);
      job_manager->Start();
      return job_manager;
    });
    provider_ = provider;
    AddTaskManager("tm");
    Env& env = world_.HostEnv("client");
    executor_ = env.NewExecutor("client", ExecutorKind::kControl);
    client_ = std::make_unique<JobClient>(env, *executor_, "jm", sim::ShortTimeouts());
  }

  // Of three slots.
  void AddTaskManager(const std::string& name) {
    weir::AddTaskManager(world_, name, 3, sim::ShortTimeouts(), provider_);
  }

  JobSubmission Submission() {
    JobSubmission submission;
    submission.job_name = "totals";
    submission.arguments = {{"window", "1m"}};
    submission.parallelism = 2;
    submission.checkpoints.durable = true;
    submission.checkpoints.interval = absl::Milliseconds(200);
    submission.checkpoint_folder = "/shared/checkpoints";
    return submission;
  }
  // Calls `call` on the client's executor and runs the world until it is answered.
  template <class Response>
  absl::StatusOr<Response> Ask(
      absl::AnyInvocable<void(JobClient::OnAnswer<Response> on_answer)> call) {
    auto answer = std::make_shared<std::optional<absl::StatusOr<Response>>>();
    executor_->Post([answer, call = std::move(call)]() mutable {
      call([answer](absl::StatusOr<Response> response) { *answer = std::move(response); });
    });
    WEIR_CHECK_OK(world_.RunUntil([answer] { return answer->has_value(); }, absl::Minutes(1)));
    return **std::move(answer);
  }
  absl::Status Submit(const JobSubmission& submission) {
    return Ask<bool>([&](auto done) {
             client_->Submit("job-1", submission, [done = std::move(done)](absl::Status s) mutable {
               s.ok() ? done(true) : done(s);
             });
           })
        .status();
  }
  proto::ListJobsResponse List() {
    return *Ask<proto::ListJobsResponse>([&](auto done) { client_->ListJobs(std::move(done)); });
  }
  absl::StatusOr<proto::GetJobDetailsResponse> Details(const std::string& id) {
    return Ask<proto::GetJobDetailsResponse>(
        [&](auto done) { client_->GetJobDetails(id, std::move(done)); });
  }
  absl::Status End(bool with_checkpoint) {
    return Ask<proto::EndJobResponse>(
               [&](auto done) { client_->EndJob("job-1", with_checkpoint, std::move(done)); })
        .status();
  }
  void RunUntilEnded() {
    auto ended = std::make_shared<bool>(false);
    executor_->Post([this, ended] {
      client_->Watch("job-1", absl::Milliseconds(50), [ended](const auto& status) {
        if (status.ok() && status->ended()) *ended = true;
      });
    });
    WEIR_CHECK_OK(world_.RunUntil([ended] { return *ended; }, absl::Minutes(1)));
  }

  OrdersJobOptions job_{.orders = 2000, .shards = 0, .rows_per_second = 500, .on_order = nullptr};
  CollectSink<Total> sink_;
  sim::SimWorld world_{sim::Seed(4)};
  std::unique_ptr<Executor> executor_;
  std::unique_ptr<JobClient> client_;
  JobGraphProvider provider_;
};

TEST_F(JobClientTest, ARunningJobIsListedWithItsDetails) {
  ASSERT_TRUE(Submit(Submission()).ok());
  WEIR_CHECK_OK(world_.RunFor(absl::Milliseconds(1500)));
  const proto::ListJobsResponse list = List();
  ASSERT_EQ(list.jobs_size(), 1);
  const proto::JobOverview& job = list.jobs(0);
  EXPECT_EQ(job.job_id(), "job-1");
  EXPECT_EQ(job.job_name(), "totals");
  EXPECT_EQ(job.state(), "RUNNING");
  EXPECT_FALSE(job.ended());
  EXPECT_EQ(job.parallelism(), 2);
  EXPECT_GT(job.tasks(), 0);
  EXPECT_EQ(job.tasks_running(), job.tasks());
  EXPECT_GE(list.now_us() - job.start_time_us(), 1'000'000);

  const absl::StatusOr<proto::GetJobDetailsResponse> response = Details("job-1");
  ASSERT_TRUE(response.ok()) << response.status();
  const proto::JobDetails& details = response->details();
  EXPECT_EQ(details.overview().state(), "RUNNING");
  EXPECT_EQ(details.arguments(0).name(), "window");
  EXPECT_EQ(details.checkpoint_folder(), "/shared/checkpoints");
  EXPECT_GT(details.last_checkpoint(), 0);
  ASSERT_EQ(details.slots_size(), 1);
  EXPECT_EQ(details.slots(0).address(), "tm");
  EXPECT_EQ(details.slots(0).slots(), 2);
  int64_t from_sources = 0;
  for (const proto::NodeReportMessage& node : details.nodes()) {
    if (node.kind() == "source") from_sources += node.metrics().num_records_out();
  }
  EXPECT_GT(from_sources, 0);
}

TEST_F(JobClientTest, WhatHasEndedIsKnownAlsoToTheNextJobManager) {
  ASSERT_TRUE(Submit(Submission()).ok());
  RunUntilEnded();
  const proto::GetJobDetailsResponse before = *Details("job-1");
  world_.Kill("jm", {.power_off = true});
  WEIR_CHECK_OK(world_.RunFor(absl::Milliseconds(300)));
  world_.Restart("jm");
  const proto::GetJobDetailsResponse after = *Details("job-1");
  EXPECT_EQ(before.leader_epoch() + 1, after.leader_epoch());
  EXPECT_EQ(before.details().SerializeAsString(), after.details().SerializeAsString());
  const proto::JobOverview& overview = after.details().overview();
  EXPECT_EQ(overview.state(), "FINISHED");
  EXPECT_TRUE(overview.ended());
  EXPECT_GT(overview.end_time_us(), overview.start_time_us());
  EXPECT_EQ(List().jobs_size(), 1);

  const JobResult result = ToJobResult(after.details());
  EXPECT_EQ(result.state, JobState::kFinished);
  EXPECT_GT(result.runtime, absl::Seconds(3));
  int64_t rows = 0;
  for (const NodeReport& node : result.nodes) {
    if (node.kind == "source") rows += node.metrics.num_records_out;
  }
  EXPECT_EQ(rows, 2000);
}

TEST_F(JobClientTest, StopsWithACheckpoint) {
  ASSERT_TRUE(Submit(Submission()).ok());
  WEIR_CHECK_OK(world_.RunFor(absl::Milliseconds(1000)));
  ASSERT_TRUE(End(true).ok());
  RunUntilEnded();
  const proto::GetJobDetailsResponse details = *Details("job-1");
  EXPECT_EQ(details.details().overview().state(), "SUSPENDED");
  EXPECT_EQ(details.details().overview().summary(), "");
  EXPECT_GT(details.details().last_checkpoint(), 0);
  EXPECT_TRUE(End(true).ok()) << "of a job that has ended there is nothing to do";
}

TEST_F(JobClientTest, WhatCannotBeStoppedIsNotCancelledInstead) {
  JobSubmission submission = Submission();
  submission.checkpoints.durable = false;
  ASSERT_TRUE(Submit(submission).ok());
  WEIR_CHECK_OK(world_.RunFor(absl::Milliseconds(500)));
  const absl::Status stopped = End(true);
  EXPECT_TRUE(absl::IsFailedPrecondition(stopped)) << stopped;
  EXPECT_THAT(std::string(stopped.message()), HasSubstr("the JobManager at jm: "));
  EXPECT_EQ(Details("job-1")->details().overview().state(), "RUNNING");
  ASSERT_TRUE(End(false).ok());
  RunUntilEnded();
  EXPECT_EQ(Details("job-1")->details().overview().state(), "CANCELED");
}

TEST_F(JobClientTest, AJobThatWaitsSaysForWhat) {
  JobSubmission submission = Submission();
  submission.parallelism = 7;
  ASSERT_TRUE(Submit(submission).ok());
  WEIR_CHECK_OK(world_.RunFor(absl::Milliseconds(500)));
  EXPECT_EQ(List().jobs(0).state(), "CREATED");
  EXPECT_THAT(List().jobs(0).waiting_for(), HasSubstr("it needs 7 slots"));
  const absl::Status stopped = End(true);
  EXPECT_TRUE(absl::IsFailedPrecondition(stopped)) << stopped;
}

TEST_F(JobClientTest, AJobThatWaitsStartsWhenATaskManagerJoins) {
  JobSubmission submission = Submission();
  submission.parallelism = 4;
  ASSERT_TRUE(Submit(submission).ok());
  WEIR_CHECK_OK(world_.RunFor(absl::Milliseconds(500)));
  EXPECT_THAT(List().jobs(0).waiting_for(),
              HasSubstr("it needs 4 slots; 1 TaskManager offers 3, of which 3 are free: start "
                        "another TaskManager or lower --parallelism"));
  EXPECT_EQ(List().jobs(0).slots(), 4);
  AddTaskManager("tm-late");
  WEIR_CHECK_OK(world_.RunFor(absl::Seconds(1)));
  EXPECT_EQ(List().jobs(0).waiting_for(), "");
  EXPECT_EQ(List().jobs(0).tasks_running(), List().jobs(0).tasks());
  // Evenly: two slots of each.
  const proto::JobDetails details = Details("job-1")->details();
  ASSERT_EQ(details.slots_size(), 2);
  EXPECT_EQ(details.slots(0).slots(), 2);
  EXPECT_EQ(details.slots(1).slots(), 2);
  RunUntilEnded();
}

TEST_F(JobClientTest, TellsAboutTheCluster) {
  ASSERT_TRUE(Submit(Submission()).ok());
  WEIR_CHECK_OK(world_.RunFor(absl::Milliseconds(500)));
  const proto::GetClusterOverviewResponse cluster = *Ask<proto::GetClusterOverviewResponse>(
      [&](auto done) { client_->GetClusterOverview(std::move(done)); });
  EXPECT_EQ(cluster.address(), "jm");
  EXPECT_EQ(cluster.leader_epoch(), 1);
  EXPECT_EQ(cluster.build_id(), "test build");
  ASSERT_EQ(cluster.task_managers_size(), 1);
  EXPECT_EQ(cluster.task_managers(0).address(), "tm");
  EXPECT_EQ(cluster.task_managers(0).slots(), 3);
  EXPECT_EQ(cluster.task_managers(0).free_slots(), 1);
}

TEST_F(JobClientTest, ErrorsNameTheJobManager) {
  const absl::Status unknown = Details("job-2").status();
  EXPECT_TRUE(absl::IsNotFound(unknown)) << unknown;
  EXPECT_EQ(unknown.message(), "the JobManager at jm: there is no job job-2");
  world_.Kill("jm");
  client_->set_patience(absl::ZeroDuration());
  const absl::Status nobody = Details("job-1").status();
  EXPECT_TRUE(absl::IsUnavailable(nobody)) << nobody;
  EXPECT_THAT(std::string(nobody.message()), HasSubstr("no JobManager answers at jm"));
}

}  // namespace
}  // namespace weir
