#include "sim/workloads/file_pipelines.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/base/status_macros.h"
#include "sim/workloads/committed_rows.h"
#include "sim/workloads/config_draws.h"
#include "weir/weir.h"

namespace weir::sim {
namespace {

constexpr int64_t kStartSeconds = 1'700'000'000;
constexpr char kHeader[] = "file,line,text";

struct Line {
  int64_t file = 0;
  int64_t line = 0;
  std::string text;
  EventTime time;
};

struct Row {
  int64_t file = 0;
  int64_t line = 0;
  std::string text;
};

// "file,line,text"; lines of a file are a second apart.
absl::StatusOr<Line> ParseLine(std::string_view text, SourcePosition) {
  const std::vector<std::string> fields = absl::StrSplit(std::string(text), ',');
  Line line;
  if (fields.size() != 3 || !absl::SimpleAtoi(fields[0], &line.file) ||
      !absl::SimpleAtoi(fields[1], &line.line)) {
    return absl::InvalidArgumentError("not a file, a line and a text");
  }
  line.text = fields[2];
  line.time = EventTime::FromSeconds(kStartSeconds + line.line);
  return line;
}

struct Setup {
  std::vector<std::string> paths;
  int readers = 2;
  FileSourceOptions options;
};

class FilePipelines final : public Workload {
 public:
  explicit FilePipelines(Seed seed) {
    const ConfigDraws draws(seed);
    duration_ = absl::Milliseconds(draws.Between("file_pipelines.duration_ms", 2000, 8000));
    setup_.readers = static_cast<int>(draws.Between("file_pipelines.readers", 2, 4));
    setup_.options.split_bytes_max =
        draws.OneOf<uint64_t>("file_pipelines.split_bytes", {300, 1500, 64 << 20});
    const int64_t file_count = draws.Between("file_pipelines.files", 3, 16);
    const int64_t line_count = draws.Between("file_pipelines.lines", 1000, 1800);
    std::vector<int64_t> lines(static_cast<size_t>(file_count));
    for (int64_t i = 0; i < line_count; ++i) {
      GeneratorRandom random(seed.value(), i);
      ++lines[random.Skewed(lines.size())];
    }
    for (int64_t file = 0; file < file_count; ++file) {
      std::string& bytes = files_.emplace_back();
      for (int64_t line = 0; line < lines[static_cast<size_t>(file)]; ++line) {
        expected_.push_back(absl::StrCat(file, ",", line, ",t", (file + 7) * line % 1000));
        absl::StrAppend(&bytes, expected_.back(), "\n");
      }
      setup_.paths.push_back(absl::StrCat("/data/part-", file));
    }
    setup_.options.rows_per_second =
        static_cast<int64_t>(expected_.size()) * 1000 / absl::ToInt64Milliseconds(duration_) + 1;
  }

  std::string_view name() const override { return "file_pipelines"; }
  void Prepare(SimWorld& world) override {
    for (size_t i = 0; i < files_.size(); ++i) world.MountReadOnly(setup_.paths[i], files_[i]);
  }
  JobGraphProvider provider() const override {
    return [setup = setup_](const JobSubmission&) { return Build(setup); };
  }
  JobSubmission submission() const override {
    JobSubmission submission;
    submission.job_name = "file_pipelines";
    return submission;
  }
  int slots() const override { return setup_.readers; }
  absl::Duration duration() const override { return duration_; }
  std::vector<std::string> output_folders() const override { return {"/shared/out"}; }

  absl::StatusOr<uint64_t> CheckOutput(FileTree& files, const PartOrigins& origins,
                                       Extent extent) const override {
    WEIR_ASSIGN_OR_RETURN(const std::vector<CommittedRow> rows,
                          ReadCommittedRows(files, "/out", kHeader, origins));
    return CompareRows({"output of file_pipelines", kHeader, 2}, rows, expected_, extent);
  }

 private:
  static absl::StatusOr<JobGraph> Build(const Setup& setup) {
    StreamExecutionEnvironment env("file_pipelines");
    env.FromSource(
           FileSource::Lines(setup.paths, setup.options), ParseLine,
           WatermarkStrategy<Line>::ForMonotonousTimestamps().WithTimestampAssigner(&Line::time))
        .Name("files")
        .Uid("files")
        .SetParallelism(setup.readers)
        .Map([](const Line& line) {
          return Row{line.file, line.line, line.text};
        })
        .SetParallelism(setup.readers)
        .SinkTo(FileSink<Row>::Csv("/shared/out"))
        .Uid("parts")
        .SetParallelism(setup.readers);
    return env.BuildJobGraph();
  }

  Setup setup_;
  absl::Duration duration_;
  std::vector<std::string> files_;
  std::vector<std::string> expected_;
};

}  // namespace

std::unique_ptr<Workload> NewFilePipelines(Seed seed) {
  return std::make_unique<FilePipelines>(seed);
}

}  // namespace weir::sim
