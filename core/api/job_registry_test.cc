#include "core/api/job_registry.h"

#include <stdexcept>
#include <string>
#include <utility>

#include "core/api/stream_execution_environment.h"
#include "core/api/testing/api_parts.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

using ::testing::HasSubstr;

void BuildClicks(StreamExecutionEnvironment& env, const JobArgs& args) {
  env.SetParallelism(static_cast<int>(args.GetInt("subtasks")));
  if (args.GetBool("fail", false)) throw std::runtime_error("as asked");
  env.FromSource(EmptySource<int64_t>(args.Get("input")))
      .Uid("in")
      .SinkTo(NullSink<int64_t>())
      .Uid(args.GetDuration("delay") > absl::ZeroDuration() ? "out" : "");
}
void BuildNothing(StreamExecutionEnvironment&, const JobArgs&) {}
void BuildUndeclared(StreamExecutionEnvironment&, const JobArgs& args) { args.Get("inptu"); }

WEIR_JOB(clicks_per_page, BuildClicks,
         JobInfo{.description = "Counts clicks.",
                 .arguments = {
                     {.name = "input", .description = "Folder of logs.", .required = true},
                     {.name = "subtasks", .description = "How many.", .default_value = "2"},
                     {.name = "delay", .description = "How late.", .default_value = "5s"},
                     {.name = "fail", .description = "Whether to fail."},
                 }});
WEIR_JOB(nothing, BuildNothing);
WEIR_JOB(undeclared, BuildUndeclared);

std::string Error(std::string_view job, JobArgs::Submitted arguments) {
  return std::string(BuildJobGraph(job, std::move(arguments)).status().message());
}

TEST(JobRegistryTest, ListsJobs) {
  const std::vector<RegisteredJob> jobs = RegisteredJobs();
  ASSERT_EQ(jobs.size(), 3u);
  EXPECT_EQ(jobs[0].name, "clicks_per_page");
  EXPECT_EQ(jobs[0].info.description, "Counts clicks.");
  EXPECT_EQ(ListArguments(jobs[0].info.arguments),
            "input (required), subtasks (default 2), delay (default 5s), fail");
}

TEST(JobRegistryTest, BuildsTheGraph) {
  const auto graph = BuildJobGraph("clicks_per_page", {{"subtasks", "3"}, {"input", "/x"}});
  ASSERT_TRUE(graph.ok()) << graph.status();
  EXPECT_EQ(graph->parallelism, 3);
  const JobArgs::Submitted submitted = {{"input", "/x"}, {"subtasks", "3"}};
  EXPECT_EQ(graph->arguments, submitted);
}

TEST(JobRegistryTest, UnknownJobsAreNamedWithTheirNeighbours) {
  EXPECT_EQ(Error("click_per_page", {}),
            "there is no job \"click_per_page\" (did you mean clicks_per_page?)");
  EXPECT_EQ(Error("wordcount", {}),
            "there is no job \"wordcount\"; jobs: clicks_per_page, nothing, undeclared");
}

TEST(JobRegistryTest, WrongArgumentsAreNamedWithTheRightOnes) {
  EXPECT_EQ(
      Error("clicks_per_page", {{"inptu", "/x"}}),
      "job \"clicks_per_page\": unknown argument \"inptu\" (did you mean input?); arguments of "
      "this job: input (required), subtasks (default 2), delay (default 5s), fail");
  EXPECT_THAT(
      Error("clicks_per_page", {}),
      HasSubstr("argument \"input\" is required (Folder of logs.); arguments of this job: "));
  EXPECT_THAT(Error("clicks_per_page", {{"input", "/x"}, {"input", "/y"}}),
              HasSubstr("\"input\" is given twice"));
  EXPECT_EQ(Error("clicks_per_page", {{"input", "/x"}, {"subtasks", "many"}}),
            "job \"clicks_per_page\": argument \"subtasks\" must be a whole number, not \"many\"");
  EXPECT_THAT(Error("undeclared", {}),
              HasSubstr("reads argument \"inptu\", which the job does not declare; add {.name = "));
}

TEST(JobRegistryTest, ExceptionsOfTheBuilderAreErrors) {
  EXPECT_EQ(Error("clicks_per_page", {{"input", "/x"}, {"fail", "yes"}}),
            "job \"clicks_per_page\": its builder threw: as asked");
}

TEST(JobRegistryTest, WrongGraphsAreRefused) {
  EXPECT_THAT(Error("nothing", {}), HasSubstr("has no source"));
  EXPECT_THAT(Error("clicks_per_page", {{"input", "/x"}, {"delay", "0s"}}),
              HasSubstr("write .Uid(\"sink\") behind it"));
}

TEST(CollectorTest, TakesWhatIsRegisteredMeanwhile) {
  const size_t before = RegisteredJobs().size();
  std::vector<RegisteredJob> found;
  {
    job_registry_internal::Collector collector;
    const JobBuilder builder = [](StreamExecutionEnvironment&, const JobArgs&) {};
    for (const char* name : {"second", "first", "second"})
      job_registry_internal::Register(name, builder);
    found = collector.Jobs();
  }
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].name, "first");
  EXPECT_EQ(found[2].name, "second");
  EXPECT_EQ(RegisteredJobs().size(), before);
  EXPECT_FALSE(FindJob("first").ok());
  // It can be built, although nobody can find it.
  EXPECT_TRUE(absl::IsInvalidArgument(BuildJobGraph(found[0], {{"no_such", "argument"}}).status()));
}

}  // namespace
}  // namespace weir
