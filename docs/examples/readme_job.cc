// The job that README.md shows: what is between the two marks stands there word for word, and tests/docs holds it to that.
// clang-format off
// [readme]
#include "weir/weir.h"

struct Click { weir::EventTime time; std::string page; };
struct PageCount { weir::EventTime minute; std::string page; int64_t clicks; };

Click MakeClick(int64_t i, weir::GeneratorRandom& random) {  // 50 clicks a second, from 2026 on.
  return {weir::EventTime::FromSeconds(1'767'225'600 + i / 50), "/page" + std::to_string(random.Skewed(9))};
}
void Clicks(weir::StreamExecutionEnvironment& env, const weir::JobArgs& args) {
  env.FromSource(weir::GeneratorSource<Click>(MakeClick, {.count = args.GetInt("count")}),
                 weir::WatermarkStrategy<Click>::ForMonotonousTimestamps()
                     .WithTimestampAssigner(&Click::time)).Uid("clicks")
      .KeyBy(&Click::page).Window(weir::TumblingEventTimeWindows::Of(absl::Minutes(1)))
      .Aggregate(weir::Count(), [](const std::string& page, const weir::TimeWindow& in, int64_t n) {
        return PageCount{in.start, page, n}; }).Uid("per minute")
      .SinkTo(weir::PrintSink<PageCount>()).Uid("print");
}
WEIR_JOB(clicks, Clicks, weir::JobInfo{"Counts made-up clicks per page.", {{"count", "How many.", "10000"}}});
// [readme]
