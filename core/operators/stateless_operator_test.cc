#include "core/operators/stateless_operator.h"

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "core/base/check.h"
#include "core/base/hash.h"
#include "core/testing/operator_harness.h"
#include "core/testing/verify_operator.h"
#include "core/types/row_codec_for.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Word {
  std::string text;
  int64_t n = 0;
};

EventTime Second(int64_t s) { return EventTime::FromSeconds(s); }

constexpr auto kDouble = [](int64_t n) { return 2 * n; };
constexpr auto kOdd = [](const int64_t& n) { return n % 2 != 0; };
constexpr auto kSmall = [](const int64_t& n) { return n % 5 < 3; };
constexpr auto kToWord = [](int64_t n) { return Word{"word number " + std::to_string(n), n}; };
constexpr auto kShorten = [](Word& word) { word.text.erase(0, 5); };
constexpr auto kLongWord = [](const Word& word) { return word.text.size() > 8; };
constexpr auto kSpread = [](const int64_t& n, Collector<int64_t>& out) {
  for (int64_t i = 0; i < n % 4; ++i) out.Collect(10 * n + i);
};
constexpr auto kLetters = [](const Word& word, Collector<Word>& out) {
  for (const char c : word.text) {
    if (c == 'r' || c == ' ') out.Collect(Word{std::string(1, c), word.n});
  }
};

template <class T, class F>
auto MapOf(F f) {
  return MapStageFor<T, F>{f};
}
template <class T, class F>
auto FilterOf(F f) {
  return FilterStage<T, F>{f};
}
template <class T, class U, class F>
auto FlatMapOf(F f) {
  return FlatMapStage<T, U, F>{f};
}

template <class In, class Out, class... Stages>
OperatorMaker FactoryOf(Stages... stages) {
  return [=] { return std::make_unique<FusedOperator<In, Out, Stages...>>(stages...); };
}

TestSequence Numbers(int64_t count, bool with_times = true) {
  TestSequence sequence;
  for (int64_t i = 0; i < count; ++i) {
    sequence.Row<int64_t>(i, with_times ? std::optional(Second(i)) : std::nullopt);
    if (i % 97 == 96) sequence.AddWatermark(Second(i));
  }
  return sequence.AddWatermark(EventTime::Max());
}

template <class In, class Out, class... Stages>
std::vector<std::string> Verify(const TestSequence& sequence, Stages... stages) {
  VerifyOptions options;
  options.fans_out = ((Stages::kKind == StageKind::kFlatMap) || ...);
  const auto output =
      VerifyOperator(FactoryOf<In, Out>(stages...), RowCodecFor<Out>(), sequence, options);
  EXPECT_TRUE(output.ok()) << output.status();
  return output.value_or(std::vector<std::string>());
}

TEST(FusedOperatorTest, MapsRowsAndKeepsTheirTimes) {
  EXPECT_THAT((Verify<int64_t, int64_t>(Numbers(3), MapOf<int64_t>(kDouble))),
              ElementsAre("0 @1970-01-01T00:00:00Z", "2 @1970-01-01T00:00:01Z",
                          "4 @1970-01-01T00:00:02Z", "watermark +inf"));
}

TEST(FusedOperatorTest, RowsWithoutTimesStayWithout) {
  EXPECT_THAT((Verify<int64_t, int64_t>(Numbers(4, false), FilterOf<int64_t>(kOdd))),
              ElementsAre("1", "3", "watermark +inf"));
}

TEST(FusedOperatorTest, KeepsTheContractForEachKindOfRun) {
  const TestSequence rows = Numbers(1500);
  EXPECT_EQ((Verify<int64_t, int64_t>(rows, FilterOf<int64_t>(kOdd))).size(), 750u + 16);
  Verify<int64_t, int64_t>(rows, MapOf<int64_t>(kDouble), FilterOf<int64_t>(kSmall));
  Verify<int64_t, Word>(rows, FilterOf<int64_t>(kSmall), MapOf<int64_t>(kToWord));
  Verify<int64_t, Word>(rows, MapOf<int64_t>(kToWord), MapOf<Word>(kShorten),
                        FilterOf<Word>(kLongWord));
  Verify<int64_t, int64_t>(rows, FlatMapOf<int64_t, int64_t>(kSpread));
  Verify<int64_t, Word>(rows, FlatMapOf<int64_t, int64_t>(kSpread), FilterOf<int64_t>(kOdd),
                        MapOf<int64_t>(kToWord), FlatMapOf<Word, Word>(kLetters),
                        MapOf<Word>([](Word w) { return w; }));
}

