// Jobs for the tests of the command line, in a binary of their own: //:weir_main and a job is all that takes.
#include <algorithm>
#include <stdexcept>
#include <string>
#include <string_view>

#include "weir/weir.h"

namespace {

struct Tick {
  int64_t index = 0;
  weir::EventTime time;
};

weir::DataStream<Tick> Ticks(weir::StreamExecutionEnvironment& env,
                             weir::GeneratorOptions options) {
  return env
      .FromSource(weir::GeneratorSource<Tick>(
                      [](int64_t index, weir::GeneratorRandom&) {
                        return Tick{index, weir::EventTime::FromSeconds(1'767'225'600 + index)};
                      },
                      options),
                  weir::WatermarkStrategy<Tick>::ForMonotonousTimestamps().WithTimestampAssigner(
                      &Tick::time))
      .Name("ticks")
      .Uid("ticks");
}

// Runs until it is stopped, unless told how many rows there are.
void Endless(weir::StreamExecutionEnvironment& env, const weir::JobArgs& args) {
  weir::GeneratorOptions options{.rows_per_second = args.GetInt("rate")};
  if (args.GetInt("limit") > 0) options.count = args.GetInt("limit");
  Ticks(env, options).SinkTo(weir::FileSink<Tick>::Csv(args.Get("output"))).Uid("csv");
}
WEIR_JOB(endless, Endless,
         weir::JobInfo{.description = "Never ends.",
                       .arguments = {{.name = "output"},
                                     {.name = "limit", .default_value = "0"},
                                     {.name = "rate", .default_value = "1000"}}});

// The sum of the indices per last digit and 20 s: keyed state, and half as many rows out as in.
void Sums(weir::StreamExecutionEnvironment& env, const weir::JobArgs& args) {
  weir::GeneratorOptions options{.count = args.GetInt("limit"),
                                 .rows_per_second = args.GetInt("rate")};
  Ticks(env, options)
      .KeyBy([](const Tick& tick) { return tick.index % 10; })
      .Window(weir::TumblingEventTimeWindows::Of(absl::Seconds(20)))
      .Reduce([](Tick& sum, const Tick& next) {
        sum.index += next.index;
        sum.time = std::max(sum.time, next.time);
      })
      .Uid("sums")
      .SinkTo(weir::FileSink<Tick>::Csv(args.Get("output"), {.overwrite = args.GetBool("fresh")}))
      .Uid("csv");
}
WEIR_JOB(sums, Sums,
         weir::JobInfo{.arguments = {{.name = "output"},
                                     {.name = "limit", .default_value = "3000"},
                                     {.name = "rate", .default_value = "1500"},
                                     {.name = "fresh", .default_value = "false"}}});

struct Line {
  std::string text;
};

// The lines of a file, a thousand per second.
void Lines(weir::StreamExecutionEnvironment& env, const weir::JobArgs& args) {
  env.FromSource(
         weir::FileSource::Lines(args.Get("input"), {.rows_per_second = 1000}),
         [](std::string_view line, weir::SourcePosition) -> absl::StatusOr<Line> {
           return Line{std::string(line)};
         },
         weir::WatermarkStrategy<Line>::NoWatermarks())
      .Uid("lines")
      .SinkTo(weir::FileSink<Line>::Csv(args.Get("output")))
      .Uid("csv");
}
WEIR_JOB(lines, Lines, weir::JobInfo{.arguments = {{.name = "input"}, {.name = "output"}}});

// Fails in a user's function.
void Throws(weir::StreamExecutionEnvironment& env, const weir::JobArgs&) {
  Ticks(env, {.count = 100})
      .Map([](Tick tick) {
        if (tick.index == 42) throw std::runtime_error("forty-two");
        return tick;
      })
      .Name("divide")
      .SinkTo(weir::CollectSink<Tick>())
      .Uid("nowhere");
}
WEIR_JOB(throws, Throws);

// Its function never returns, so it cannot be cancelled in order.
void Stuck(weir::StreamExecutionEnvironment& env, const weir::JobArgs& args) {
  Ticks(env, {.count = 100})
      .Map([](Tick tick) {
        volatile bool forever = true;
        while (forever) {
        }
        return tick;
      })
      .SinkTo(weir::FileSink<Tick>::Csv(args.Get("output")))
      .Uid("csv");
}
WEIR_JOB(stuck, Stuck, weir::JobInfo{.arguments = {{.name = "output"}}});

// Is refused before it runs.
void Unfinished(weir::StreamExecutionEnvironment& env, const weir::JobArgs&) {
  Ticks(env, {.count = 1});
}
WEIR_JOB(unfinished, Unfinished);

}  // namespace
