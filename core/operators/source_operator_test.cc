#include "core/operators/source_operator.h"

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/testing/operator_harness.h"
#include "core/types/row_codec_for.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Tick {
  int64_t second = 0;
  EventTime time() const { return EventTime::FromSeconds(second); }
};

EventTime Second(int64_t s) { return EventTime::FromSeconds(s); }

constexpr int64_t kYear = 31'557'600;
constexpr int64_t kIn2020 = 50 * kYear;

// Reads splits whose payload is a number: that many records, one per second, from the second 1000 * id on. Answers in between
// what the test has queued.
class ScriptedReader final : public SplitReader<int64_t> {
 public:
  explicit ScriptedReader(size_t chunk_records) : chunk_records_(chunk_records) {}

  absl::Status Open(OperatorContext&) override { return absl::OkStatus(); }
  absl::Status AddSplit(const SourceSplit& split, std::optional<SourcePosition> from) override {
    splits_.push_back({split.id, std::stoll(split.payload), from ? from->offset : 0});
    return absl::OkStatus();
  }
  absl::StatusOr<Result> Poll(Chunk& chunk) override {
    chunk = Chunk();
    if (!answers.empty()) {
      const Result answer = answers.front();
      answers.pop_front();
      return answer;
    }
    if (unbounded_idle) return Result::kNothingNow;
    if (splits_.empty()) return Result::kNoSplit;
    Reading& split = splits_.front();
    chunk.split = split.id;
    while (chunk.records.size() < chunk_records_ && split.next < split.count) {
      chunk.positions.push_back({static_cast<int32_t>(split.id.value()), split.next});
      chunk.records.push_back(kIn2020 + 1000 * split.id.value() + split.next++);
    }
    chunk.next = {static_cast<int32_t>(split.id.value()), split.next};
    chunk.end_of_split = split.next == split.count;
    if (chunk.end_of_split) splits_.pop_front();
    return Result::kChunk;
  }
  void Close() override {}

  std::deque<Result> answers;
  bool unbounded_idle = false;

 private:
  struct Reading {
    SplitId id;
    int64_t count;
    int64_t next;
  };
  const size_t chunk_records_;
  std::deque<Reading> splits_;
};

absl::StatusOr<Tick> Decode(const int64_t& record, SourcePosition) {
  if (record % 100 == 13) return absl::InvalidArgumentError("thirteen");
  return Tick{record};
}
using DecodeFunction = decltype(&Decode);
using Source = SourceOperator<int64_t, Tick, DecodeFunction>;

WatermarkStrategy<Tick> Strategy() {
  return WatermarkStrategy<Tick>::ForMonotonousTimestamps().WithTimestampAssigner(&Tick::time);
}

// A source alone, with the harness around it.
struct SourceUnderTest {
  explicit SourceUnderTest(size_t chunk_records = 1000, size_t rows_max = 1024, bool bounded = true,
                           WatermarkStrategy<Tick> strategy = Strategy()) {
    auto owned = std::make_unique<ScriptedReader>(chunk_records);
    reader = owned.get();
    OperatorHarness::Options options;
    options.rows_max = [rows_max](size_t call) {
      return rows_max > 0 ? rows_max : (call % 2 == 0 ? size_t{0} : size_t{1});
    };
    harness = std::make_unique<OperatorHarness>(
        std::make_unique<Source>(std::move(owned), &Decode, std::move(strategy), bounded),
        RowCodecFor<Tick>(), options);
    WEIR_CHECK_OK(harness->Open());
  }
  ~SourceUnderTest() { harness->Close(); }

  Source& source() { return static_cast<Source&>(harness->op()); }
  void Add(uint32_t id, int64_t count) {
    WEIR_CHECK_OK(source().AddSplit({SplitId(id), std::to_string(count)}));
  }
  Progress Poll() {
    return harness->CallOnce([this](Output& out) { return source().Poll(out); }).value();
  }
  Progress PollWhileMore() {
    for (;;) {
      if (const Progress progress = Poll(); progress != Progress::kMore) return progress;
    }
  }
  // Only the watermarks that came out.
  std::vector<std::string> Watermarks() {
    std::vector<std::string> texts = harness->Texts();
    std::erase_if(texts, [](const std::string& text) { return !text.starts_with("watermark"); });
    return texts;
  }
  std::string WatermarkText(int64_t second, const char* suffix = "") {
    return "watermark " + Second(kIn2020 + second).Minus(absl::Microseconds(1)).ToString() + suffix;
  }

  ScriptedReader* reader;
  std::unique_ptr<OperatorHarness> harness;
};

