#include "core/testing/verify_operator.h"

#include <algorithm>
#include <span>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/check.h"
#include "core/base/hash.h"
#include "core/base/status_macros.h"
#include "state/state_backend.h"

namespace weir {
namespace {

constexpr size_t kReplacedMax = 60;

// How one run differs from the others.
struct Run {
  std::string name;
  std::function<size_t(size_t nth)> batch_rows;  // Of the nth batch.
  std::function<size_t(size_t call)> rows_max;   // Of the output in each call.
  bool hashed = false;
};

// What a run leaves behind.
struct Outcome {
  std::vector<Emitted> emitted;
  MetricGroup metrics;
  std::vector<StageCounts> stage_counts;
};

absl::Status Prefix(const Run& run, const absl::Status& status) {
  if (status.ok()) return status;
  return absl::Status(status.code(), absl::StrCat("[", run.name, "] ", status.message()));
}

std::vector<Run> AllRuns(uint64_t seed) {
  std::vector<Run> cuts;
  for (const size_t rows : {1024, 64, 7, 1}) {
    cuts.push_back({absl::StrCat("batches of ", rows), [rows](size_t) { return rows; }, {}, false});
  }
  cuts.push_back({"batches of random sizes",
                  [seed](size_t nth) {
                    const uint64_t draw = StableHash64WithSeed("cut", StableHashOfU64(seed + nth));
                    return size_t{1} + draw % (draw % 3 == 0 ? 300 : 10);
                  },
                  {},
                  false});
  std::vector<Run> runs;
  for (const Run& cut : cuts) {
    const auto add = [&](const std::string& name, std::function<size_t(size_t)> rows_max) {
      runs.push_back({absl::StrCat(cut.name, ", ", name), cut.batch_rows, std::move(rows_max),
                      runs.size() % 2 == 1});
    };
    add("output of 1024 rows", [](size_t) { return size_t{1024}; });
    add("output of 3 rows", [](size_t) { return size_t{3}; });
    add("output of 1 row", [](size_t) { return size_t{1}; });
    add("output that refuses every other call",
        [](size_t call) { return call % 2 == 0 ? size_t{0} : size_t{2}; });
  }
  return runs;
}

// Feeds a sequence to a harness, cut as a run says.
class Feeder {
 public:
  Feeder(const TestSequence& sequence, const VerifyOptions& options, const Run& run)
      : sequence_(sequence), options_(options), run_(run) {}

  absl::Status Feed(OperatorHarness& harness) {
    return FeedRange(harness, 0, sequence_.elements().size());
  }

  absl::Status FeedRange(OperatorHarness& harness, size_t begin, size_t stop) {
    const std::vector<TestSequence::Element>& elements = sequence_.elements();
    for (size_t at = begin; at < stop;) {
      if (elements[at].watermark.has_value()) {
        WEIR_RETURN_IF_ERROR(harness.ProcessWatermark(*elements[at].watermark));
        ++at;
        continue;
      }
      const size_t end = std::min(stop, EndOfBatch(at));
      const std::unique_ptr<BatchBase> batch = MakeBatch(at, end);
      WEIR_RETURN_IF_ERROR(harness.Process(*batch, elements[at].input));
      at = end;
    }
    return absl::OkStatus();
  }

  std::unique_ptr<BatchBase> MakeBatch(size_t begin, size_t end) const {
    const TestSequence::Element& first = sequence_.elements()[begin];
    const RowCodec& codec = sequence_.codec(first.input);
    std::unique_ptr<BatchBase> batch = codec.NewBatch();
    for (size_t i = begin; i < end; ++i) {
      WEIR_CHECK_OK(codec.DecodeRows(sequence_.elements()[i].row, 1, first.flags, *batch));
    }
    if (run_.hashed && options_.key_hasher) options_.key_hasher->HashKeys(*batch);
    return batch;
  }

  // Where the batch that starts at `begin` ends.
  size_t EndOfBatch(size_t begin) {
    const std::vector<TestSequence::Element>& elements = sequence_.elements();
    const size_t limit = std::min(elements.size(), begin + run_.batch_rows(batches_++));
    size_t end = begin + 1;
    while (end < limit && !elements[end].watermark.has_value() &&
           elements[end].input == elements[begin].input &&
           elements[end].flags == elements[begin].flags) {
      ++end;
    }
    return end;
  }

