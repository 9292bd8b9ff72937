// The engine against a hand-written loop, in one process:
//
//   ./bazelw run //tests/bench:data_plane
//
// A row each: `name engine_ns reference_ns ratio limit ok|over|noisy`, nanoseconds per record. Engine and loop take turns; both
// figures are medians of nine runs, and both must compute the same. "noisy": the ratio of the medians is over the limit but that of
// the best runs is not, so the machine was busy with something else. Exits 1 if any row is over.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <future>
#include <string>
#include <vector>

#include "cli/env/production_env.h"
#include "core/base/check.h"
#include "core/cluster/mini_cluster.h"
#include "tests/bench/checksum_sink.h"
#include "tests/bench/memory_source.h"
#include "tests/bench/reference_loops.h"
#include "weir/weir.h"

namespace weir::bench {
namespace {

constexpr int kRuns = 9;
constexpr double kLimit = 2.5;
constexpr int64_t kChainEvents = 8'000'000;
constexpr int64_t kCountEvents = 4'000'000;
constexpr int64_t kKeys = 10'000;
constexpr int64_t kWindowUs = 1'000'000;

double SecondsOf(const std::function<void()>& run) {
  const auto start = std::chrono::steady_clock::now();
  run();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Runs the job once, on a cluster that is up already.
void RunJob(MiniCluster& cluster) {
  std::promise<void> done;
  JobResult result;
  cluster.Submit({.job_name = "bench", .arguments = {}, .parallelism = 1}, nullptr,
                 [&](JobResult r) {
                   result = std::move(r);
                   done.set_value();
                 });
  done.get_future().wait();
  WEIR_CHECK(result.state == JobState::kFinished) << result.status;
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

struct Case {
  std::string name;
  int64_t records;
  std::function<absl::StatusOr<JobGraph>()> build;
  std::function<void()> reference;
  std::function<bool()> same_result;
};

// Returns true if the row is over its limit.
bool RunCase(const Case& c) {
  ProductionEnv env({.worker_count = 1});
  MiniCluster cluster(env, [&c](const JobSubmission&) { return c.build(); }, {});
  std::vector<double> engine;
  std::vector<double> reference;
  for (int i = 0; i < kRuns; ++i) {
    reference.push_back(SecondsOf(c.reference));
    engine.push_back(SecondsOf([&] { RunJob(cluster); }));
    WEIR_CHECK(c.same_result()) << c.name << ": engine and loop compute different results";
  }
  const double to_ns = 1e9 / static_cast<double>(c.records);
  const double ratio = Median(engine) / Median(reference);
  const double best_ratio = *std::min_element(engine.begin(), engine.end()) /
                            *std::min_element(reference.begin(), reference.end());
  const bool over = ratio > kLimit && best_ratio > kLimit;
  const char* verdict = ratio <= kLimit ? "ok" : over ? "over" : "noisy";
  std::printf("%-24s %9.2f %12.2f %6.2f %6.2f %s\n", c.name.c_str(), Median(engine) * to_ns,
              Median(reference) * to_ns, ratio, kLimit, verdict);
  std::fflush(stdout);
  return over;
}

Case StatelessChain() {
  static const std::vector<Event>& events =
      *new std::vector<Event>(MakeEvents(kChainEvents, kKeys));
  static ChainResult engine;
  static ChainResult reference;
  Case c{.name = "stateless_chain_of_five",
         .records = kChainEvents,
         .build = {},
         .reference = {},
         .same_result = {}};
  c.build = [] {
    const auto fold = [](const Event& event, ChainResult& result) {
      ++result.rows;
      result.checksum += static_cast<uint64_t>(event.value);
    };
    StreamExecutionEnvironment env("chain");
    env.FromSource(MemorySource<Event>(&events))
        .Uid("events")
        .Map([](Event& event) { Scale(event); })
        .Filter([](const Event& event) { return IsOdd(event); })
        .Map([](Event& event) { Mix(event); })
        .Filter([](const Event& event) { return IsSmall(event); })
        .Map([](Event& event) { Shift(event); })
        .SinkTo(ChecksumSink<Event, ChainResult, decltype(fold)>(&engine, fold))
        .Uid("sum");
    return env.BuildJobGraph();
  };
  c.reference = [] { reference = ChainOfFive(events); };
  c.same_result = [] { return engine == reference; };
  return c;
}

struct KeyCount {
  EventTime window_start;
  int64_t key = 0;
  int64_t count = 0;
};

Case KeyedTumblingCount() {
  static const std::vector<Event>& events =
      *new std::vector<Event>(MakeEvents(kCountEvents, kKeys));
  static CountResult engine;
  static CountResult reference;
  Case c{.name = "keyed_tumbling_count",
         .records = kCountEvents,
         .build = {},
         .reference = {},
         .same_result = {}};
  c.build = [] {
    const auto fold = [](const KeyCount& row, CountResult& result) {
      ++result.rows;
      result.checksum += MixCount(row.window_start.micros(), row.key, row.count);
    };
    StreamExecutionEnvironment env("count");
    env.FromSource(MemorySource<Event>(&events),
                   WatermarkStrategy<Event>::ForBoundedOutOfOrderness(absl::ZeroDuration())
                       .WithTimestampAssigner([](const Event& event) { return event.time; }))
        .Uid("events")
        .KeyBy(&Event::key)
        .Window(TumblingEventTimeWindows::Of(absl::Microseconds(kWindowUs)))
        .Aggregate(Count(),
                   [](const int64_t& key, const TimeWindow& window, const int64_t& count) {
                     return KeyCount{window.start, key, count};
                   })
        .Uid("counts")
        .SinkTo(ChecksumSink<KeyCount, CountResult, decltype(fold)>(&engine, fold))
        .Uid("sum");
    return env.BuildJobGraph();
  };
  c.reference = [] { reference = TumblingCount(events, kWindowUs); };
  c.same_result = [] { return engine == reference; };
  return c;
}

}  // namespace
}  // namespace weir::bench

int main() {
  std::printf("%-24s %9s %12s %6s %6s\n", "name", "engine_ns", "reference_ns", "ratio", "limit");
  bool over = false;
  over |= weir::bench::RunCase(weir::bench::StatelessChain());
  over |= weir::bench::RunCase(weir::bench::KeyedTumblingCount());
  return over ? 1 : 0;
}