TEST(SourceOperatorTest, EmitsAWatermarkEvery256RecordsAndAtTheEnd) {
  SourceUnderTest test;
  EXPECT_TRUE(test.source().WantsSplit());
  test.Add(0, 600);
  EXPECT_FALSE(test.source().WantsSplit());
  test.source().NoMoreSplits();
  EXPECT_EQ(test.PollWhileMore(), Progress::kDone);
  EXPECT_THAT(test.Watermarks(),
              ElementsAre(test.WatermarkText(255), test.WatermarkText(511), "watermark +inf"));
}

TEST(SourceOperatorTest, OutputDependsNeitherOnChunksNorOnRoom) {
  std::vector<std::string> expected;
  for (const size_t chunk : {1, 7, 64, 1000}) {
    for (const size_t rows_max : {0, 1, 3, 1024}) {
      SourceUnderTest test(chunk, rows_max);
      test.Add(0, 700);
      test.Add(1, 300);
      test.Add(2, 0);
      test.source().NoMoreSplits();
      EXPECT_EQ(test.PollWhileMore(), Progress::kDone);
      if (expected.empty()) expected = test.harness->Texts();
      EXPECT_EQ(test.harness->Texts(), expected) << chunk << " " << rows_max;
      EXPECT_EQ(test.harness->context().metrics().malformed.count, 10);
      EXPECT_EQ(test.harness->context().metrics().num_records_in, 1000);
    }
  }
  EXPECT_GT(expected.size(), 990u);
}

TEST(SourceOperatorTest, HoldsTimeUntilNoSplitCanComeAndForItsOwnLaterSplits) {
  SourceUnderTest test;
  test.Add(0, 300);
  EXPECT_EQ(test.PollWhileMore(), Progress::kBlocked);
  EXPECT_TRUE(test.source().WantsSplit());
  EXPECT_THAT(test.Watermarks(), IsEmpty());
  test.Add(1, 300);
  test.Add(2, 300);
  test.source().NoMoreSplits();
  EXPECT_EQ(test.PollWhileMore(), Progress::kDone);
  // Split 1 moves nothing, since split 2 waits; at its end there is only split 2, which has said nothing.
  EXPECT_THAT(test.Watermarks(), ElementsAre(test.WatermarkText(2255), "watermark +inf"));
}

TEST(SourceOperatorTest, CountsMalformedRecordsWithTheirPlace) {
  SourceUnderTest test;
  test.Add(0, 50);
  test.source().NoMoreSplits();
  EXPECT_EQ(test.PollWhileMore(), Progress::kDone);
  const SetAsideRecords& malformed = test.harness->context().metrics().malformed;
  EXPECT_EQ(malformed.count, 1);
  EXPECT_EQ(malformed.first, (SourcePosition{0, 13}));
  EXPECT_EQ(malformed.first_reason, "thirteen");
}

TEST(SourceOperatorTest, ImplausibleTimesAreCountedAndDoNotMoveTheWatermark) {
  PlausibleEventTimes until_second_100;
  until_second_100.end = Second(kIn2020 + 100);
  SourceUnderTest test(1000, 1024, true, Strategy().WithPlausibleEventTimes(until_second_100));
  test.Add(0, 256);
  test.Add(1, 1);
  test.source().NoMoreSplits();
  EXPECT_EQ(test.PollWhileMore(), Progress::kDone);
  EXPECT_EQ(test.harness->context().metrics().implausible_event_times, 256 + 1 - 3 - 99);
}

TEST(SourceOperatorTest, IsIdleAfterBeingToldNothingForThePeriod) {
  SourceUnderTest test(1000, 1024, false, Strategy().WithIdleness(absl::Seconds(8)));
  test.Add(0, 10);
  test.source().NoMoreSplits();
  test.reader->unbounded_idle = true;
  auto& context = test.harness->context();
  EXPECT_EQ(test.Poll(), Progress::kBlocked);
  // A pause of any length is one slice of the period.
  context.env().clock().Advance(absl::Hours(5));
  for (int slice = 1; slice < IdlenessTimer::kSlices; ++slice) {
    context.RunReady();
    EXPECT_EQ(test.Poll(), Progress::kBlocked);
    EXPECT_THAT(test.Watermarks(), IsEmpty()) << slice;
    context.env().clock().Advance(absl::Seconds(1));
  }
  context.RunReady();
  EXPECT_EQ(test.Poll(), Progress::kBlocked);
  EXPECT_THAT(test.Watermarks(), ElementsAre("watermark -inf idle"));
  EXPECT_EQ(test.Poll(), Progress::kBlocked);
  EXPECT_EQ(test.Watermarks().size(), 1u);

  // That it is active again is said in the band, before its next row.
  test.reader->unbounded_idle = false;
  const size_t before = test.harness->Texts().size();
  EXPECT_EQ(test.PollWhileMore(), Progress::kDone);
  ASSERT_GT(test.harness->Texts().size(), before + 1);
  EXPECT_EQ(test.harness->Texts()[before], "watermark -inf");
  EXPECT_FALSE(test.harness->Texts()[before + 1].starts_with("watermark"));
}

