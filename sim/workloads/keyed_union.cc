#include "sim/workloads/keyed_union.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "connectors/generator/generator_shard.h"
#include "core/base/byte_codec.h"
#include "core/base/status_macros.h"
#include "core/operators/split_progress.h"
#include "sim/workloads/committed_rows.h"
#include "sim/workloads/config_draws.h"
#include "state/snapshot_chunk.h"
#include "weir/weir.h"

namespace weir::sim {
namespace {

constexpr int kLeftParallelism = 3;
constexpr int kWindowParallelism = 2;
constexpr int64_t kStartSeconds = 1'700'000'000;
constexpr char kWindowsHeader[] = "window_start,key,total,events";
constexpr char kRunningHeader[] = "source,offset,key,value,nth";

struct Settings {
  uint64_t seed = 0;
  int64_t events[2] = {0, 0};  // Of each source.
  int64_t rows_per_second[2] = {0, 0};
  int64_t right_parallelism = 1;
  int64_t running_parallelism = 1;
  int64_t keys = 1;
  int64_t disorder_seconds = 1;
  int64_t window_seconds = 1;
  bool chains_sink = true;
};

// What a source's `offset`-th row is.
struct Event {
  int64_t source = 0;
  int64_t offset = 0;
  int64_t key = 0;
  int64_t value = 0;
  EventTime time;
  int64_t nth = 1;
};

Event EventAt(const Settings& settings, int64_t source, int64_t offset, GeneratorRandom& random) {
  const int64_t late =
      static_cast<int64_t>(random.Uniform(static_cast<uint64_t>(settings.disorder_seconds)));
  return {.source = source,
          .offset = offset,
          .key = static_cast<int64_t>(random.Skewed(static_cast<uint64_t>(settings.keys))),
          .value = static_cast<int64_t>(random.Uniform(1000)),
          .time = EventTime::FromSeconds(kStartSeconds + offset / 4 - late)};
}

bool Passes(const Event& event) { return event.value % 10 != 0; }

// Sums, and remembers of what.
struct Gather {
  struct Accumulator {
    int64_t total = 0;
    std::vector<int64_t> events;  // offset * 2 + source
  };
  Accumulator CreateAccumulator() const { return {}; }
  void Add(const Event& event, Accumulator& into) const {
    into.total += event.value;
    into.events.push_back(event.offset * 2 + event.source);
  }
  Accumulator GetResult(const Accumulator& gathered) const { return gathered; }
  void Merge(const Accumulator& from, Accumulator& into) const {
    into.total += from.total;
    into.events.insert(into.events.end(), from.events.begin(), from.events.end());
  }
};

struct WindowRow {
  EventTime window_start;
  int64_t key = 0;
  int64_t total = 0;
  std::string events;
};

struct RunningRow {
  int64_t source = 0;
  int64_t offset = 0;
  int64_t key = 0;
  int64_t value = 0;
  int64_t nth = 0;
};

std::string EventsText(std::vector<int64_t> events) {
  std::sort(events.begin(), events.end());
  return absl::StrJoin(events, " ", [](std::string* out, int64_t event) {
    absl::StrAppend(out, event % 2 == 0 ? "L" : "R", event / 2);
  });
}

class KeyedUnion final : public Workload {
 public:
  explicit KeyedUnion(Seed seed) {
    const ConfigDraws draws(seed);
    settings_.seed = seed.value();
    settings_.events[0] = draws.Between("keyed_union.left_events", 700, 1500);
    settings_.events[1] = draws.Between("keyed_union.right_events", 400, 1200);
    duration_ = absl::Milliseconds(draws.Between("keyed_union.duration_ms", 2000, 8000));
    for (int source : {0, 1}) {
      settings_.rows_per_second[source] =
          settings_.events[source] * 1000 / absl::ToInt64Milliseconds(duration_) + 1;
    }
    // One source may be done long before the other.
    if (draws.Uniform("keyed_union.uneven", 3) == 0) settings_.rows_per_second[1] *= 4;
    settings_.right_parallelism = draws.Between("keyed_union.right_parallelism", 1, 3);
    settings_.running_parallelism = draws.Between("keyed_union.running_parallelism", 1, 3);
    settings_.keys = draws.OneOf<int64_t>("keyed_union.keys", {1, 3, 40, 700});
    settings_.disorder_seconds = draws.OneOf<int64_t>("keyed_union.disorder", {1, 5, 30});
    settings_.window_seconds = draws.OneOf<int64_t>("keyed_union.window", {3, 20, 60});
    settings_.chains_sink = draws.Uniform("keyed_union.chains_sink", 2) == 0;
  }

