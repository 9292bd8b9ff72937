// split_log: what package_activity makes of its lines, from a log that is cut into byte ranges so small that also a short one
// has many. Lines start with "2026-05-20 10:11:12 action"; others that do not start with a time are malformed.
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_split.h"
#include "weir/weir.h"

namespace {

struct Action {
  weir::EventTime time;
  std::string action;
  weir::SourcePosition position;
};

struct ActionCount {
  weir::EventTime window_start;
  weir::EventTime window_end;
  std::string action;
  int64_t count = 0;
};

absl::StatusOr<Action> ParseLine(std::string_view line, weir::SourcePosition position) {
  constexpr size_t kTimeSize = std::string_view("2026-05-20 10:11:12").size();
  const absl::StatusOr<weir::EventTime> time = weir::ParseEventTimeUtc(line.substr(0, kTimeSize));
  if (!time.ok() || line.size() <= kTimeSize) return absl::InvalidArgumentError("has no time");
  const std::string_view rest = line.substr(kTimeSize + 1);
  return Action{*time, std::string(rest.substr(0, rest.find(' '))), position};
}

void SplitLog(weir::StreamExecutionEnvironment& env, const weir::JobArgs& args) {
  const std::vector<std::string> files = absl::StrSplit(args.Get("input"), ',');
  const uint64_t split_bytes = static_cast<uint64_t>(args.GetInt("split_bytes"));
  // Blocks and chunks are smaller still, so that a range takes many turns.
  env.FromSource(
         weir::FileSource::Lines(
             files, {.split_bytes_max = split_bytes, .block_bytes = 700, .lines_per_chunk_max = 8}),
         ParseLine,
         weir::WatermarkStrategy<Action>::ForBoundedOutOfOrderness(absl::Minutes(1))
             .WithTimestampAssigner(&Action::time))
      .Uid("log")
      .KeyBy(&Action::action)
      .Window(weir::TumblingEventTimeWindows::Of(absl::Hours(1)))
      .Aggregate(weir::Count(),
                 [](const std::string& action, const weir::TimeWindow& in, int64_t count) {
                   return ActionCount{in.start, in.end, action, count};
                 })
      .Uid("count")
      .SinkTo(weir::FileSink<ActionCount>::Csv(args.Get("output")))
      .Uid("csv");
}

WEIR_JOB(split_log, SplitLog,
         weir::JobInfo{
             .description = "Counts the actions in a log that is read in small ranges.",
             .arguments = {
                 {.name = "input", .description = "Logs.", .required = true},
                 {.name = "output", .description = "Folder for the CSV files."},
                 {.name = "split_bytes", .description = "Length of a range.", .required = true},
             }});

}  // namespace
