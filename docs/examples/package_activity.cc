// package_activity: what happened to the packages of a Debian machine, hour by hour.
//
//   weir run package_activity --input=/var/log/dpkg.log
//   weir run package_activity --input=/var/log/dpkg.log.1,/var/log/dpkg.log --window=24h --output=/tmp/days
//
// A line of the log is
//
//   2026-05-20 10:11:12 install foo:amd64 <none> 1.2-3
//
// and its third field is what is counted: install, upgrade, remove, status, startup, configure, trigproc, ... A line is
// malformed if it does not start with a date and a time (a space or a T between them), or if no third field follows behind
// a space. Malformed lines, and late ones (more than --disorder behind the latest before them, so that their window is
// closed), are counted and reported, and the job goes on.
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_split.h"
#include "weir/weir.h"

namespace {

using weir::EventTime;

// A line of the log. The engine finds the SourcePosition by its type and names late lines by it.
struct Action {
  EventTime time;
  std::string action;
  weir::SourcePosition position;
};

// A row of the result: the names of its fields are the header of the CSV.
struct ActionCount {
  EventTime window_start;
  EventTime window_end;
  std::string action;
  int64_t count = 0;
};

absl::StatusOr<Action> ParseLine(std::string_view line, weir::SourcePosition position) {
  constexpr size_t kTimeSize = std::string_view("2026-05-20 10:11:12").size();
  const absl::StatusOr<EventTime> time = weir::ParseEventTimeUtc(line.substr(0, kTimeSize));
  if (!time.ok() || line.size() < kTimeSize) {
    return absl::InvalidArgumentError("does not start with a date and time");
  }
  const size_t begin = line.find_first_not_of(' ', kTimeSize);
  if (begin == kTimeSize || begin == std::string_view::npos) {
    return absl::InvalidArgumentError("has fewer than 3 fields");
  }
  const size_t end = line.find(' ', begin);
  return Action{*time, std::string(line.substr(begin, end - begin)), position};
}

void PackageActivity(weir::StreamExecutionEnvironment& env, const weir::JobArgs& args) {
  const std::vector<std::string> files = absl::StrSplit(args.Get("input"), ',');
  const auto window = weir::TumblingEventTimeWindows::Of(args.GetDuration("window"));

  env.FromSource(
         weir::FileSource::Lines(files, {.rows_per_second = args.GetInt("rate")}), ParseLine,
         weir::WatermarkStrategy<Action>::ForBoundedOutOfOrderness(args.GetDuration("disorder"))
             .WithTimestampAssigner(&Action::time))
      .Name("package log")
      .Uid("log")
      .KeyBy(&Action::action)
      .Window(window)
      .Aggregate(weir::Count(),
                 [](const std::string& action, const weir::TimeWindow& in, int64_t count) {
                   return ActionCount{in.start, in.end, action, count};
                 })
      .Name("count per window")
      .Uid("count")
      .SinkTo(weir::FileSink<ActionCount>::Csv(args.Get("output"),
                                               {.overwrite = args.GetBool("fresh")}))
      .Name("csv")
      .Uid("csv");
}

WEIR_JOB(package_activity, PackageActivity,
         weir::JobInfo{
             .description = "Counts the actions in a Debian package log per window of time.",
             .arguments = {
                 {.name = "input",
                  .description = "Package logs, or folders of them, separated by commas.",
                  .required = true},
                 {.name = "output", .description = "Folder for the CSV files."},
                 {.name = "fresh",
                  .description = "Replace earlier results in it.",
                  .default_value = "false"},
                 {.name = "window",
                  .description = "Length of a window, such as 15m or 24h.",
                  .default_value = "1h"},
                 {.name = "disorder",
                  .description = "How far behind the latest line another may come.",
                  .default_value = "1m"},
                 {.name = "rate",
                  .description = "Lines read a second at most; 0: as fast as they can be.",
                  .default_value = "0"},
             }});

}  // namespace
