// What the data plane costs between TaskManagers, in one run of less than two minutes:
//
//   ./bazelw run //tests/bench:exchange_bench                on a quiet machine
//   ./bazelw run //tests/bench:exchange_bench -- --smoke     a few rows, only to see that it works
//
// source -> map -> by key -> sink, for rows of 48 bytes and for rows of 150 with a text: everything in one thread; source and sink in
// two TaskManagers of one process; and in two processes over gRPC. A line each: millions of records per second and nanoseconds of
// processor per record, user and system, of all processes. Each figure is the median of its rounds.
//
// Then a bare gRPC stream of as many bytes in as many frames, as a program without more ado has it (malloc as it comes, two threads
// that do nothing else), and what gRPC costs the job: the processor time over gRPC less that in one process, as a ratio to the bare
// stream's. Above 1.3 is too much. At last one TaskManager against two where every subtask reads and sinks. Exits with 1 if a ratio is
// over its limit, but not with --smoke.
#include <sys/resource.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "tests/bench/exchange_job.h"
#include "tests/bench/measured_cluster.h"
#include "tests/grpc/bare_stream.h"

namespace weir::bench {
namespace {

constexpr double kGrpcLimit = 1.3;
constexpr int64_t kFrameHeaderBytes = 40;
constexpr int64_t kFrameBytes = 32 * 1024;

struct Sizes {
  int64_t rows = 0;
  int rounds = 0;
};

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// Nanoseconds per record.
struct PerRecord {
  double wall = 0;
  double processor = 0;
};

PerRecord MedianOf(int rounds, int64_t rows, const std::function<Cost()>& run) {
  std::vector<double> wall, processor;
  for (int i = 0; i < rounds; ++i) {
    const Cost cost = run();
    wall.push_back(cost.seconds);
    processor.push_back(cost.processor);
  }
  const double to_ns = 1e9 / static_cast<double>(rows);
  return {Median(wall) * to_ns, Median(processor) * to_ns};
}

void Print(const std::string& name, const PerRecord& cost) {
  std::printf("%-42s %8.2f M records/s %8.1f ns of processor per record\n", name.c_str(),
              1e3 / cost.wall, cost.processor);
  std::fflush(stdout);
}

PerRecord Measure(MeasuredCluster& cluster, const ExchangeJob& job, int rounds) {
  ExchangeJob warm = job;
  warm.rows = std::max<int64_t>(1, job.rows / 10);
  cluster.Run(SubmissionOf(warm), warm.rows);
  return MedianOf(rounds, job.rows, [&] { return cluster.Run(SubmissionOf(job), job.rows); });
}

double OwnProcessorSeconds() {
  rusage usage = {};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

// The frames that the rows make, over a bare stream.
PerRecord MeasureBare(int row, const Sizes& sizes) {
  const int64_t rows_per_frame = kFrameBytes / BytesInFrame(row) + 1;
  const int64_t frames = sizes.rows / rows_per_frame + 1;
  const size_t bytes = static_cast<size_t>(rows_per_frame * BytesInFrame(row) + kFrameHeaderBytes);
  return MedianOf(sizes.rounds, sizes.rows, [&] {
    const double before = OwnProcessorSeconds();
    const double seconds = TimeBareStream(static_cast<int>(frames), bytes);
    return Cost{seconds, OwnProcessorSeconds() - before};
  });
}

// True if gRPC costs too much.
bool CompareNetworks(int row, const Sizes& sizes) {
  const std::string of_row = std::to_string(row) + "-byte rows, ";
  const ExchangeJob job{.row = row, .rows = sizes.rows};
  const PerRecord thread = Measure(*NewOneThread(BuildExchange), job, sizes.rounds);
  const PerRecord process = Measure(*NewOneProcess(BuildExchange), job, sizes.rounds);
  const PerRecord over_grpc = Measure(*NewProcesses(BuildExchange, 2), job, sizes.rounds);
  const PerRecord bare = MeasureBare(row, sizes);
  Print(of_row + "one thread", thread);
  Print(of_row + "two TaskManagers, one process", process);
  Print(of_row + "two processes, gRPC", over_grpc);
  Print(of_row + "bare gRPC stream", bare);
  const double share = over_grpc.processor - process.processor;
  const double ratio = share / bare.processor;
  std::printf("%-42s %8.2f (%.1f of %.1f ns per record; limit %.1f) %s\n",
              (of_row + "gRPC of the job / bare").c_str(), ratio, share, bare.processor, kGrpcLimit,
              ratio <= kGrpcLimit ? "ok" : "over");
  return ratio > kGrpcLimit;
}

void CompareTaskManagers(int row, const Sizes& sizes) {
  double first = 0;
  for (const int count : {1, 2}) {
    const auto cluster = NewProcesses(BuildExchange, count);
    const ExchangeJob job{.row = row, .rows = sizes.rows, .spread = true};
    const PerRecord cost = Measure(*cluster, job, sizes.rounds);
    Print(std::to_string(row) + "-byte rows, all to all, TaskManagers: " + std::to_string(count),
          cost);
    if (count == 1) first = cost.wall;
    if (count == 2) std::printf("%-42s %8.2f\n", "  two against one", first / cost.wall);
  }
}

int Run(bool smoke) {
  bool over = false;
  for (const int row : {48, 150}) {
    const int64_t rows = row == 48 ? 5'000'000 : 2'000'000;
    const Sizes sizes = smoke ? Sizes{20'000, 1} : Sizes{rows, 5};
    over |= CompareNetworks(row, sizes);
    CompareTaskManagers(row, sizes);
  }
  return over && !smoke ? 1 : 0;
}

}  // namespace
}  // namespace weir::bench

int main(int argc, char** argv) {
  weir::bench::ServeTaskManager(argc, argv, weir::bench::BuildExchange);
  return weir::bench::Run(argc > 1 && std::strcmp(argv[1], "--smoke") == 0);
}
