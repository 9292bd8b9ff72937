#include "sim/workloads/example_logs.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "connectors/generator/generator_random.h"
#include "core/api/job_registry.h"
#include "core/base/status_macros.h"
#include "sim/workloads/committed_rows.h"
#include "sim/workloads/config_draws.h"

namespace weir::sim {
namespace {

constexpr int64_t kStartSeconds = 1'779'270'000;
constexpr int64_t kDisorderSeconds = 60;
constexpr int64_t kWindowSeconds = 60;

std::string TimeText(const char* format, int64_t seconds) {
  return absl::FormatTime(format, absl::FromUnixSeconds(seconds), absl::UTCTimeZone());
}

// Start and end of a window as they stand in the results.
std::string WindowText(int64_t start) {
  constexpr char kFormat[] = "%Y-%m-%dT%H:%M:%SZ";
  return absl::StrCat(TimeText(kFormat, start), ",", TimeText(kFormat, start + kWindowSeconds));
}

// What both workloads share: files of lines whose times are out of order within the bound, and a CSV folder as the output.
class ExampleLogs : public Workload {
 public:
  ExampleLogs(Seed seed, std::string job, std::string header)
      : draws_(seed), seed_(seed.value()), job_(std::move(job)), header_(std::move(header)) {
    parallelism_ = static_cast<int>(draws_.Between("example_logs.parallelism", 1, 4));
    duration_ = absl::Milliseconds(draws_.Between("example_logs.duration_ms", 2000, 6000));
    files_.resize(static_cast<size_t>(draws_.Between("example_logs.files", 1, 5)));
  }

  std::string_view name() const override { return job_; }
  void Prepare(SimWorld& world) override {
    for (size_t i = 0; i < files_.size(); ++i) world.MountReadOnly(Path(i), files_[i]);
  }
  JobGraphProvider provider() const override {
    return [](const JobSubmission& job) { return BuildJobGraph(job.job_name, job.arguments); };
  }
  JobSubmission submission() const override {
    std::vector<std::string> paths;
    for (size_t i = 0; i < files_.size(); ++i) paths.push_back(Path(i));
    JobSubmission submission;
    submission.job_name = job_;
    submission.parallelism = parallelism_;
    submission.arguments = {
        {"input", absl::StrJoin(paths, ",")},
        {"output", "/shared/out"},
        {"window", absl::StrCat(kWindowSeconds, "s")},
        {"disorder", absl::StrCat(kDisorderSeconds, "s")},
        {"rate", absl::StrCat(lines_ * 1000 / absl::ToInt64Milliseconds(duration_) + 1)}};
    return submission;
  }
  int slots() const override { return parallelism_; }
  absl::Duration duration() const override { return duration_; }
  std::vector<std::string> output_folders() const override { return {"/shared/out"}; }

  absl::StatusOr<uint64_t> CheckOutput(FileTree& files, const PartOrigins& origins,
                                       Extent extent) const override {
    WEIR_ASSIGN_OR_RETURN(const std::vector<CommittedRow> rows,
                          ReadCommittedRows(files, "/out", header_, origins));
    // Window and, in it, action or rank.
    return CompareRows({absl::StrCat("output of ", job_), header_, 3}, rows, ExpectedRows(),
                       extent);
  }

 protected:
  virtual std::vector<std::string> ExpectedRows() const = 0;

  // Calls `line(random, seconds)` for each line, in the order of the files; it returns the rest of the line behind the time, or
  // what stands instead of a line with a time.
  template <class Line>
  void MakeFiles(int64_t lines, int64_t step_seconds, const Line& line) {
    lines_ = lines;
    int64_t now = kStartSeconds;
    for (int64_t i = 0; i < lines; ++i) {
      GeneratorRandom random(seed_, i);
      now += static_cast<int64_t>(random.Uniform(static_cast<uint64_t>(step_seconds) * 2));
      const int64_t seconds =
          now - static_cast<int64_t>(random.Uniform(static_cast<uint64_t>(kDisorderSeconds)));
      // Files follow each other in time, as rotated logs do.
      files_[static_cast<size_t>(i * static_cast<int64_t>(files_.size()) / lines)] +=
          line(random, seconds) + "\n";
    }
  }

