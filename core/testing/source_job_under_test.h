// SourceJobUnderTest: a job that does nothing but read a source through SourceOperators, and is cut
// off and goes on over and over. A part of VerifySource; see verify_connector.h.
//
// Event times are made of positions and never fall inside a split, so a watermark is a lie if a row
// of an earlier time follows it.
#ifndef WEIR_CORE_TESTING_SOURCE_JOB_UNDER_TEST_H_
#define WEIR_CORE_TESTING_SOURCE_JOB_UNDER_TEST_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/operators/output.h"
#include "core/operators/source_operator.h"
#include "core/testing/source_under_test.h"
#include "core/testing/subtask_under_test.h"
#include "gtest/gtest.h"

namespace weir {

template <class Raw>
class SourceJobUnderTest {
 public:
  SourceJobUnderTest(EnvUnderTest& under_test, const Source<Raw>& source,
                     std::vector<SourceSplit> splits,
                     std::function<std::string(const Raw&)> to_text)
      : under_test_(under_test),
        source_(source),
        splits_(std::move(splits)),
        to_text_(std::move(to_text)) {}

  // A row, or a watermark if `text` is empty and the position unknown.
  struct Element {
    SourceRecord row;
    EventTime time;
    bool is_watermark = false;
    friend bool operator==(const Element&, const Element&) = default;
  };

  // By one reader without interruption.
  std::vector<Element> ReadThrough() {
    Reader reader(*this, 0, 1, nullptr, 1024);
    reader.Run(kForEver);
    return reader.elements;
  }

  // By one reader that puts out `rows_max` rows at once, and is replaced after every `polls` calls
  // that put something out. A watermark that is only repeated is left out.
  std::vector<Element> ReadInterrupted(size_t rows_max, int polls) {
    std::vector<Element> elements;
    OperatorSnapshot snapshot;
    for (bool first = true, finished = false; !finished; first = false) {
      Reader reader(*this, 0, 1, first ? nullptr : &snapshot, rows_max);
      finished = reader.Run(polls);
      snapshot = reader.snapshot;
      if (testing::Test::HasFailure()) return elements;
      elements.insert(elements.end(), reader.elements.begin(), reader.elements.end());
    }
    return elements;
  }

  // By `before` readers until each has put something out `polls` times, and then by `after` ones.
  std::vector<SourceRecord> ReadRescaled(int before, int after, size_t rows_max, int polls) {
    std::vector<SourceRecord> records;
    std::vector<OperatorSnapshot> shares(static_cast<size_t>(after));
    EventTime watermark = EventTime::Max();
    std::vector<ReaderSplit> splits;
    std::vector<ListState> lists;
    for (int i = 0; i < before; ++i) {
      Reader reader(*this, i, before, nullptr, rows_max);
      reader.Run(polls);
      Append(reader.elements, records);
      watermark = std::min(watermark, reader.snapshot.watermark);
      splits.insert(splits.end(), reader.snapshot.splits.begin(), reader.snapshot.splits.end());
      lists.insert(lists.end(), reader.snapshot.lists.begin(), reader.snapshot.lists.end());
    }
    for (size_t i = 0; i < splits.size(); ++i)
      shares[i % shares.size()].splits.push_back(splits[i]);
    for (int i = 0; i < after; ++i) {
      OperatorSnapshot& share = shares[static_cast<size_t>(i)];
      share.watermark = watermark;
      share.lists = lists;
      Reader reader(*this, i, after, &share, rows_max);
      reader.moved = true;
      EXPECT_TRUE(reader.Run(kForEver));
      Append(reader.elements, records);
    }
    std::sort(records.begin(), records.end());
    return records;
  }

 private:
  static constexpr int kForEver = 1'000'000'000;
  using Next = SubtaskUnderTest::Next;