TEST(SourceOperatorTest, IsNotIdleWhileBlocked) {
  SourceUnderTest test(1000, 1024, false, Strategy().WithIdleness(absl::Seconds(8)));
  test.Add(0, 10);
  test.source().NoMoreSplits();
  test.reader->unbounded_idle = true;
  auto& context = test.harness->context();
  for (int i = 0; i < 40; ++i) {
    if (i % 5 == 4) test.reader->answers.push_back(ScriptedReader::Result::kBlocked);
    EXPECT_EQ(test.Poll(), Progress::kBlocked);
    context.env().clock().Advance(absl::Seconds(1));
    context.RunReady();
  }
  EXPECT_THAT(test.Watermarks(), IsEmpty());
}

TEST(SourceOperatorTest, BoundedSourcesAreNeverIdle) {
  SourceUnderTest test(1000, 1024, true, Strategy().WithIdleness(absl::Seconds(8)));
  test.Add(0, 10);
  test.source().NoMoreSplits();
  test.reader->unbounded_idle = true;
  EXPECT_EQ(test.Poll(), Progress::kBlocked);
  EXPECT_EQ(test.harness->context().executor().pending_timers(), 0u);
}

TEST(SourceOperatorTest, CloseCancelsTheTimer) {
  SourceUnderTest test(1000, 1024, false, Strategy());
  test.Add(0, 10);
  test.source().NoMoreSplits();
  test.reader->unbounded_idle = true;
  EXPECT_EQ(test.Poll(), Progress::kBlocked);
  EXPECT_EQ(test.harness->context().executor().pending_timers(), 1u);
  test.harness->Close();
  EXPECT_EQ(test.harness->context().executor().pending_timers(), 0u);
}

TEST(SourceOperatorTest, ASplitAfterTheLastOneIsDataLoss) {
  SourceUnderTest test;
  test.source().NoMoreSplits();
  EXPECT_TRUE(absl::IsDataLoss(test.source().AddSplit({SplitId(3), "300"})));
}

TEST(SourceOperatorTest, ASplitThatComesTwiceIsDataLoss) {
  SourceUnderTest test;
  test.Add(3, 300);
  OperatorSnapshot snapshot;
  WEIR_CHECK_OK(test.source().SnapshotOperatorState(snapshot));
  snapshot.splits.push_back(snapshot.splits.front());
  SourceUnderTest life;
  const absl::Status restored = life.source().RestoreOperatorState(snapshot);
  EXPECT_TRUE(absl::IsDataLoss(restored)) << restored;
  EXPECT_THAT(std::string(restored.message()), HasSubstr("split-3 was assigned twice"));
  EXPECT_TRUE(absl::IsDataLoss(test.source().AddSplit({SplitId(3), "300"})));
}

TEST(SourceOperatorTest, GoesOnFromASnapshotAsIfNothingHadHappened) {
  const auto read = [](int polls_per_life) {
    std::vector<std::string> texts;
    OperatorSnapshot snapshot;
    for (bool first = true;; first = false) {
      SourceUnderTest life(/*chunk_records=*/100, /*rows_max=*/9);
      if (first) {
        life.Add(3, 300);
        life.Add(1, 700);
        life.source().NoMoreSplits();
      } else {
        WEIR_CHECK_OK(life.source().RestoreOperatorState(snapshot));
      }
      bool done = false;
      for (int poll = 0; poll < polls_per_life && !done; ++poll)
        done = life.Poll() == Progress::kDone;
      snapshot = OperatorSnapshot();
      WEIR_CHECK_OK(life.source().SnapshotOperatorState(snapshot));
      for (const std::string& text : life.harness->Texts()) {
        // What was emitted last comes again.
        const auto last_watermark = std::find_if(
            texts.rbegin(), texts.rend(), [](const auto& t) { return t.starts_with("watermark"); });
        if (last_watermark != texts.rend() && *last_watermark == text) continue;
        texts.push_back(text);
      }
      if (done) {
        EXPECT_THAT(snapshot.splits, IsEmpty());
        EXPECT_THAT(snapshot.finished_splits, ElementsAre(SplitId(3), SplitId(1)));
        EXPECT_EQ(snapshot.watermark, EventTime::Max());
        return texts;
      }
    }
  };
  const std::vector<std::string> expected = read(1'000'000);
  EXPECT_EQ(std::count_if(expected.begin(), expected.end(),
                          [](const auto& text) { return text.starts_with("watermark"); }),
            3);
  for (const int polls : {2, 3, 10, 50}) EXPECT_EQ(read(polls), expected) << polls;
}

