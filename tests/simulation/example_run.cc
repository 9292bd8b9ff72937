#include "tests/simulation/example_run.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "core/api/job_registry.h"
#include "core/base/check.h"
#include "core/cluster/mini_cluster.h"
#include "core/env/random.h"
#include "core/types/event_time.h"
#include "sim/sim_world.h"

namespace weir {
namespace {

constexpr char kOutput[] = "/shared/out";
constexpr uint64_t kInputSeed = 20260520;

// Numbers of the input, which is the same in every run.
class InputNumbers {
 public:
  uint64_t Below(uint64_t bound) {
    return AddressedDraw(kInputSeed, {RandomStream::kWorkload, "tests.example_input"}, count_++) %
           bound;
  }

 private:
  uint64_t count_ = 0;
};

std::string LogTime(int64_t seconds) {
  std::string text = EventTime::FromSeconds(seconds).ToString();
  text[10] = ' ';
  text.pop_back();  // Z
  return text;
}

// All rows of the parts in the folder; WEIR_CHECKs that each part has the header.
std::vector<std::string> ReadRows(sim::SimWorld& world) {
  std::vector<std::string> rows;
  std::string header;
  sim::FileTree& files = world.shared_files();
  const auto entries = files.List("/out");
  WEIR_CHECK_OK(entries.status());
  for (const DirectoryEntry& entry : *entries) {
    if (entry.name.starts_with('.')) continue;
    const auto text = files.Read(absl::StrCat("/out/", entry.name));
    WEIR_CHECK_OK(text.status());
    std::vector<std::string> lines = absl::StrSplit(*text, '\n', absl::SkipEmpty());
    WEIR_CHECK(!lines.empty());
    if (header.empty()) header = lines.front();
    WEIR_CHECK_EQ(lines.front(), header);
    rows.insert(rows.end(), lines.begin() + 1, lines.end());
  }
  std::sort(rows.begin(), rows.end());
  return rows;
}

}  // namespace

ExampleInput PackageActivityInput() {
  constexpr std::string_view kActions[] = {"install", "upgrade", "status", "configure", "remove"};
  InputNumbers numbers;
  ExampleInput input{.job = "package_activity", .arguments = {}, .files = {"", ""}};
  int64_t now = 1'779'270'000;
  for (int line = 0; line < 1200; ++line) {
    std::string& file = input.files[line < 700 ? 0 : 1];
    now += static_cast<int64_t>(numbers.Below(40));
    const std::string time = LogTime(now - static_cast<int64_t>(numbers.Below(60)));
    const std::string_view action = kActions[numbers.Below(std::size(kActions))];
    if (numbers.Below(50) == 0) {
      file += "not a line of the log\n";
    } else {
      absl::StrAppend(&file, time, " ", std::string(action), " package-", numbers.Below(30), "\n");
    }
  }
  return input;
}

ExampleInput WordCountInput() {
  InputNumbers numbers;
  ExampleInput input{.job = "word_count", .arguments = {{"top", "15"}}, .files = {""}};
  for (int line = 0; line < 400; ++line) {
    for (uint64_t word = numbers.Below(9); word > 0; --word) {
      absl::StrAppend(&input.files[0], "word", numbers.Below(1 + numbers.Below(60)), ", ");
    }
    input.files[0] += '\n';
  }
  return input;
}

ExampleRun RunExample(const ExampleInput& input, uint64_t seed) {
  sim::SimWorld world{sim::Seed(seed)};
  std::vector<std::string> paths;
  for (size_t i = 0; i < input.files.size(); ++i) {
    paths.push_back(absl::StrCat("/data/input-", i));
    world.MountReadOnly(paths.back(), input.files[i]);
  }
  JobSubmission submission{.job_name = input.job, .arguments = input.arguments, .parallelism = 0};
  submission.arguments.emplace_back("input", absl::StrJoin(paths, ","));
  submission.arguments.emplace_back("output", kOutput);
  submission.parallelism = 1 + static_cast<int>(world.random().Uniform(
                                   {RandomStream::kConfig, "tests.example_parallelism"}, 5));

  ExampleRun run;
  run.parallelism = submission.parallelism;
  run.schedule = world.schedule();
  std::optional<JobResult> result;
  {
    const JobGraphProvider provider = [](const JobSubmission& job) {
      return BuildJobGraph(job.job_name, job.arguments);
    };
    MiniClusterOptions options;
    options.task_managers = 2;
    MiniCluster cluster(world.HostEnv("jm"), {&world.HostEnv("tm-1"), &world.HostEnv("tm-2")},
                        provider, options);
    cluster.Submit(std::move(submission), nullptr,
                   [&result](JobResult done) { result = std::move(done); });
    WEIR_CHECK_OK(world.RunUntil([&result] { return result.has_value(); }, absl::Hours(1)));
  }
  run.result = *std::move(result);
  if (run.result.state == JobState::kFinished) run.rows = ReadRows(world);
  run.digest = world.digest();
  run.events = world.events();
  return run;
}

}  // namespace weir
