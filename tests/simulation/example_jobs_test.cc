// The example jobs on simulated clusters without faults: whatever order the seed draws, the output is that of a plain loop.
#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "tests/simulation/example_run.h"

namespace weir {
namespace {

constexpr uint64_t kSeeds = 200;

struct Expected {
  std::vector<std::string> rows;
  int64_t malformed = 0;
};

std::vector<std::string> Split(const std::string& text, const char* separators) {
  return absl::StrSplit(text, absl::ByAnyChar(separators), absl::SkipEmpty());
}

// Lines are well formed or the one malformed line of the input; times are "2026-05-20 10:11:12".
Expected ExpectedPackageActivity(const ExampleInput& input) {
  std::map<std::tuple<std::string, std::string, std::string>, int> counts;
  Expected expected;
  for (const std::string& file : input.files) {
    for (const std::string& line : Split(file, "\n")) {
      if (!line.starts_with("20")) {
        ++expected.malformed;
        continue;
      }
      const std::string day = line.substr(0, 10);
      const int hour = std::stoi(line.substr(11, 2));
      const auto at = [&](int h) {  // No line of the input falls into the last hour of a day.
        return absl::StrCat(day, h < 10 ? "T0" : "T", h, ":00:00Z");
      };
      const std::string rest = line.substr(20);
      ++counts[{at(hour), at(hour + 1), rest.substr(0, rest.find(' '))}];
    }
  }
  for (const auto& [key, count] : counts) {
    const auto& [start, end, action] = key;
    expected.rows.push_back(absl::StrCat(start, ",", end, ",", action, ",", count));
  }
  std::sort(expected.rows.begin(), expected.rows.end());
  return expected;
}

Expected ExpectedWordCount(const ExampleInput& input) {
  std::map<std::string, int> counts;
  for (const std::string& word : Split(input.files[0], ", \n")) {
    ++counts[word];
  }
  std::set<std::pair<int, std::string>> ranked;
  for (const auto& [word, count] : counts) ranked.emplace(-count, word);
  Expected expected;
  for (const auto& [negative_count, word] : ranked) {
    if (expected.rows.size() == 15) break;
    expected.rows.push_back(absl::StrCat("2000-01-01T00:00:00Z,2000-01-02T00:00:00Z,",
                                         expected.rows.size() + 1, ",", word, ",",
                                         -negative_count));
  }
  std::sort(expected.rows.begin(), expected.rows.end());
  return expected;
}

// What the seeds have in common must not be that nothing ever differed.
struct Variety {
  std::set<uint64_t> digests;
  std::set<int> parallelisms;
  std::set<sim::ScheduleKind> schedules;
};

void CheckAllSeeds(const ExampleInput& input, const Expected& expected) {
  ASSERT_GE(expected.rows.size(), 15u);
  Variety variety;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const ExampleRun run = RunExample(input, seed);
    ASSERT_EQ(run.result.state, JobState::kFinished)
        << "seed " << seed << ": " << run.result.status;
    ASSERT_EQ(run.rows, expected.rows) << "seed " << seed << ", parallelism " << run.parallelism;
    int64_t malformed = 0;
    for (const NodeReport& node : run.result.nodes) {
      ASSERT_EQ(node.metrics.late.count, 0) << "seed " << seed << " at " << node.name;
      malformed += node.metrics.malformed.count;
    }
    ASSERT_EQ(malformed, expected.malformed) << "seed " << seed;
    variety.digests.insert(run.digest);
    variety.parallelisms.insert(run.parallelism);
    variety.schedules.insert(run.schedule);
  }
  EXPECT_EQ(variety.digests.size(), kSeeds);
  EXPECT_EQ(variety.parallelisms.size(), 5u);
  EXPECT_EQ(variety.schedules.size(), 3u);
}

TEST(SimulatedExamples, PackageActivityEqualsAPlainLoop) {
  const ExampleInput input = PackageActivityInput();
  const Expected expected = ExpectedPackageActivity(input);
  EXPECT_GT(expected.malformed, 5);
  CheckAllSeeds(input, expected);
}

TEST(SimulatedExamples, ByteRangesEqualAPlainLoop) {
  constexpr size_t kSplitBytes = 3000;
  ExampleInput input = PackageActivityInput();
  const Expected expected = ExpectedPackageActivity(input);
  // More ranges than readers, in each file.
  for (const std::string& file : input.files) EXPECT_GT(file.size(), 6 * kSplitBytes);
  input.job = "split_log";
  input.arguments = {{"split_bytes", absl::StrCat(kSplitBytes)}};
  // Each range is assigned, opened and read on its own.
  EXPECT_GT(RunExample(input, 1).events, RunExample(PackageActivityInput(), 1).events + 100);
  CheckAllSeeds(input, expected);
}

// Time must not depend on how long the news takes that the reader has the last split.
TEST(SimulatedExamples, WithOneReaderALateLineIsLateInEverySeed) {
  ExampleInput input = PackageActivityInput();
  input.files = {input.files[0] + input.files[1]};
  const Expected expected = ExpectedPackageActivity(input);
  input.files[0] += "2026-05-20 00:00:00 install late-package\n";
  int runs = 0;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const ExampleRun run = RunExample(input, seed);
    ASSERT_EQ(run.result.state, JobState::kFinished) << run.result.status;
    if (run.parallelism > 1) continue;  // Then the late line's range may hold time back.
    ++runs;
    ASSERT_EQ(run.rows, expected.rows) << "seed " << seed;
    int64_t late = 0;
    for (const NodeReport& node : run.result.nodes) late += node.metrics.late.count;
    ASSERT_EQ(late, 1) << "seed " << seed;
  }
  EXPECT_GT(runs, 20);
}

TEST(SimulatedExamples, WordCountEqualsAPlainLoop) {
  const ExampleInput input = WordCountInput();
  CheckAllSeeds(input, ExpectedWordCount(input));
}

}  // namespace
}  // namespace weir
