#include "cli/job_selection.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace weir::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

proto::ListJobsResponse Jobs() {
  proto::ListJobsResponse jobs;
  const auto add = [&](const char* id, const char* name, const char* state, bool ended) {
    proto::JobOverview* job = jobs.add_jobs();
    job->set_job_id(id);
    job->set_job_name(name);
    job->set_state(state);
    job->set_ended(ended);
    job->set_start_time_us(jobs.jobs_size() % 4);  // The third of all began last.
  };
  add("aa10", "clicks", "FINISHED", true);
  add("aa20", "clicks", "RUNNING", false);
  add("ab30", "word_count", "FINISHED", true);
  add("ab40", "word_count", "FINISHED", true);
  add("b", "orders", "RUNNING", false);
  add("bb", "orders", "RUNNING", false);
  return jobs;
}

std::string Selected(const char* text) {
  const absl::StatusOr<proto::JobOverview> job = SelectJob(Jobs(), text);
  return job.ok() ? job->job_id() : std::string(job.status().message());
}

TEST(SelectJobTest, ByIdOrItsBeginningOrName) {
  EXPECT_EQ(Selected("aa10"), "aa10");
  EXPECT_EQ(Selected("ab3"), "ab30");
  EXPECT_EQ(Selected("clicks"), "aa20") << "the one that has not ended";
  EXPECT_EQ(Selected("aa"), "aa20");
  EXPECT_EQ(Selected("b"), "b") << "a whole id is never a beginning";
  EXPECT_EQ(Selected("word_count"), "ab30") << "the one that began last";
}

TEST(SelectJobTest, ListsTheCandidates) {
  EXPECT_THAT(Selected("ab"), AllOf(HasSubstr("2 jobs"), HasSubstr("ab30"), HasSubstr("ab40")));
  EXPECT_THAT(Selected("orders"), AllOf(HasSubstr("b  orders"), HasSubstr("bb  orders")));
  EXPECT_EQ(Selected("a"), "aa20");
}

TEST(SelectJobTest, SaysThatThereIsNone) {
  EXPECT_THAT(Selected("word_cuont"), AllOf(HasSubstr("\"word_cuont\""), HasSubstr("word_count?")));
  EXPECT_THAT(Selected(""), HasSubstr("no job"));
}

}  // namespace
}  // namespace weir::cli