 private:
  const TestSequence& sequence_;
  const VerifyOptions& options_;
  const Run& run_;
  size_t batches_ = 0;
};

OperatorHarness::Options HarnessOptions(const VerifyOptions& options, const Run& run) {
  OperatorHarness::Options harness_options;
  harness_options.rows_max = run.rows_max;
  harness_options.fans_out = options.fans_out;
  return harness_options;
}

absl::StatusOr<Outcome> RunAll(const OperatorMaker& factory,
                               const std::shared_ptr<const RowCodec>& output_codec,
                               const TestSequence& sequence, const VerifyOptions& options,
                               const Run& run) {
  OperatorHarness harness(factory(), output_codec, HarnessOptions(options, run));
  options.prepare(harness.context());
  WEIR_RETURN_IF_ERROR(harness.Open());
  WEIR_RETURN_IF_ERROR(Feeder(sequence, options, run).Feed(harness));
  WEIR_RETURN_IF_ERROR(harness.Finish());
  WEIR_RETURN_IF_ERROR(harness.Commit(CheckpointId(1)));
  WEIR_RETURN_IF_ERROR(harness.Commit(CheckpointId(1)));
  const auto counts = harness.op().stage_counts();
  Outcome outcome{harness.emitted(), harness.context().metrics(), {counts.begin(), counts.end()}};
  harness.Close();
  if (harness.context().executor().pending_timers() > 0) {
    return absl::InternalError("a timer is left after Close");
  }
  return outcome;
}

// Close at once, and close while a call waits for room in the output.
absl::Status RunInterrupted(const OperatorMaker& factory,
                            const std::shared_ptr<const RowCodec>& output_codec,
                            const TestSequence& sequence, const VerifyOptions& options) {
  const Run run{"closed early", [](size_t) { return size_t{64}; }, [](size_t) { return size_t{1}; },
                false};
  const auto open = [&](OperatorHarness& harness) {
    options.prepare(harness.context());
    return Prefix(run, harness.Open());
  };
  {
    OperatorHarness harness(factory(), output_codec, HarnessOptions(options, run));
    WEIR_RETURN_IF_ERROR(open(harness));
    harness.Close();
  }
  OperatorHarness harness(factory(), output_codec, HarnessOptions(options, run));
  WEIR_RETURN_IF_ERROR(open(harness));
  Feeder feeder(sequence, options, run);
  for (size_t at = 0; at < sequence.elements().size();) {
    const TestSequence::Element& element = sequence.elements()[at];
    const size_t end = element.watermark.has_value() ? at + 1 : feeder.EndOfBatch(at);
    std::unique_ptr<BatchBase> batch;
    if (!element.watermark.has_value()) batch = feeder.MakeBatch(at, end);
    const auto progress = harness.CallOnce([&](Output& out) {
      return batch ? harness.op().ProcessBatch(element.input, *batch, out)
                   : harness.op().ProcessWatermark(*element.watermark, out);
    });
    WEIR_RETURN_IF_ERROR(Prefix(run, progress.status()));
    if (*progress != Progress::kDone) break;
    at = end;
  }
  harness.Close();
  harness.context().RunReady();
  return absl::OkStatus();
}

// Between two steps of a snapshot of tables.
constexpr size_t kSlotsPerStep = 64;
constexpr size_t kPieceBytesMax = 4096;

// The tables of `harness` as they are now, in the pieces that the runtime would write. `meanwhile` is called after each step while
// there is something left to emit.
absl::StatusOr<std::vector<std::string>> SnapshotTables(
    OperatorHarness& harness, const std::function<absl::Status()>& meanwhile) {
  std::vector<std::string> pieces;
  StateBackend* const backend = harness.context().state_if_used();
  if (backend == nullptr) return pieces;
  backend->BeginSnapshot();
  while (!backend->snapshot_complete()) {
    WEIR_RETURN_IF_ERROR(meanwhile());
    backend->AdvanceSnapshot(kSlotsPerStep);
    std::string piece = backend->TakeEmitted(kPieceBytesMax);
    if (!piece.empty()) pieces.push_back(std::move(piece));
  }
  return pieces;
}

absl::Status RestoreTables(const std::vector<std::string>& pieces, OperatorHarness& harness) {
  StateBackend* const backend = harness.context().state_if_used();
  if (backend == nullptr && !pieces.empty()) {
    return absl::InternalError("only one of two operators of the same factory has tables");
  }
  for (const std::string& piece : pieces) WEIR_RETURN_IF_ERROR(backend->Restore(piece));
  return absl::OkStatus();
}

// One operator up to element `at`, another one with its snapshot from there on. If the first one `goes_on`, it takes elements until
// the snapshot of its tables is complete.
absl::StatusOr<Outcome> RunReplaced(const OperatorMaker& factory,
                                    const std::shared_ptr<const RowCodec>& output_codec,
                                    const TestSequence& sequence, const VerifyOptions& options,
                                    const Run& run, size_t at, bool goes_on) {
  OperatorHarness first(factory(), output_codec, HarnessOptions(options, run));
  options.prepare(first.context());
  WEIR_RETURN_IF_ERROR(first.Open());
  Feeder feeder(sequence, options, run);
  WEIR_RETURN_IF_ERROR(feeder.FeedRange(first, 0, at));
  WEIR_ASSIGN_OR_RETURN(const OperatorSnapshot snapshot, first.Snapshot(CheckpointId(1)));
  Outcome outcome{first.emitted(), {}, {}};
  const MetricGroup metrics = first.context().metrics();
  size_t next = goes_on ? at : sequence.elements().size();
  WEIR_ASSIGN_OR_RETURN(const std::vector<std::string> tables, SnapshotTables(first, [&] {
                          const size_t begin = next;
                          next = std::min(next + 1, sequence.elements().size());
                          return feeder.FeedRange(first, begin, next);
                        }));
  first.Close();

  OperatorHarness second(factory(), output_codec, HarnessOptions(options, run));
  options.prepare(second.context());
  WEIR_RETURN_IF_ERROR(second.Open());
  second.context().metrics() = metrics;
  WEIR_RETURN_IF_ERROR(RestoreTables(tables, second));
  WEIR_RETURN_IF_ERROR(second.op().RestoreOperatorState(snapshot));
  WEIR_RETURN_IF_ERROR(feeder.FeedRange(second, at, sequence.elements().size()));
  WEIR_RETURN_IF_ERROR(second.Finish());
  WEIR_RETURN_IF_ERROR(second.Snapshot(CheckpointId(2)).status());
  WEIR_RETURN_IF_ERROR(second.Commit(CheckpointId(2)));

  outcome.metrics = second.context().metrics();
  const std::vector<Emitted>& rest = second.emitted();
  const auto is_watermark = [](const Emitted& e) { return e.text.starts_with("watermark"); };
  const auto last = std::find_if(outcome.emitted.rbegin(), outcome.emitted.rend(), is_watermark);
  const bool repeats =
      !rest.empty() && is_watermark(rest[0]) && last != outcome.emitted.rend() && *last == rest[0];
  outcome.emitted.insert(outcome.emitted.end(), rest.begin() + (repeats ? 1 : 0), rest.end());
  second.Close();
  return outcome;
}

absl::Status SameOutput(const Outcome& expected, const Outcome& actual) {
  const size_t common = std::min(expected.emitted.size(), actual.emitted.size());
  for (size_t i = 0; i <= common; ++i) {
    const bool here = i < actual.emitted.size();
    const bool there = i < expected.emitted.size();
    if (!here && !there) break;
    if (here && there && actual.emitted[i] == expected.emitted[i]) continue;
    return absl::InternalError(absl::StrCat("the output depends on batches or room: element ", i,
                                            " is ", here ? actual.emitted[i].text : "missing",
                                            ", but ", there ? expected.emitted[i].text : "nothing",
                                            " in the first run"));
  }
  return absl::OkStatus();
}

absl::Status SameSetAside(const char* what, const SetAsideRecords& expected,
                          const SetAsideRecords& actual) {
  if (expected.count == actual.count && expected.first == actual.first &&
      expected.first_excerpt == actual.first_excerpt) {
    return absl::OkStatus();
  }
  return absl::InternalError(absl::StrCat("counts ", actual.count, " ", what, " rows, first \"",
                                          actual.first_excerpt, "\", but ", expected.count, ", \"",
                                          expected.first_excerpt, "\" in the first run"));
}

absl::Status SameOutcome(const Outcome& expected, const Outcome& actual) {
  WEIR_RETURN_IF_ERROR(SameOutput(expected, actual));
  WEIR_RETURN_IF_ERROR(SameSetAside("late", expected.metrics.late, actual.metrics.late));
  WEIR_RETURN_IF_ERROR(
      SameSetAside("malformed", expected.metrics.malformed, actual.metrics.malformed));
  if (expected.metrics.implausible_event_times != actual.metrics.implausible_event_times) {
    return absl::InternalError("counts another number of implausible event times");
  }
  if (!actual.stage_counts.empty() && expected.stage_counts != actual.stage_counts) {
    return absl::InternalError("counts other numbers of rows per stage");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<std::string>> VerifyOperator(
    const OperatorMaker& factory, std::shared_ptr<const RowCodec> output_codec,
    const TestSequence& sequence, const VerifyOptions& options) {
  const std::vector<Run> runs = AllRuns(options.seed);
  std::vector<std::string> texts;
  Outcome expected;
  for (size_t i = 0; i < runs.size(); ++i) {
    absl::StatusOr<Outcome> outcome = RunAll(factory, output_codec, sequence, options, runs[i]);
    WEIR_RETURN_IF_ERROR(Prefix(runs[i], outcome.status()));
    if (i == 0) {
      expected = *std::move(outcome);
      for (const Emitted& emitted : expected.emitted) texts.push_back(emitted.text);
    } else {
      WEIR_RETURN_IF_ERROR(Prefix(runs[i], SameOutcome(expected, *outcome)));
    }
  }
  const size_t step = sequence.elements().size() / kReplacedMax + 1;
  for (size_t at = 0; at <= sequence.elements().size(); at += step) {
    // Small batches and outputs, and large ones.
    const size_t nth = at / step;
    Run run = runs[nth % 2 == 0 ? 5 : 0];
    run.name += absl::StrCat(", replaced at element ", at);
    absl::StatusOr<Outcome> outcome =
        RunReplaced(factory, output_codec, sequence, options, run, at, nth / 2 % 2 == 1);
    WEIR_RETURN_IF_ERROR(Prefix(run, outcome.status()));
    WEIR_RETURN_IF_ERROR(Prefix(run, SameOutcome(expected, *outcome)));
  }
  WEIR_RETURN_IF_ERROR(RunInterrupted(factory, output_codec, sequence, options));
  return texts;
}

}  // namespace weir