  const ConfigDraws draws_;

 private:
  static std::string Path(size_t file) { return absl::StrCat("/data/log-", file); }

  const uint64_t seed_;
  const std::string job_;
  const std::string header_;
  int parallelism_ = 1;
  absl::Duration duration_;
  int64_t lines_ = 0;
  std::vector<std::string> files_;
};

class PackageActivity final : public ExampleLogs {
 public:
  explicit PackageActivity(Seed seed)
      : ExampleLogs(seed, "package_activity", "window_start,window_end,action,count") {
    constexpr std::string_view kActions[] = {"install", "upgrade",  "status", "configure",
                                             "remove",  "trigproc", "unpack", "startup"};
    MakeFiles(draws_.Between("package_activity.lines", 1500, 2400), 20,
              [&](GeneratorRandom& random, int64_t seconds) -> std::string {
                if (random.Uniform(50) == 0) return "not a line of the log";
                const std::string action(kActions[random.Skewed(std::size(kActions))]);
                ++counts_[{seconds - seconds % kWindowSeconds, action}];
                return absl::StrCat(TimeText("%Y-%m-%d %H:%M:%S", seconds), " ", action,
                                    " package-", random.Uniform(30));
              });
  }

 private:
  std::vector<std::string> ExpectedRows() const override {
    std::vector<std::string> rows;
    for (const auto& [where, count] : counts_) {
      rows.push_back(absl::StrCat(WindowText(where.first), ",", where.second, ",", count));
    }
    return rows;
  }

  std::map<std::pair<int64_t, std::string>, int64_t> counts_;
};

class WordCount final : public ExampleLogs {
 public:
  static constexpr size_t kTop = 12;

  explicit WordCount(Seed seed)
      : ExampleLogs(seed, "word_count", "window_start,window_end,rank,word,count") {
    MakeFiles(draws_.Between("word_count.lines", 500, 900), 25,
              [&](GeneratorRandom& random, int64_t seconds) {
                std::string line = TimeText("%Y-%m-%dT%H:%M:%S", seconds);
                for (uint64_t words = random.Uniform(12); words > 0; --words) {
                  const std::string word = absl::StrCat("w", random.Skewed(200));
                  absl::StrAppend(&line, random.Uniform(3) == 0 ? ", " : " ", word);
                  ++counts_[seconds - seconds % kWindowSeconds][word];
                }
                return line;
              });
  }
  JobSubmission submission() const override {
    JobSubmission submission = ExampleLogs::submission();
    submission.arguments.emplace_back("timestamps", "true");
    submission.arguments.emplace_back("top", absl::StrCat(kTop));
    return submission;
  }

 private:
  std::vector<std::string> ExpectedRows() const override {
    std::vector<std::string> rows;
    for (const auto& [window, words] : counts_) {
      std::vector<std::pair<int64_t, std::string>> ranked;
      for (const auto& [word, count] : words) ranked.emplace_back(-count, word);
      std::sort(ranked.begin(), ranked.end());
      for (size_t rank = 0; rank < std::min(ranked.size(), kTop); ++rank) {
        rows.push_back(absl::StrCat(WindowText(window), ",", rank + 1, ",", ranked[rank].second,
                                    ",", -ranked[rank].first));
      }
    }
    return rows;
  }

  std::map<int64_t, std::map<std::string, int64_t>> counts_;
};

}  // namespace

std::unique_ptr<Workload> NewPackageActivity(Seed seed) {
  return std::make_unique<PackageActivity>(seed);
}

std::unique_ptr<Workload> NewWordCount(Seed seed) { return std::make_unique<WordCount>(seed); }

}  // namespace weir::sim
