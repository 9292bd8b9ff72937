// A slow sink holds its sources back: what is between them stays within the bound that docs/ARCHITECTURE.md gives, however long it
// lasts and whatever network they use.
#include <algorithm>
#include <atomic>
#include <string>

#include "connectors/generator/generator_source.h"
#include "core/types/batch.h"
#include "core/types/frame.h"
#include "gtest/gtest.h"
#include "tests/cluster/job_runner.h"
#include "tests/cluster/paced_sink.h"
#include "weir/weir.h"

namespace weir {
namespace {

constexpr int64_t kRows = 40'000;
constexpr int64_t kParallelism = 2;
constexpr size_t kTextBytes = 1000;

struct Row {
  int64_t index = 0;
  std::string text;
};

// Rows that were made and not yet taken, at most.
struct Ahead {
  std::atomic<int64_t> made = 0;
  std::atomic<int64_t> taken = 0;
  std::atomic<int64_t> most = 0;

  void OnMade() {
    const int64_t now = ++made - taken;
    int64_t before = most;
    while (before < now && !most.compare_exchange_weak(before, now)) {
    }
  }
};

absl::StatusOr<JobGraph> Build(Ahead& ahead, int64_t rows_per_second) {
  StreamExecutionEnvironment env("slow sink");
  env.FromSource(GeneratorSource<Row>(
                     [&ahead](int64_t index, GeneratorRandom&) {
                       ahead.OnMade();
                       return Row{index, std::string(kTextBytes, 'x')};
                     },
                     {.count = kRows}))
      .Uid("rows")
      .Rebalance()
      .SinkTo(PacedSink<Row>(rows_per_second, &ahead.taken))
      .Uid("slow");
  return env.BuildJobGraph();
}

// Of rows that are all alike: what channels may hold, and batches in the hands of subtasks: of each source one that the reader has
// made, one that the operator puts out, and one in frames that wait for credit; of each sink one that it works on.
int64_t Bound(int64_t credit) {
  const int64_t rows_per_frame = static_cast<int64_t>(kFrameBytesMaxDefault / kTextBytes) + 1;
  const int64_t channels = kParallelism * kParallelism;
  const int64_t batches = kParallelism * 4;
  return channels * (credit + 1) * rows_per_frame + batches * static_cast<int64_t>(kBatchRowsMax);
}

enum class Where : uint8_t { kSimulated, kInProcess, kGrpc };

std::string NameOf(const ::testing::TestParamInfo<Where>& where) {
  constexpr const char* kNames[] = {"Simulated", "InProcess", "Grpc"};
  return kNames[static_cast<size_t>(where.param)];
}

class BackPressureTest : public ::testing::TestWithParam<Where> {
 protected:
  int64_t MostAhead(int64_t credit) {
    Ahead ahead;
    RunOptions options;
    options.cluster.task_managers = 2;
    options.cluster.task_manager.slots = 1;
    options.cluster.task_manager.frames_in_flight_per_channel = credit;
    options.parallelism = kParallelism;
    if (GetParam() == Where::kSimulated) options.simulated_seed = 1;
    options.over_grpc = GetParam() == Where::kGrpc;
    // In virtual time sources are slow, too.
    const int64_t rows_per_second = GetParam() == Where::kSimulated ? 100 : 15'000;
    const RunOutcome run =
        RunJob([&] { return Build(ahead, rows_per_second); }, std::move(options));
    EXPECT_EQ(run.result.state, JobState::kFinished) << run.result.status;
    EXPECT_EQ(ahead.taken, kRows);
    return ahead.most;
  }
};

INSTANTIATE_TEST_SUITE_P(Networks, BackPressureTest,
                         ::testing::Values(Where::kSimulated, Where::kInProcess, Where::kGrpc),
                         NameOf);

TEST_P(BackPressureTest, WhatIsUnderWayIsBounded) {
  for (const int64_t credit : {1, 8}) {
    const int64_t most = MostAhead(credit);
    EXPECT_LE(most, Bound(credit)) << "credit " << credit;
    EXPECT_GE(most, Bound(credit) / 10) << "credit " << credit << ": nothing had to wait";
  }
}

// That the source would have run ahead, and that this is what shows.
TEST_P(BackPressureTest, CreditIsWhatBoundsIt) { EXPECT_GT(MostAhead(100'000), 2 * Bound(8)); }

}  // namespace
}  // namespace weir