  std::string_view name() const override { return "keyed_union"; }
  void Prepare(SimWorld&) override {}
  JobGraphProvider provider() const override {
    return [settings = settings_](const JobSubmission&) { return Build(settings); };
  }
  JobSubmission submission() const override {
    JobSubmission submission;
    submission.job_name = "keyed_union";
    submission.parallelism = static_cast<int>(1 + settings_.seed % 3);
    return submission;
  }
  int slots() const override { return kLeftParallelism; }
  absl::Duration duration() const override { return duration_; }
  std::vector<std::string> output_folders() const override {
    return {"/shared/out/windows", "/shared/out/running"};
  }

  // The running numbers of the keys say how many events each has seen; those before the sources' positions are as many.
  bool checks_cuts() const override { return true; }
  absl::Status CheckCut(const proto::CheckpointManifest& manifest,
                        const ReadStateFile& read) const override {
    std::map<int64_t, int64_t> before;
    WEIR_RETURN_IF_ERROR(CountBefore(manifest, "left", 0, before));
    WEIR_RETURN_IF_ERROR(CountBefore(manifest, "right", 1, before));
    std::map<int64_t, int64_t> counted;
    WEIR_RETURN_IF_ERROR(ReadRunningNumbers(manifest, read, counted));
    if (before == counted) return absl::OkStatus();
    std::set<int64_t> keys;
    for (const auto& [key, count] : before) keys.insert(key);
    for (const auto& [key, count] : counted) keys.insert(key);
    for (const int64_t key : keys) {
      if (before[key] == counted[key]) continue;
      return absl::DataLossError(absl::StrCat("checkpoint ", manifest.checkpoint_id(),
                                              ": operator running has counted ", counted[key],
                                              " events of key ", key, ", and ", before[key],
                                              " are before the positions of the sources"));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<uint64_t> CheckOutput(FileTree& files, const PartOrigins& origins,
                                       Extent extent) const override {
    WEIR_ASSIGN_OR_RETURN(const std::vector<CommittedRow> windows,
                          ReadCommittedRows(files, "/out/windows", kWindowsHeader, origins));
    WEIR_ASSIGN_OR_RETURN(const std::vector<CommittedRow> running,
                          ReadCommittedRows(files, "/out/running", kRunningHeader, origins));
    const std::vector<Event> events = PassingEvents();
    // A window and a key have one row.
    WEIR_ASSIGN_OR_RETURN(
        const uint64_t compared,
        CompareRows({"sink windows", kWindowsHeader, 2}, windows, ExpectedWindows(events), extent));
    WEIR_RETURN_IF_ERROR(CheckRunning(running, events, extent));
    return compared + running.size();
  }

 private:
  static absl::StatusOr<JobGraph> Build(const Settings& settings) {
    StreamExecutionEnvironment env("keyed_union");
    const auto source = [&](int64_t index, const char* name, int64_t parallelism) {
      return env
          .FromSource(GeneratorSource<Event>(
                          [settings, index](int64_t offset, GeneratorRandom& random) {
                            return EventAt(settings, index, offset, random);
                          },
                          {.count = settings.events[index],
                           .rows_per_second = settings.rows_per_second[index],
                           .seed = settings.seed * 2 + static_cast<uint64_t>(index)}),
                      WatermarkStrategy<Event>::ForBoundedOutOfOrderness(
                          absl::Seconds(settings.disorder_seconds))
                          .WithTimestampAssigner(&Event::time))
          .Name(name)
          .Uid(name)
          .SetParallelism(static_cast<int>(parallelism));
    };
    const auto events = source(0, "left", kLeftParallelism)
                            .Union(source(1, "right", settings.right_parallelism))
                            .Filter(Passes)
                            .SetParallelism(kLeftParallelism);
    const int sinks = settings.chains_sink ? kWindowParallelism : 1;
    events.KeyBy(&Event::key)
        .Window(TumblingEventTimeWindows::Of(absl::Seconds(settings.window_seconds)))
        .Aggregate(
            Gather(),
            [](const int64_t& key, const TimeWindow& window, const Gather::Accumulator& gathered) {
              return WindowRow{window.start, key, gathered.total, EventsText(gathered.events)};
            })
        .Name("windows")
        .Uid("windows")
        .SetParallelism(kWindowParallelism)
        .SinkTo(FileSink<WindowRow>::Csv("/shared/out/windows"))
        .Uid("windows sink")
        .SetParallelism(sinks);
    events.KeyBy(&Event::key)
        .Reduce([](Event& last, const Event& next) {
          const int64_t nth = last.nth + 1;
          last = next;
          last.nth = nth;
        })
        .Name("running")
        .Uid("running")
        .SetParallelism(static_cast<int>(settings.running_parallelism))
        .Map([](const Event& event) {
          return RunningRow{event.source, event.offset, event.key, event.value, event.nth};
        })
        .SetParallelism(static_cast<int>(settings.running_parallelism))
        .SinkTo(FileSink<RunningRow>::Csv("/shared/out/running"))
        .Uid("running sink")
        .SetParallelism(static_cast<int>(settings.running_parallelism));
    return env.BuildJobGraph();
  }

  Event EventOf(int64_t source, int64_t offset) const {
    GeneratorRandom random(settings_.seed * 2 + static_cast<uint64_t>(source), offset);
    return EventAt(settings_, source, offset, random);
  }

  // Adds, by key, the passing events before the positions that the checkpoint has for this source.
  absl::Status CountBefore(const proto::CheckpointManifest& manifest, std::string_view uid,
                           int64_t source, std::map<int64_t, int64_t>& counts) const {
    for (const proto::OperatorState& stored : manifest.operators()) {
      if (stored.uid() != uid) continue;
      const std::vector<SourceSplit> splits =
          PlanGeneratorShards(settings_.events[source], stored.enumerator().split_count());
      std::map<uint32_t, int64_t> ends;  // By split: the first event that is not before the cut.
      for (const uint32_t id : stored.enumerator().finished()) ends[id] = settings_.events[source];
      for (const auto& subtask : stored.subtasks()) {
        for (const uint32_t id : subtask.finished_splits()) ends[id] = settings_.events[source];
        for (const auto& split : subtask.splits()) {
          WEIR_ASSIGN_OR_RETURN(const SplitProgress at, DecodeSplitProgress(split.position()));
          ends[split.id()] = at.next.has_value() ? at.next->offset : 0;
        }
      }
      for (const auto& [id, end] : ends) {
        if (id >= splits.size()) return absl::DataLossError("a split that does not exist");
        WEIR_ASSIGN_OR_RETURN(const GeneratorShard shard, DecodeGeneratorShard(splits[id].payload));
        for (int64_t offset = shard.first; offset < std::min(end, shard.end);
             offset += shard.stride) {
          const Event event = EventOf(source, offset);
          if (Passes(event)) ++counts[event.key];
        }
      }
    }
    return absl::OkStatus();
  }

  // The last number of each key, as the state of "running" has it (docs/formats/state-snapshot.md).
  static absl::Status ReadRunningNumbers(const proto::CheckpointManifest& manifest,
                                         const ReadStateFile& read,
                                         std::map<int64_t, int64_t>& numbers) {
    std::set<std::string> names;
    int max_parallelism = 0;
    for (const proto::OperatorState& stored : manifest.operators()) {
      if (stored.uid() != "running") continue;
      max_parallelism = static_cast<int>(stored.max_parallelism());
      for (const auto& subtask : stored.subtasks()) {
        for (const auto& keyed : subtask.keyed()) {
          for (const auto& file : keyed.files()) names.insert(file.name());
        }
      }
    }
    for (const std::string& name : names) {
      WEIR_ASSIGN_OR_RETURN(const std::string bytes, read(name));
      WEIR_RETURN_IF_ERROR(
          ForEachSnapshotRun(bytes, max_parallelism, [&](const SnapshotRun& run) -> absl::Status {
            ByteReader reader(run.bytes);
            for (uint32_t i = 0; i < run.entry_count; ++i) {
              int64_t encoded_key = 0;
              int64_t time = 0;
              Event event;
              if (!reader.GetI64(encoded_key) || !reader.GetI64(event.source) ||
                  !reader.GetI64(event.offset) || !reader.GetI64(event.key) ||
                  !reader.GetI64(event.value) || !reader.GetI64(time) ||
                  !reader.GetI64(event.nth)) {
                return SnapshotRunError(run, 0, "it is no event");
              }
              if (!numbers.emplace(event.key, event.nth).second) {
                return SnapshotRunError(run, 0, absl::StrCat("key ", event.key, " is there twice"));
              }
            }
            return absl::OkStatus();
          }));
    }
    return absl::OkStatus();
  }

  std::vector<Event> PassingEvents() const {
    std::vector<Event> events;
    for (int64_t source : {0, 1}) {
      for (int64_t offset = 0; offset < settings_.events[source]; ++offset) {
        const Event event = EventOf(source, offset);
        if (Passes(event)) events.push_back(event);
      }
    }
    return events;
  }

  std::vector<std::string> ExpectedWindows(const std::vector<Event>& events) const {
    struct Window {
      int64_t total = 0;
      std::vector<int64_t> events;
    };
    std::map<std::pair<int64_t, int64_t>, Window> windows;
    for (const Event& event : events) {
      const int64_t second = event.time.micros() / 1'000'000;
      Window& window = windows[{second - second % settings_.window_seconds, event.key}];
      window.total += event.value;
      window.events.push_back(event.offset * 2 + event.source);
    }
    std::vector<std::string> rows;
    for (const auto& [where, window] : windows) {
      rows.push_back(
          absl::StrCat(absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::FromUnixSeconds(where.first),
                                        absl::UTCTimeZone()),
                       ",", where.second, ",", window.total, ",", EventsText(window.events)));
    }
    return rows;
  }

  absl::Status CheckRunning(const std::vector<CommittedRow>& rows, const std::vector<Event>& events,
                            Extent extent) const {
    std::vector<CommittedRow> committed;
    // (key, nth) -> event.
    std::map<std::pair<int64_t, int64_t>, std::pair<int64_t, int64_t>> order;
    for (const CommittedRow& row : rows) {
      const std::vector<std::string> fields = absl::StrSplit(row.text, ',');
      RunningRow parsed;
      if (fields.size() != 5 || !absl::SimpleAtoi(fields[0], &parsed.source) ||
          !absl::SimpleAtoi(fields[1], &parsed.offset) ||
          !absl::SimpleAtoi(fields[2], &parsed.key) || !absl::SimpleAtoi(fields[4], &parsed.nth)) {
        return absl::DataLossError(
            absl::StrCat("sink running: row \"", row.text, "\" in ", row.part, " is malformed"));
      }
      committed.push_back({row.text.substr(0, row.text.rfind(',')), row.part});
      if (!order.insert({{parsed.key, parsed.nth}, {parsed.source, parsed.offset}}).second) {
        return absl::DataLossError(absl::StrCat("sink running: two rows are number ", parsed.nth,
                                                " of key ", parsed.key, "; one is \"", row.text,
                                                "\" in ", row.part));
      }
    }
    std::vector<std::string> expected;
    for (const Event& event : events) {
      expected.push_back(
          absl::StrCat(event.source, ",", event.offset, ",", event.key, ",", event.value));
    }
    // Source and offset say which event it is.
    WEIR_RETURN_IF_ERROR(
        CompareRows({"sink running", "source,offset,key,value", 2}, committed, expected, extent)
            .status());
    return CheckOrder(order);
  }

  // No gap in the numbers of a key, and the events of a split in the order of their offsets.
  absl::Status CheckOrder(
      const std::map<std::pair<int64_t, int64_t>, std::pair<int64_t, int64_t>>& order) const {
    int64_t last_key = -1;
    int64_t last_nth = 0;
    std::map<std::pair<int64_t, int64_t>, int64_t> last_offset;  // By source and split.
    for (const auto& [where, event] : order) {
      const auto& [key, nth] = where;
      if (key != last_key) {
        last_nth = 0;
        last_offset.clear();
      }
      if (nth != last_nth + 1) {
        return absl::DataLossError(
            absl::StrCat("sink running: key ", key, " has no number ", last_nth + 1));
      }
      // Where the parallelism changes on the way to the filter, rows are dealt out in turn and lose their order.
      const int64_t splits = event.first == 0 ? kLeftParallelism : settings_.right_parallelism;
      if (splits != kLeftParallelism) {
        last_key = key;
        last_nth = nth;
        continue;
      }
      auto [last, first] = last_offset.try_emplace({event.first, event.second % splits}, -1);
      if (event.second <= last->second) {
        return absl::DataLossError(
            absl::StrCat("sink running: of key ", key, ", event ", event.second, " of source ",
                         event.first, " comes behind event ", last->second, " of the same split"));
      }
      last->second = event.second;
      last_key = key;
      last_nth = nth;
    }
    return absl::OkStatus();
  }

  Settings settings_;
  absl::Duration duration_;
};

}  // namespace

std::unique_ptr<Workload> NewKeyedUnion(Seed seed) { return std::make_unique<KeyedUnion>(seed); }

}  // namespace weir::sim