// Says nothing before it knows 300 rows, and falls behind every thousandth.
class HesitantWatermarks final : public WatermarkGenerator<Tick> {
 public:
  void OnRow(const Tick&, EventTime time) override {
    latest_ = time;
    ++rows_;
  }
  EventTime watermark() const override {
    if (rows_ < 300) return EventTime::Min();
    return rows_ % 1000 < 10 ? latest_.Minus(absl::Seconds(500)) : latest_;
  }

 private:
  EventTime latest_ = EventTime::Min();
  int rows_ = 0;
};

TEST(SourceOperatorTest, WithANewGeneratorTheWatermarkStaysTrueAndNeverFalls) {
  const auto strategy = WatermarkStrategy<Tick>::ForGenerator([] {
                          return std::make_unique<HesitantWatermarks>();
                        }).WithTimestampAssigner(&Tick::time);
  for (const int polls_per_life : {3, 7, 20, 100'000}) {
    OperatorSnapshot snapshot;
    EventTime emitted = EventTime::Min();
    int64_t records = 0;
    int lives = 0;
    for (bool done = false; !done; ++lives) {
      SourceUnderTest life(/*chunk_records=*/100, /*rows_max=*/50, /*bounded=*/true, strategy);
      if (lives == 0) {
        life.Add(0, 5000);
        life.source().NoMoreSplits();
      } else {
        WEIR_CHECK_OK(life.source().RestoreOperatorState(snapshot));
      }
      for (int poll = 0; poll < polls_per_life && !done; ++poll) {
        done = life.Poll() == Progress::kDone;
        snapshot = OperatorSnapshot();
        WEIR_CHECK_OK(life.source().SnapshotOperatorState(snapshot));
        EXPECT_GE(snapshot.watermark, emitted) << "life " << lives << " of " << polls_per_life;
        emitted = snapshot.watermark;
        const int64_t read = records + life.harness->context().metrics().num_records_in;
        if (!done && read < 5000) {
          EXPECT_LT(emitted, Second(kIn2020 + read)) << "the time of the next record";
        }
      }
      records += life.harness->context().metrics().num_records_in;
    }
    EXPECT_EQ(records, 5000) << "none twice, none left out";
    EXPECT_EQ(lives == 1, polls_per_life == 100'000);
  }
}

TEST(SourceOperatorTest, AnEndedReaderStaysEnded) {
  OperatorSnapshot snapshot;
  {
    SourceUnderTest life;
    life.source().NoMoreSplits();
    EXPECT_EQ(life.Poll(), Progress::kDone);
    WEIR_CHECK_OK(life.source().SnapshotOperatorState(snapshot));
  }
  SourceUnderTest life;
  WEIR_CHECK_OK(life.source().RestoreOperatorState(snapshot));
  while (life.Poll() != Progress::kDone) {
  }
  EXPECT_FALSE(life.source().WantsSplit());
  EXPECT_THAT(life.harness->Texts(), ElementsAre("watermark +inf"));
}

TEST(SourceOperatorTest, WhatAnotherReaderWasToldDoesNotHold) {
  OperatorSnapshot snapshot;
  {
    SourceUnderTest life;
    life.source().NoMoreSplits();
    WEIR_CHECK_OK(life.source().SnapshotOperatorState(snapshot));
  }
  ASSERT_EQ(snapshot.lists.size(), 1u);
  ASSERT_EQ(snapshot.lists[0].elements.size(), 1u);
  snapshot.lists[0].elements[0][0] ^= 1;  // Its index.
  SourceUnderTest life;
  WEIR_CHECK_OK(life.source().RestoreOperatorState(snapshot));
  EXPECT_TRUE(life.source().WantsSplit());
  life.Add(3, 2);
  EXPECT_EQ(life.PollWhileMore(), Progress::kBlocked) << "there may be more";
  EXPECT_TRUE(life.Watermarks().empty());
  life.source().NoMoreSplits();
  EXPECT_EQ(life.PollWhileMore(), Progress::kDone);
}

}  // namespace
}  // namespace weir
