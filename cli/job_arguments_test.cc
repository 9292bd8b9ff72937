#include "cli/job_arguments.h"

#include <filesystem>
#include <string>
#include <utility>

#include "gtest/gtest.h"

namespace weir::cli {
namespace {

RegisteredJob WordCount() {
  RegisteredJob job;
  job.name = "word_count";
  job.info.arguments = {
      {.name = "input", .description = "Files to read.", .required = true},
      {.name = "output", .description = "Folder for the results."},
      {.name = "top", .description = "How many words.", .default_value = "10"},
  };
  return job;
}

TEST(ParseJobArguments, TakesThreeForms) {
  const auto arguments = ParseJobArguments({"--a=1", "--b", "2 3", "--c", "--d=", "--e=x=y"});
  ASSERT_TRUE(arguments.ok()) << arguments.status();
  const JobArgs::Submitted want = {
      {"a", "1"}, {"b", "2 3"}, {"c", "true"}, {"d", ""}, {"e", "x=y"}};
  EXPECT_EQ(*arguments, want);
}

TEST(ParseJobArguments, QuotesWhatItCannotRead) {
  for (const char* word : {"stray", "-x", "--", "--=1"}) {
    const auto arguments = ParseJobArguments({word});
    EXPECT_EQ(arguments.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_NE(arguments.status().message().find(word), std::string::npos) << arguments.status();
  }
}

TEST(ResolveJobArguments, MakesPathsAbsolute) {
  const JobArgs::Submitted want = {
      {"input", "/home/me/a,/b"}, {"output", "/home/out"}, {"top", "3"}};
  EXPECT_EQ(ResolveJobArguments(
                WordCount(), {{"input", "a,/b"}, {"output", "../out"}, {"top", "3"}}, "/home/me"),
            want);
}

TEST(ResolveJobArguments, HasAPlaceForResults) {
  const JobArgs::Submitted want = {{"output", "/home/me/weir-out/word_count"}};
  EXPECT_EQ(ResolveJobArguments(WordCount(), {}, "/home/me"), want);
}

TEST(ResolveJobArguments, KeepsToTheJobsOwnDefault) {
  RegisteredJob job = WordCount();
  job.info.arguments[1].default_value = "results";
  const JobArgs::Submitted want = {{"output", "/home/me/results"}};
  EXPECT_EQ(ResolveJobArguments(job, {}, "/home/me"), want);
}

TEST(ResolveJobArguments, AddsNoOutputToAJobWithoutOne) {
  EXPECT_EQ(ResolveJobArguments(RegisteredJob{}, {}, "/home/me"), JobArgs::Submitted{});
}

TEST(CheckInputsOutsideOutput, RefusesInputsThatFreshWouldDelete) {
  const auto error = [](std::string input, std::string output) {
    return std::string(
        CheckInputsOutsideOutput({{"input", std::move(input)}, {"output", std::move(output)}})
            .message());
  };
  EXPECT_EQ(error("/no/in,/no/outer", "/no/out"), "");
  EXPECT_EQ(error("/no", "/no/out"), "");  // Folders are not read recursively.
  EXPECT_EQ(error("/no/out", "/no/out"),
            "input /no/out is the output folder /no/out, whose files the job replaces. Choose "
            "another --output");
  EXPECT_EQ(error("/no/in,/no/out/part-0-0.csv", "/no/out"),
            "input /no/out/part-0-0.csv lies in the output folder /no/out, whose files the job "
            "replaces. Choose another --output");
  EXPECT_NE(error("/no/in", "/"), "");
}

TEST(CheckInputsOutsideOutput, FollowsLinks) {
  const std::filesystem::path root = std::filesystem::path(testing::TempDir()) / "links";
  std::filesystem::create_directories(root / "real");
  std::filesystem::remove(root / "link");
  std::filesystem::create_directory_symlink("real", root / "link");
  EXPECT_FALSE(
      CheckInputsOutsideOutput({{"input", root / "link/part-0-0.csv"}, {"output", root / "real"}})
          .ok());
  EXPECT_FALSE(
      CheckInputsOutsideOutput({{"input", root / "real"}, {"output", root / "link"}}).ok());
  EXPECT_TRUE(CheckInputsOutsideOutput({{"input", root / "in"}, {"output", root / "link"}}).ok());
}

TEST(CheckInputsOutsideOutput, NeedsBoth) {
  EXPECT_TRUE(CheckInputsOutsideOutput({{"input", "/no/in"}}).ok());
  EXPECT_TRUE(CheckInputsOutsideOutput({{"output", "/no/out"}}).ok());
}

TEST(DescribeArguments, Aligns) {
  EXPECT_EQ(DescribeArguments(WordCount(), "  "),
            "  --input   Files to read. (required)\n"
            "  --output  Folder for the results. (default weir-out/word_count)\n"
            "  --top     How many words. (default 10)\n");
}

}  // namespace
}  // namespace weir::cli