TEST(FusedOperatorTest, KeepsTheContractForRowsThatStayInPlace) {
  TestSequence words;
  for (int64_t i = 0; i < 300; ++i) words.Row(Word{std::string(i % 30, 'x'), i}, Second(i));
  Verify<Word, Word>(words, FilterOf<Word>(kLongWord));
  Verify<Word, Word>(words, MapOf<Word>([](Word& w) { w.text += "!"; }), FilterOf<Word>(kLongWord),
                     MapOf<Word>([](Word& w) { w.n += 1; }));
}

// What the stages put out when each runs as an operator of its own.
template <class In>
std::vector<std::string> RunOneByOne(const TestSequence& sequence,
                                     const std::vector<OperatorMaker>& stages,
                                     const std::vector<std::shared_ptr<const RowCodec>>& codecs) {
  std::vector<std::unique_ptr<BatchBase>> flowing;
  for (const TestSequence::Element& element : sequence.elements()) {
    if (element.watermark.has_value()) continue;
    flowing.push_back(sequence.codec(0).NewBatch());
    WEIR_CHECK_OK(sequence.codec(0).DecodeRows(element.row, 1, element.flags, *flowing.back()));
  }
  std::vector<std::string> texts;
  for (size_t i = 0; i < stages.size(); ++i) {
    OperatorHarness::Options options;
    options.fans_out = true;
    OperatorHarness harness(stages[i](), codecs[i], options);
    WEIR_CHECK_OK(harness.Open());
    std::vector<std::unique_ptr<BatchBase>> next;
    for (const auto& batch : flowing) {
      harness.ClearEmitted();
      const uint8_t flags = RowFlags(*batch);
      WEIR_CHECK_OK(harness.Process(*batch));
      for (const Emitted& emitted : harness.emitted()) {
        next.push_back(codecs[i]->NewBatch());
        WEIR_CHECK_OK(codecs[i]->DecodeRows(emitted.bytes, 1, flags, *next.back()));
        if (i + 1 == stages.size()) texts.push_back(emitted.text);
      }
    }
    flowing = std::move(next);
  }
  return texts;
}

// A drawn run of kDepth stages against the same stages one by one.
template <size_t kDepth, class... Stages>
void CompareRuns(uint64_t& draw, const TestSequence& rows, Stages... stages) {
  if constexpr (sizeof...(Stages) == kDepth) {
    auto fused = Verify<int64_t, int64_t>(rows, stages...);
    std::erase_if(fused, [](const std::string& text) { return text.starts_with("watermark"); });
    const auto unfused = RunOneByOne<int64_t>(
        rows, {FactoryOf<int64_t, int64_t>(stages)...},
        {((void)stages, std::static_pointer_cast<const RowCodec>(RowCodecFor<int64_t>()))...});
    EXPECT_EQ(fused, unfused);
  } else {
    draw = StableHashOfU64(draw);
    switch (draw % 3) {
      case 0:
        return CompareRuns<kDepth>(draw, rows, stages..., MapOf<int64_t>(kDouble));
      case 1:
        return CompareRuns<kDepth>(draw, rows, stages..., FilterOf<int64_t>(kSmall));
      default:
        return CompareRuns<kDepth>(draw, rows, stages..., FlatMapOf<int64_t, int64_t>(kSpread));
    }
  }
}

TEST(FusedOperatorTest, FusedEqualsUnfusedForRandomRuns) {
  const TestSequence rows = Numbers(60);
  uint64_t draw = 7;
  for (int i = 0; i < 30; ++i) CompareRuns<3>(draw, rows);
}

TEST(FusedOperatorTest, CountsRowsPerStage) {
  OperatorHarness harness(
      FactoryOf<int64_t, int64_t>(MapOf<int64_t>(kDouble), FilterOf<int64_t>(kSmall),
                                  MapOf<int64_t>(kDouble))(),
      RowCodecFor<int64_t>());
  ASSERT_TRUE(harness.Open().ok());
  Batch<int64_t> batch;
  for (int64_t i = 0; i < 10; ++i) batch.rows.push_back(i);
  ASSERT_TRUE(harness.Process(batch).ok());
  EXPECT_THAT(harness.op().stage_counts(),
              ElementsAre(StageCounts{10, 10}, StageCounts{10, 6}, StageCounts{6, 6}));
}

