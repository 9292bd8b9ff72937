#include "tests/bench/exchange_job.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/key_group.h"
#include "core/types/key_codec.h"
#include "tests/bench/checksum_sink.h"
#include "tests/bench/loop_source.h"
#include "weir/weir.h"

namespace weir::bench {
namespace {

constexpr size_t kTableRows = 4096;
constexpr size_t kTextBytes = 138;
constexpr int kMaxParallelism = 128;

struct Numbers {
  int64_t key = 0;
  int64_t a = 0;
  int64_t b = 0;
  int64_t c = 0;
  int64_t d = 0;
  int64_t e = 0;
};
struct Text {
  int64_t key = 0;
  std::string text;
};

void Change(Numbers& row) { row.a = row.a * 3 + row.b; }
void Change(Text& row) { row.text[0] = static_cast<char>('a' + row.key % 26); }
void Fill(int64_t i, Numbers& row) { row.a = row.b = row.c = row.d = row.e = i; }
void Fill(int64_t i, Text& row) { row.text.assign(kTextBytes, static_cast<char>('a' + i % 26)); }
uint64_t Weigh(const Numbers& row) { return static_cast<uint64_t>(row.a); }
uint64_t Weigh(const Text& row) { return row.text.size() + static_cast<uint64_t>(row.text[0]); }

template <class T>
std::vector<T> Table(bool spread) {
  std::vector<T> table;
  for (int64_t key = 0; table.size() < kTableRows; ++key) {
    if (!spread && SubtaskForHash(KeyHash(key), kMaxParallelism, 2) != 1) continue;
    T& row = table.emplace_back();
    row.key = key;
    Fill(static_cast<int64_t>(table.size()), row);
  }
  return table;
}

struct Sum {
  uint64_t value = 0;
};

// Rows with equal keys meet; KeyBy offers operators with state only.
template <class T, class Stream>
DataStream<T> Exchange(const Stream& stream) {
  const auto key = [](const T& row) { return row.key; };
  return {StreamOrigin{stream.origin().builder,
                       api_internal::KeyedEdges<T>(stream.origin().edges, key), std::nullopt},
          NoRun()};
}

template <class T>
absl::StatusOr<JobGraph> Build(int64_t rows, bool spread) {
  static Sum
      sum;  // So that rows are looked at. The subtasks of a process share it: nobody reads it.
  const auto fold = [](const T& row, Sum& into) { into.value += Weigh(row); };
  StreamExecutionEnvironment env("exchange");
  auto source = env.FromSource(LoopSource<T>(Table<T>(spread), rows)).Name("source").Uid("source");
  if (!spread) source = source.SetParallelism(1);
  auto mapped = source.Map([](T& row) { Change(row); });
  if (!spread) mapped = mapped.SetParallelism(1);
  Exchange<T>(mapped)
      .SinkTo(ChecksumSink<T, Sum, decltype(fold)>(&sum, fold))
      .Name("sink")
      .Uid("sink");
  return env.BuildJobGraph();
}

}  // namespace

JobSubmission SubmissionOf(const ExchangeJob& job) {
  JobSubmission submission;
  submission.job_name = "exchange";
  submission.arguments = {{"row", std::to_string(job.row)},
                          {"rows", std::to_string(job.rows)},
                          {"spread", job.spread ? "1" : "0"}};
  submission.parallelism = 2;
  return submission;
}

absl::StatusOr<JobGraph> BuildExchange(const JobSubmission& submission) {
  int64_t values[3] = {};
  for (size_t i = 0; i < std::size(values); ++i) {
    values[i] = std::stoll(submission.arguments.at(i).second);
  }
  const auto& [row, rows, spread] = values;
  return row == 48 ? Build<Numbers>(rows, spread != 0) : Build<Text>(rows, spread != 0);
}

int64_t BytesInFrame(int row) {
  constexpr int64_t kHashBytes = 8;
  constexpr int64_t kTextSizeBytes = 4;
  return kHashBytes + (row == 48 ? 48 : 8 + kTextSizeBytes + static_cast<int64_t>(kTextBytes));
}

}  // namespace weir::bench
