#include "cli/job_list_printer.h"

#include "cli/job_details_printer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace weir::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr int64_t kStart = 1'767'225'600'000'000;  // 2026-01-01

proto::ListJobsResponse Jobs() {
  proto::ListJobsResponse jobs;
  jobs.set_leader_epoch(3);
  jobs.set_now_us(kStart + 90'000'000);
  proto::JobOverview* job = jobs.add_jobs();
  job->set_job_id("aa");
  job->set_job_name("clicks");
  job->set_state("FINISHED");
  job->set_ended(true);
  job->set_start_time_us(kStart);
  job->set_end_time_us(kStart + 2'500'000);
  job->set_tasks(4);
  job = jobs.add_jobs();
  job->set_job_id("bb");
  job->set_job_name("evil\x1b[2J");
  job->set_state("RUNNING");
  job->set_start_time_us(kStart + 30'000'000);
  job->set_tasks(4);
  job->set_tasks_running(3);
  job->set_tasks_ended(1);
  job->set_slots(2);
  job->set_restarts(2);
  return jobs;
}

TEST(JobListPrinterTest, ATableOfThoseThatGoOn) {
  EXPECT_EQ(
      FormatJobList(Jobs(), false),
      "id  name         state    started               duration    tasks  slots  restarts\n"
      "bb  evil\\x1b[2J  RUNNING  2026-01-01T00:00:30Z  1 min 00 s  4/4        2         2\n");
}

TEST(JobListPrinterTest, AllNewestFirst) {
  const std::string text = FormatJobList(Jobs(), true);
  EXPECT_LT(text.find("bb  evil"), text.find("aa  clicks"));
  EXPECT_THAT(text, AllOf(HasSubstr("FINISHED"), HasSubstr("2.5 s"), Not(HasSubstr("\x1b"))));
}

TEST(JobListPrinterTest, SaysThatThereAreNone) {
  EXPECT_THAT(FormatJobList({}, true), HasSubstr("There are no jobs."));
  proto::ListJobsResponse jobs = Jobs();
  jobs.mutable_jobs()->DeleteSubrange(1, 1);
  EXPECT_THAT(FormatJobList(jobs, false), HasSubstr("1 job that has ended"));
}

TEST(JobListPrinterTest, JsonHasWhatIsKnown) {
  const auto json = nlohmann::json::parse(FormatJobListAsJson(Jobs(), true));
  EXPECT_EQ(json["leaderEpoch"], 3);
  ASSERT_EQ(json["jobs"].size(), 2u);
  EXPECT_EQ(json["jobs"][0]["id"], "bb");
  EXPECT_EQ(json["jobs"][0]["durationMs"], 60000);
  EXPECT_EQ(json["jobs"][0]["slotsNeeded"], 2);
  EXPECT_TRUE(json["jobs"][0]["endTime"].is_null());
  EXPECT_EQ(json["jobs"][1]["startTime"], "2026-01-01T00:00:00.000Z");
  EXPECT_EQ(json["jobs"][1]["durationMs"], 2500);
}

TEST(JobListPrinterTest, Cluster) {
  proto::GetClusterOverviewResponse cluster;
  cluster.set_address("jm:6123");
  cluster.set_leader_epoch(7);
  EXPECT_THAT(FormatCluster(cluster), AllOf(HasSubstr("jm:6123"), HasSubstr("leader epoch 7"),
                                            HasSubstr("No TaskManager")));
  proto::TaskManagerOverview* task_manager = cluster.add_task_managers();
  task_manager->set_address("tm:1");
  task_manager->set_slots(4);
  task_manager->set_free_slots(1);
  EXPECT_THAT(FormatCluster(cluster), HasSubstr("tm:1             4     1"));
  EXPECT_EQ(nlohmann::json::parse(FormatClusterAsJson(cluster))["taskManagers"][0]["freeSlots"], 1);
}

TEST(JobDetailsPrinterTest, SaysEverythingThatIsKnown) {
  proto::GetJobDetailsResponse response;
  response.set_now_us(kStart + 60'000'000);
  proto::JobDetails& details = *response.mutable_details();
  *details.mutable_overview() = Jobs().jobs(1);
  proto::Argument* argument = details.add_arguments();
  argument->set_name("input");
  argument->set_value("/\xff");  // No UTF-8.
  details.set_checkpoints(5);
  details.set_last_checkpoint(9);
  details.set_checkpoint_folder("/c");
  details.set_restored_from(4);
  details.set_last_failure("operator sum\n  place: /a, line 7");
  proto::SlotsOfJob* slots = details.add_slots();
  slots->set_address("tm:1");
  slots->set_slots(2);
  proto::NodeReportMessage* node = details.add_nodes();
  node->set_name("sum");
  node->set_uid("sum-uid");
  node->mutable_metrics()->set_num_records_in(12);
  node->mutable_metrics()->set_current_input_watermark(kStart);
  const std::string text = FormatJobDetails(response);
  EXPECT_THAT(text,
              AllOf(HasSubstr("state        RUNNING"), HasSubstr("--input=/\\xff"),
                    HasSubstr("5, the newest is 9 in /c; restored from 4"),
                    HasSubstr("last failure operator sum\n                 place: /a, line 7\n"),
                    HasSubstr("2 at tm:1"), HasSubstr("sum-uid")));
  const auto json = nlohmann::json::parse(FormatJobDetailsAsJson(response));
  EXPECT_EQ(json["checkpoints"]["newest"], 9);
  EXPECT_EQ(json["operators"][0]["numRecordsIn"], 12);
  EXPECT_EQ(json["operators"][0]["currentInputWatermark"], "2026-01-01T00:00:00Z");
  EXPECT_EQ(json["slots"][0]["taskManager"], "tm:1");
}

}  // namespace
}  // namespace weir::cli