  struct Row {
    SourceRecord record;
  };
  static EventTime TimeOf(SourcePosition position) {
    return EventTime::FromSeconds(946'684'800)
        .Plus(absl::Microseconds(position.container * int64_t{1'000'000'000} + position.offset));
  }
  static void Append(const std::vector<Element>& elements, std::vector<SourceRecord>& records) {
    for (const Element& element : elements) {
      if (!element.is_watermark) records.push_back(element.row);
    }
  }

  // One life of one subtask.
  struct Reader {
    // From `restored`, or else with its share of all splits.
    Reader(SourceJobUnderTest& owner, int index, int parallelism, const OperatorSnapshot* restored,
           size_t rows_max)
        : owner(owner),
          index(static_cast<size_t>(index)),
          parallelism(static_cast<size_t>(parallelism)),
          restored(restored),
          out(std::make_unique<Batch<Row>>(), rows_max),
          subtask(owner.under_test_, index, parallelism) {
      auto decode = [text = owner.to_text_](const Raw& raw,
                                            SourcePosition position) -> absl::StatusOr<Row> {
        return Row{{position, text(raw)}};
      };
      auto strategy = WatermarkStrategy<Row>::ForMonotonousTimestamps().WithTimestampAssigner(
          [](const Row& row) { return TimeOf(row.record.position); });
      op = std::make_unique<SourceOperator<Raw, Row, decltype(decode)>>(
          owner.source_.NewReader(), std::move(decode), std::move(strategy), true);
    }

    // True if everything is read.
    bool Run(int polls_max) {
      polls_left = polls_max;
      subtask.Run([this] { return Step(); });
      EXPECT_EQ(failure, "");
      return finished || !failure.empty();
    }

    Next Step() {
      if (!std::exchange(opened, true) && !Ok(Begin())) return End();
      const absl::StatusOr<Progress> progress = op->Poll(out);
      if (!Ok(progress.status())) return End();
      const bool put_out = !out.empty();
      Drain();
      finished = *progress == Progress::kDone;
      if (finished || (put_out && --polls_left == 0)) return End();
      return *progress == Progress::kBlocked && !put_out ? Next::kWait : Next::kAgain;
    }

    absl::Status Begin() {
      if (absl::Status status = op->Open(subtask); !status.ok()) return status;
      if (restored != nullptr) {
        absl::Status status = op->RestoreOperatorState(*restored);
        if (status.ok() && moved) op->NoMoreSplits();
        return status;
      }
      for (size_t i = index; i < owner.splits_.size(); i += parallelism) {
        if (absl::Status status = op->AddSplit(owner.splits_[i]); !status.ok()) return status;
      }
      op->NoMoreSplits();
      return absl::OkStatus();
    }

    Next End() {
      if (failure.empty()) Ok(op->SnapshotOperatorState(snapshot));
      op->Close();
      subtask.ExpectNoMoreWakes();
      return Next::kFinished;
    }

    void Drain() {
      for (Row& row : out.template batch<Row>().rows) {
        put_something_out = true;
        const EventTime time = TimeOf(row.record.position);
        if (time <= watermark) failure = "a row behind a watermark that excludes it";
        elements.push_back({std::move(row.record), time, false});
      }
      out.untyped_batch().Clear();
      if (!out.watermark().has_value()) return;
      watermark = out.watermark()->time;
      out.ClearWatermark();
      // The first thing after a restore is what was emitted last; it is no progress.
      const bool repeats = !std::exchange(put_something_out, true) && restored != nullptr &&
                           restored->watermark > EventTime::Min();
      if (!repeats) {
        elements.push_back({{}, watermark, true});
      } else if (watermark > restored->watermark) {
        failure = "the watermark that was emitted last does not come again";
      } else {
        ++polls_left;
      }
    }

    bool Ok(const absl::Status& status) {
      if (!status.ok()) failure = status.ToString();
      return status.ok();
    }

    SourceJobUnderTest& owner;
    const size_t index;
    const size_t parallelism;
    const OperatorSnapshot* const restored;
    Output out;
    SubtaskUnderTest subtask;
    std::unique_ptr<SourceOperatorBase> op;
    std::vector<Element> elements;
    OperatorSnapshot snapshot;
    EventTime watermark = EventTime::Min();
    std::string failure;
    int polls_left = 0;
    bool moved =
        false;  // What it restores is of other readers: it has to be told again what they were.
    bool opened = false;
    bool put_something_out = false;
    bool finished = false;
  };

  EnvUnderTest& under_test_;
  const Source<Raw>& source_;
  const std::vector<SourceSplit> splits_;
  const std::function<std::string(const Raw&)> to_text_;
};

}  // namespace weir

#endif  // WEIR_CORE_TESTING_SOURCE_JOB_UNDER_TEST_H_