TEST(FusedOperatorTest, KnowsRowAndStageOfAnException) {
  const auto throws = [](int64_t n) -> int64_t {
    if (n == 14) throw std::runtime_error("no fourteens");
    return n;
  };
  OperatorHarness harness(
      FactoryOf<int64_t, int64_t>(MapOf<int64_t>(kDouble), MapOf<int64_t>(throws))(),
      RowCodecFor<int64_t>());
  ASSERT_TRUE(harness.Open().ok());
  Batch<int64_t> batch;
  for (int64_t i = 0; i < 10; ++i) batch.rows.push_back(i);
  EXPECT_THROW((void)harness.Process(batch), std::runtime_error);
  EXPECT_EQ(harness.op().current_row(), 7u);
  EXPECT_EQ(harness.op().current_stage(), 1u);
}

// Filters move rows up; the row that is named is still the one that came in.
TEST(FusedOperatorTest, KnowsTheRowOfAnExceptionBehindFilters) {
  const auto throws = [](const int64_t& n) -> Word {
    if (n == 22) throw std::runtime_error("no twenty-twos");
    return Word{"", n};
  };
  const auto throws_for_word = [](const Word& word) -> bool {
    if (word.n == 17) throw std::runtime_error("no seventeens");
    return true;
  };
  const auto row_of_failure = [](const OperatorMaker& maker) {
    OperatorHarness harness(maker(), RowCodecFor<Word>());
    WEIR_CHECK_OK(harness.Open());
    Batch<int64_t> batch;
    for (int64_t i = 0; i < 30; ++i) batch.rows.push_back(i);
    EXPECT_THROW((void)harness.Process(batch), std::runtime_error);
    return std::pair(harness.op().current_row(), harness.op().current_stage());
  };
  EXPECT_EQ(
      row_of_failure(FactoryOf<int64_t, Word>(FilterOf<int64_t>(kSmall), MapOf<int64_t>(kDouble),
                                              FilterOf<int64_t>(kSmall), MapOf<int64_t>(throws))),
      (std::pair<size_t, size_t>(11, 3)));
  EXPECT_EQ(
      row_of_failure(FactoryOf<int64_t, Word>(FilterOf<int64_t>(kSmall), MapOf<int64_t>(kToWord),
                                              FilterOf<Word>(throws_for_word))),
      (std::pair<size_t, size_t>(17, 2)));
}

// Segments that change the row type, by way of rows that are not plain and back.
TEST(FusedOperatorTest, KeepsTheContractWhenRowTypesChangeInTheMiddle) {
  const auto to_small = [](const int64_t& n) { return static_cast<int32_t>(n); };
  const auto small = [](const int32_t& n) { return n % 7 != 3; };
  const auto widen = [](int32_t n) { return Word{std::string(n % 20, 'y'), n}; };
  const auto length = [](const Word& word) { return static_cast<int64_t>(word.text.size()); };
  const TestSequence rows = Numbers(1100);
  Verify<int64_t, int64_t>(rows, FilterOf<int64_t>(kSmall), MapOf<int64_t>(to_small),
                           FilterOf<int32_t>(small), MapOf<int32_t>(widen),
                           FilterOf<Word>(kLongWord), MapOf<Word>(length), FilterOf<int64_t>(kOdd));
  Verify<int64_t, Word>(rows, MapOf<int64_t>(to_small), FilterOf<int32_t>(small),
                        MapOf<int32_t>(widen));
}

TEST(FusedOperatorTest, ARunawayFlatMapFailsByName) {
  const auto runaway = [](const int64_t&, Collector<std::string>& out) {
    for (;;) out.Collect(std::string(1000, 'x'));
  };
  OperatorHarness harness(
      FactoryOf<int64_t, std::string>(FlatMapOf<int64_t, std::string>(runaway))(),
      RowCodecFor<std::string>());
  harness.context().set_fanout_bytes_max(1 << 20);
  ASSERT_TRUE(harness.Open().ok());
  Batch<int64_t> batch;
  batch.rows = {1};
  const absl::Status status = harness.Process(batch);
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(status.message()), HasSubstr("fanout-bytes-max = 1048576 bytes"));
}

TEST(FusedOperatorTest, NeverCopiesRows) {
  struct Counted {
    std::vector<std::unique_ptr<int>> only_movable;
  };
  const auto touch = [](Counted c) { return c; };
  const auto keep = [](const Counted&) { return true; };
  FusedOperator<Counted, Counted, MapStage<Counted, decltype(touch)>,
                FilterStage<Counted, decltype(keep)>>
      op({touch}, {keep});
  Batch<Counted> batch;
  batch.rows.resize(3);
  Output out(std::make_unique<Batch<Counted>>(), 2);
  EXPECT_EQ(*op.ProcessBatch(0, batch, out), Progress::kMore);
  EXPECT_EQ(out.batch<Counted>().rows.size(), 2u);
}

}  // namespace
}  // namespace weir
