#include "sim/workloads/two_pipelines.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/base/status_macros.h"
#include "sim/workloads/committed_rows.h"
#include "sim/workloads/config_draws.h"
#include "weir/weir.h"

namespace weir::sim {
namespace {

constexpr int64_t kStartSeconds = 1'700'000'000;
constexpr char kHeader[] = "offset,key,value,nth";
constexpr std::array<const char*, 2> kNames = {"left", "right"};

struct Pipeline {
  uint64_t seed = 0;
  int64_t events = 0;
  int64_t rows_per_second = 0;
  int64_t keys = 1;
  int64_t readers = 1;
  int64_t counters = 1;
};

// What a source's `offset`-th row is.
struct Event {
  int64_t offset = 0;
  int64_t key = 0;
  int64_t value = 0;
  EventTime time;
  int64_t nth = 1;
};

struct Row {
  int64_t offset = 0;
  int64_t key = 0;
  int64_t value = 0;
  int64_t nth = 0;
};

Event EventAt(const Pipeline& pipeline, int64_t offset, GeneratorRandom& random) {
  return {.offset = offset,
          .key = static_cast<int64_t>(random.Skewed(static_cast<uint64_t>(pipeline.keys))),
          .value = static_cast<int64_t>(random.Uniform(1000)),
          .time = EventTime::FromSeconds(kStartSeconds + offset / 4)};
}

class TwoPipelines final : public Workload {
 public:
  explicit TwoPipelines(Seed seed) {
    const ConfigDraws draws(seed);
    duration_ = absl::Milliseconds(draws.Between("two_pipelines.duration_ms", 2000, 8000));
    for (size_t i = 0; i < pipelines_.size(); ++i) {
      const std::string site = absl::StrCat("two_pipelines.", kNames[i]);
      Pipeline& pipeline = pipelines_[i];
      pipeline.seed = seed.value() * 2 + i;
      pipeline.events = draws.Between(absl::StrCat(site, "_events"), 500, 1200);
      pipeline.rows_per_second = pipeline.events * 1000 / absl::ToInt64Milliseconds(duration_) + 1;
      pipeline.keys = draws.OneOf<int64_t>(absl::StrCat(site, "_keys"), {1, 3, 40, 300});
      pipeline.readers = draws.Between(absl::StrCat(site, "_readers"), 1, 3);
      pipeline.counters = draws.Between(absl::StrCat(site, "_counters"), 1, 3);
    }
    own_slots_ = draws.Uniform("two_pipelines.own_slots", 2) == 0;
    // One may be done long before the other.
    if (draws.Uniform("two_pipelines.uneven", 3) == 0) pipelines_[1].rows_per_second *= 4;
  }

  std::string_view name() const override { return "two_pipelines"; }
  void Prepare(SimWorld&) override {}
  JobGraphProvider provider() const override {
    return [pipelines = pipelines_, own_slots = own_slots_](const JobSubmission&) {
      return Build(pipelines, own_slots);
    };
  }
  JobSubmission submission() const override {
    JobSubmission submission;
    submission.job_name = "two_pipelines";
    return submission;
  }
  int slots() const override {
    int64_t slots = 0;
    for (const Pipeline& pipeline : pipelines_) {
      const int64_t own = std::max(pipeline.readers, pipeline.counters);
      slots = own_slots_ ? slots + own : std::max(slots, own);
    }
    return static_cast<int>(slots);
  }
  absl::Duration duration() const override { return duration_; }
  std::vector<std::string> output_folders() const override {
    return {"/shared/out/left", "/shared/out/right"};
  }

  absl::StatusOr<uint64_t> CheckOutput(FileTree& files, const PartOrigins& origins,
                                       Extent extent) const override {
    uint64_t compared = 0;
    for (size_t i = 0; i < pipelines_.size(); ++i) {
      WEIR_ASSIGN_OR_RETURN(
          const std::vector<CommittedRow> rows,
          ReadCommittedRows(files, absl::StrCat("/out/", kNames[i]), kHeader, origins));
      WEIR_RETURN_IF_ERROR(CheckRows(kNames[i], pipelines_[i], rows, extent));
      compared += rows.size();
    }
    return compared;
  }

