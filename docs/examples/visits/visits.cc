// visits: how often each page of a site is visited in each hour, and by how many different people.
//
// The visits are made up, always the same ones, so that the job runs anywhere; a job of your own would read them from somewhere.
#include <algorithm>
#include <string>
#include <vector>

#include "weir/weir.h"

namespace {

using weir::EventTime;

struct Visit {
  EventTime time;
  std::string page;
  int64_t visitor = 0;
};

struct Visits {
  int64_t count = 0;
  std::vector<int64_t> visitors;  // Sorted.

  void AddVisitor(int64_t visitor) {
    const auto at = std::lower_bound(visitors.begin(), visitors.end(), visitor);
    if (at == visitors.end() || *at != visitor) visitors.insert(at, visitor);
  }
};

// A row of the result: the names of its fields are the header of the CSV.
struct PageHour {
  EventTime hour;
  std::string page;
  int64_t visits = 0;
  int64_t visitors = 0;
};

// Ten visits a minute from the first day of 2026 on, up to 30 s out of order.
Visit MakeVisit(int64_t i, weir::GeneratorRandom& random) {
  const int64_t second = 1'767'225'600 + 6 * i - random.UniformInclusive(0, 30);
  const uint64_t page = random.Skewed(20);
  return {EventTime::FromSeconds(second), "/page/" + std::to_string(page),
          random.UniformInclusive(1, 500)};
}

struct CountVisits {
  using Accumulator = Visits;
  Visits CreateAccumulator() const { return {}; }
  void Add(const Visit& visit, Visits& visits) const {
    ++visits.count;
    visits.AddVisitor(visit.visitor);
  }
  Visits GetResult(const Visits& visits) const { return visits; }
  void Merge(const Visits& from, Visits& into) const {
    into.count += from.count;
    for (const int64_t visitor : from.visitors) into.AddVisitor(visitor);
  }
};

void BuildVisits(weir::StreamExecutionEnvironment& env, const weir::JobArgs& args) {
  env.FromSource(weir::GeneratorSource<Visit>(MakeVisit, {.count = args.GetInt("count"),
                                                          .rows_per_second = args.GetInt("rate")}),
                 weir::WatermarkStrategy<Visit>::ForBoundedOutOfOrderness(absl::Seconds(30))
                     .WithTimestampAssigner(&Visit::time))
      .Uid("visits")
      .KeyBy(&Visit::page)
      .Window(weir::TumblingEventTimeWindows::Of(absl::Hours(1)))
      .Aggregate(CountVisits(),
                 [](const std::string& page, const weir::TimeWindow& in, const Visits& visits) {
                   return PageHour{in.start, page, visits.count,
                                   static_cast<int64_t>(visits.visitors.size())};
                 })
      .Uid("per hour")
      .SinkTo(
          weir::FileSink<PageHour>::Csv(args.Get("output"), {.overwrite = args.GetBool("fresh")}))
      .Uid("csv");
}

WEIR_JOB(visits, BuildVisits,
         weir::JobInfo{
             .description = "Counts the visits and visitors of each page and hour.",
             .arguments = {
                 {.name = "output", .description = "Folder for the CSV files."},
                 {.name = "fresh",
                  .description = "Replace earlier results in it.",
                  .default_value = "false"},
                 {.name = "count", .description = "How many visits.", .default_value = "20000"},
                 {.name = "rate",
                  .description = "Visits a second at most; 0: as fast as they can be.",
                  .default_value = "0"},
             }});

}  // namespace
