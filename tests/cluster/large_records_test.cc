// Records larger than a frame: through exchanges, state, checkpoints and restores, over every network. And those that are too large.
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "connectors/collect/collect_sink.h"
#include "connectors/generator/generator_source.h"
#include "core/types/frame.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/cluster/job_runner.h"
#include "transport/grpc/grpc_options.h"
#include "weir/weir.h"

namespace weir {
namespace {

using ::testing::HasSubstr;

constexpr int64_t kBlobs = 60;
constexpr int64_t kKeys = 4;

struct Blob {
  int64_t id = 0;
  int64_t key = 0;
  int64_t count = 1;
  std::string bytes;
};

struct Outcome {
  int64_t key = 0;
  int64_t count = 0;
  int64_t id = 0;
  int64_t size = 0;
  bool intact = false;

  friend auto operator<=>(const Outcome&, const Outcome&) = default;
  friend void PrintTo(const Outcome& row, std::ostream* out) {
    *out << row.key << ": " << row.count << " rows, the last " << row.id << " of " << row.size
         << (row.intact ? "" : " damaged");
  }
};

// Of every key some are smaller than a frame, and some ninety times as large.
size_t SizeOf(int64_t id) {
  constexpr size_t kSizes[] = {10, 40'000, 300'000, 3'000'000, 33'000};
  return kSizes[static_cast<size_t>(id) % std::size(kSizes)];
}
char FillOf(int64_t id) { return static_cast<char>('a' + id % 26); }

// Keeps the blob of the greatest id, and counts.
absl::StatusOr<JobGraph> BuildNewest(const CollectSink<Outcome>& sink,
                                     const std::function<void(const Blob&)>& on_blob) {
  StreamExecutionEnvironment env("newest");
  env.FromSource(GeneratorSource<Blob>(
                     [](int64_t index, GeneratorRandom&) {
                       return Blob{.id = index,
                                   .key = index % kKeys,
                                   .count = 1,
                                   .bytes = std::string(SizeOf(index), FillOf(index))};
                     },
                     {.count = kBlobs, .rows_per_second = 100, .shards = 1}))
      .Name("blobs")
      .Uid("blobs")
      .Filter([on_blob](const Blob& blob) {
        on_blob(blob);
        return true;
      })
      .KeyBy(&Blob::key)
      .Reduce([](Blob& so_far, const Blob& next) {
        so_far.count += next.count;
        if (next.id < so_far.id) return;
        so_far.id = next.id;
        so_far.bytes = next.bytes;
      })
      .Uid("newest")
      .Map([](const Blob& blob) {
        return Outcome{
            .key = blob.key,
            .count = blob.count,
            .id = blob.id,
            .size = static_cast<int64_t>(blob.bytes.size()),
            .intact = blob.bytes.find_first_not_of(FillOf(blob.id)) == std::string::npos};
      })
      .SinkTo(sink)
      .Uid("sink");
  return env.BuildJobGraph();
}

// One row for each blob.
std::vector<Outcome> Expected() {
  std::vector<Outcome> rows;
  std::map<int64_t, int64_t> counts;
  for (int64_t id = 0; id < kBlobs; ++id) {
    rows.push_back({.key = id % kKeys,
                    .count = ++counts[id % kKeys],
                    .id = id,
                    .size = static_cast<int64_t>(SizeOf(id)),
                    .intact = true});
  }
  std::sort(rows.begin(), rows.end());
  return rows;
}

enum class Where : uint8_t { kSimulated, kInProcess, kGrpc };

std::string NameOf(const ::testing::TestParamInfo<Where>& where) {
  constexpr const char* kNames[] = {"Simulated", "InProcess", "Grpc"};
  return kNames[static_cast<size_t>(where.param)];
}

class LargeRecordsTest : public ::testing::TestWithParam<Where> {
 protected:
  RunOptions Options() {
    RunOptions options;
    options.cluster.task_managers = 2;
    options.cluster.task_manager.slots = 1;
    options.parallelism = 2;
    if (GetParam() == Where::kSimulated) options.simulated_seed = 1;
    options.over_grpc = GetParam() == Where::kGrpc;
    return options;
  }
};

INSTANTIATE_TEST_SUITE_P(Networks, LargeRecordsTest,
                         ::testing::Values(Where::kSimulated, Where::kInProcess, Where::kGrpc),
                         NameOf);

TEST_P(LargeRecordsTest, PassThroughExchangesStateCheckpointsAndRestores) {
  RunOptions options = Options();
  options.checkpoint_interval = absl::Milliseconds(30);
  if (GetParam() != Where::kSimulated) {
    options.checkpoint_folder = std::string(std::getenv("TEST_TMPDIR")) + "/" +
                                std::to_string(::getpid()) + "-" +
                                std::to_string(static_cast<int>(GetParam()));
  }
  options.restart_attempts = 3;
  std::atomic<bool> failed = false;
  std::atomic<int64_t> first_after = kBlobs;
  CollectSink<Outcome> sink;
  const RunOutcome run = RunJob(
      [&] {
        return BuildNewest(sink, [&](const Blob& blob) {
          if (failed) {
            if (blob.id < first_after) first_after = blob.id;
          } else if (blob.id == kBlobs * 3 / 4) {
            failed = true;
            throw std::runtime_error("planned failure");
          }
        });
      },
      options);
  ASSERT_EQ(run.result.state, JobState::kFinished) << run.result.status;
  EXPECT_EQ(run.result.restarts, 1);
  EXPECT_GT(first_after, 0) << "it began anew: nothing was restored";
  std::vector<Outcome> rows = sink.rows();
  std::sort(rows.begin(), rows.end());
  EXPECT_EQ(rows, Expected());
}

TEST_P(LargeRecordsTest, OneOverTheBoundFailsTheJobByName) {
  RunOptions options = Options();
  options.cluster.task_manager.record_bytes_max = 1 << 20;
  CollectSink<Outcome> sink;
  const RunOutcome run =
      RunJob([&] { return BuildNewest(sink, [](const Blob&) {}); }, std::move(options));
  EXPECT_EQ(run.result.state, JobState::kFailed);
  EXPECT_EQ(run.result.status.code(), absl::StatusCode::kResourceExhausted);
  const std::string why(run.result.status.message());
  for (const char* part : {"operator 'filter'", ", subtask ", "/2: a record of 3000036 bytes",
                           "1048576", "taskmanager.memory.record-size-max", "record: "}) {
    EXPECT_THAT(why, HasSubstr(part));
  }
  EXPECT_LT(why.size(), 1000u);
}

TEST(LargeRecordsBoundsTest, TheNetworkTakesTheLargestRecord) {
  EXPECT_GT(GrpcNetworkOptions().message_bytes_max,
            kRecordBytesMaxDefault + kFrameBytesMaxDefault + kFrameHeaderBytes);
  EXPECT_LT(kRecordBytesMax + kFrameBytesMaxDefault, kFramePayloadBytesMax);
}

}  // namespace
}  // namespace weir