 private:
  using Pipelines = std::array<Pipeline, 2>;

  static absl::StatusOr<JobGraph> Build(const Pipelines& pipelines, bool own_slots) {
    StreamExecutionEnvironment env("two_pipelines");
    for (size_t i = 0; i < pipelines.size(); ++i) {
      const Pipeline& pipeline = pipelines[i];
      const std::string name = kNames[i];
      const int counters = static_cast<int>(pipeline.counters);
      env.FromSource(GeneratorSource<Event>(
                         [pipeline](int64_t offset, GeneratorRandom& random) {
                           return EventAt(pipeline, offset, random);
                         },
                         {.count = pipeline.events,
                          .rows_per_second = pipeline.rows_per_second,
                          .seed = pipeline.seed}),
                     WatermarkStrategy<Event>::ForBoundedOutOfOrderness(absl::Seconds(1))
                         .WithTimestampAssigner(&Event::time))
          .Name(name)
          .Uid(name)
          .SlotSharingGroup(own_slots ? name : "default")
          .SetParallelism(static_cast<int>(pipeline.readers))
          .KeyBy(&Event::key)
          .Reduce([](Event& last, const Event& next) {
            const int64_t nth = last.nth + 1;
            last = next;
            last.nth = nth;
          })
          .Name(name + " count")
          .Uid(name + " count")
          .SetParallelism(counters)
          .Map([](const Event& event) {
            return Row{event.offset, event.key, event.value, event.nth};
          })
          .SetParallelism(counters)
          .SinkTo(FileSink<Row>::Csv("/shared/out/" + name))
          .Uid(name + " sink")
          .SetParallelism(counters);
    }
    return env.BuildJobGraph();
  }

  static absl::Status CheckRows(const std::string& name, const Pipeline& pipeline,
                                const std::vector<CommittedRow>& rows, Extent extent) {
    std::vector<CommittedRow> committed;
    std::map<int64_t, std::set<int64_t>> numbers;  // By key.
    for (const CommittedRow& row : rows) {
      const std::vector<std::string> fields = absl::StrSplit(row.text, ',');
      int64_t key = 0;
      int64_t nth = 0;
      if (fields.size() != 4 || !absl::SimpleAtoi(fields[1], &key) ||
          !absl::SimpleAtoi(fields[3], &nth)) {
        return absl::DataLossError(
            absl::StrCat("sink ", name, ": row \"", row.text, "\" in ", row.part, " is malformed"));
      }
      committed.push_back({row.text.substr(0, row.text.rfind(',')), row.part});
      if (numbers[key].insert(nth).second) continue;
      return absl::DataLossError(absl::StrCat("sink ", name, ": two rows are number ", nth,
                                              " of key ", key, "; one is \"", row.text, "\" in ",
                                              row.part));
    }
    std::vector<std::string> expected;
    for (int64_t offset = 0; offset < pipeline.events; ++offset) {
      GeneratorRandom random(pipeline.seed, offset);
      const Event event = EventAt(pipeline, offset, random);
      expected.push_back(absl::StrCat(event.offset, ",", event.key, ",", event.value));
    }
    WEIR_RETURN_IF_ERROR(CompareRows({absl::StrCat("sink ", name), "offset,key,value", 1},
                                     committed, expected, extent)
                             .status());
    for (const auto& [key, of_key] : numbers) {
      if (*of_key.begin() == 1 && *of_key.rbegin() == static_cast<int64_t>(of_key.size())) continue;
      return absl::DataLossError(absl::StrCat("sink ", name, ": the ", of_key.size(),
                                              " rows of key ", key, " are numbered from ",
                                              *of_key.begin(), " to ", *of_key.rbegin()));
    }
    return absl::OkStatus();
  }

  Pipelines pipelines_;
  bool own_slots_ = false;  // Each pipeline is a slot sharing group.
  absl::Duration duration_;
};

}  // namespace

std::unique_ptr<Workload> NewTwoPipelines(Seed seed) {
  return std::make_unique<TwoPipelines>(seed);
}

}  // namespace weir::sim
