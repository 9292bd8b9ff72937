// The job of slow_sink_test: a source that makes rows as fast as it can, an exchange by key, and a sink that takes so many rows per second
// in each subtask.
#include <atomic>
#include <cstdint>
#include <string>

#include "tests/cluster/paced_sink.h"
#include "weir/weir.h"

namespace {

struct Row {
  int64_t key = 0;
  std::string text;
};

constexpr int64_t kKeys = 1000;
constexpr size_t kTextBytes = 150;

void SlowSink(weir::StreamExecutionEnvironment& env, const weir::JobArgs& args) {
  static std::atomic<int64_t> taken;
  env.FromSource(weir::GeneratorSource<Row>(
                     [](int64_t index, weir::GeneratorRandom&) {
                       const char letter = static_cast<char>('a' + index % 26);
                       return Row{index % kKeys, std::string(kTextBytes, letter)};
                     },
                     {}))
      .Uid("rows")
      .KeyBy(&Row::key)
      .Reduce([](Row& newest, const Row& next) { newest = next; })
      .Uid("newest")
      .SinkTo(weir::PacedSink<Row>(args.GetInt("rate"), &taken))
      .Uid("slow");
}
WEIR_JOB(slow_sink, SlowSink,
         weir::JobInfo{.description = "Never ends.", .arguments = {{.name = "rate"}}});

}  // namespace
