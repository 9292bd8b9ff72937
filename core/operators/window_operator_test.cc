#include "core/operators/window_operator.h"

#include <memory>
#include <string>
#include <vector>

#include "core/base/hash.h"
#include "core/base/key_group.h"
#include "core/operators/fold.h"
#include "core/operators/reduce_operator.h"
#include "core/testing/operator_harness.h"
#include "core/testing/verify_operator.h"
#include "core/types/row_codec_for.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAreArray;

struct Click {
  std::string page;
  int64_t ms = 0;
  SourcePosition position;
};
struct PageCount {
  std::string page;
  int64_t count = 0;
};
struct UserMax {
  int64_t user = 0;
  int64_t ms = 0;
};

EventTime Second(int64_t s) { return EventTime::FromSeconds(s); }

constexpr auto kPage = [](const Click& click) -> const std::string& { return click.page; };
constexpr auto kPageCount = [](const std::string& page, const TimeWindow&, const int64_t& count) {
  return PageCount{page, count};
};
constexpr auto kUser = [](const UserMax& row) { return row.user; };
constexpr auto kMax = [](const UserMax& a, const UserMax& b) { return a.ms < b.ms ? b : a; };

template <class T, class R, class Selector, class Fold, class ResultFunction>
OperatorMaker Window(absl::Duration size, Selector selector, Fold fold, ResultFunction result) {
  return [=] {
    return std::make_unique<TumblingWindowOperator<T, R, Selector, Fold, ResultFunction>>(
        TumblingEventTimeWindows::Of(size), selector, fold, result);
  };
}

OperatorMaker CountPages() {
  return Window<Click, PageCount>(absl::Seconds(10), kPage, AggregateFold<Click, Count>(Count()),
                                  kPageCount);
}

template <class T, class Selector>
VerifyOptions Keyed(Selector selector) {
  VerifyOptions options;
  options.key_hasher = std::make_shared<const TypedKeyHasher<T, Selector>>(selector);
  return options;
}

TEST(TumblingWindowOperatorTest, FiresWindowsInTimeOrderAndKeysInKeyOrder) {
  TestSequence clicks;
  clicks.Row(Click{"b", 1, {}}, Second(11)).Row(Click{"b", 1, {}}, Second(1));
  clicks.Row(Click{"a", 1, {}}, Second(2)).Row(Click{"b", 1, {}}, Second(3));
  clicks.AddWatermark(Second(9));
  clicks.AddWatermark(EventTime::FromMicros(9'999'999));
  clicks.Row(Click{"c", 1, {}}, Second(12)).AddWatermark(EventTime::Max());
  const auto output =
      VerifyOperator(CountPages(), RowCodecFor<PageCount>(), clicks, Keyed<Click>(kPage));
  ASSERT_TRUE(output.ok()) << output.status();
  EXPECT_THAT(*output,
              ElementsAre("watermark 1970-01-01T00:00:09Z",
                          "{page=a, count=1} @1970-01-01T00:00:09.999999Z",
                          "{page=b, count=2} @1970-01-01T00:00:09.999999Z",
                          "watermark 1970-01-01T00:00:09.999999Z",
                          "{page=b, count=1} @1970-01-01T00:00:19.999999Z",
                          "{page=c, count=1} @1970-01-01T00:00:19.999999Z", "watermark +inf"));
}

TEST(TumblingWindowOperatorTest, CountsLateRowsByTheirPlace) {
  OperatorHarness harness(CountPages()(), RowCodecFor<PageCount>());
  ASSERT_TRUE(harness.Open().ok());
  ASSERT_TRUE(harness.ProcessWatermark({Second(30), false}).ok());
  Batch<Click> batch;
  batch.Append(Click{"z", 1, {0, 70}}, Second(1));
  batch.Append(Click{"y", 1, {0, 50}}, Second(29));
  batch.Append(Click{"x", 1, {0, 60}}, Second(30));
  ASSERT_TRUE(harness.Process(batch).ok());
  const SetAsideRecords& late = harness.context().metrics().late;
  EXPECT_EQ(late.count, 2);
  EXPECT_EQ(late.first, (SourcePosition{0, 50}));
  EXPECT_THAT(late.first_excerpt, HasSubstr("page=y"));
  EXPECT_EQ(
      late.first_reason,
      "its window [1970-01-01T00:00:20Z, 1970-01-01T00:00:30Z) was over: the watermark was at "
      "1970-01-01T00:00:30Z");
  ASSERT_TRUE(harness.ProcessWatermark({EventTime::Max(), false}).ok());
  EXPECT_THAT(harness.Texts()[1], HasSubstr("page=x"));
}

TEST(TumblingWindowOperatorTest, RefusesRowsWithoutTimes) {
  OperatorHarness harness(CountPages()(), RowCodecFor<PageCount>());
  ASSERT_TRUE(harness.Open().ok());
  Batch<Click> batch;
  batch.rows.push_back({"a", 1, {}});
  const absl::Status status = harness.Process(batch);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr(".WithTimestampAssigner(...)"));
}

// Random rows, keys and watermarks, some rows late.
TestSequence RandomUsers(uint64_t seed, int rows) {
  TestSequence sequence;
  uint64_t draw = seed;
  for (int i = 0; i < rows; ++i) {
    draw = StableHashOfU64(draw);
    const auto time = EventTime::FromMicros(i * 100'000 - static_cast<int64_t>(draw % 4'000'000));
    sequence.Row(UserMax{static_cast<int64_t>(draw >> 32) % 40 - 20,
                         static_cast<int64_t>(draw >> 16) % 1000},
                 time);
    if (i % 50 == 49)
      sequence.AddWatermark(EventTime::FromMicros(i * 100'000 - 2'000'000), i % 3 == 0);
  }
  return sequence.AddWatermark(EventTime::Max());
}

TEST(TumblingWindowOperatorTest, KeepsTheContract) {
  const auto result = [](const int64_t&, const TimeWindow&, const UserMax& max) { return max; };
  const auto maker = Window<UserMax, UserMax>(absl::Seconds(3), kUser,
                                              ReduceFold<UserMax, decltype(kMax)>(kMax), result);
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    const auto output = VerifyOperator(maker, RowCodecFor<UserMax>(), RandomUsers(seed, 2000),
                                       Keyed<UserMax>(kUser));
    ASSERT_TRUE(output.ok()) << output.status();
    EXPECT_GT(output->size(), 500u);
  }
}

TEST(TumblingWindowOperatorTest, TablesOfFiredWindowsAreUsedAgain) {
  OperatorHarness harness(CountPages()(), RowCodecFor<PageCount>());
  ASSERT_TRUE(harness.Open().ok());
  for (int64_t window = 0; window < 20; ++window) {
    Batch<Click> batch;
    for (int64_t i = 0; i < 100; ++i) {
      batch.Append(Click{"page " + std::to_string(i), 1, {}}, Second(10 * window + 5));
    }
    ASSERT_TRUE(harness.Process(batch).ok());
    harness.ClearEmitted();
    ASSERT_TRUE(harness.ProcessWatermark({Second(10 * window + 10), false}).ok());
    ASSERT_EQ(harness.emitted().size(), 101u);
    EXPECT_THAT(harness.Texts()[0], HasSubstr("{page=page 0, count=1}"));
  }
}

// What a subtask leaves at a barrier, two others take up: one per half of the key groups.
TEST(TumblingWindowOperatorTest, GoesOnAfterARestoreWithOtherKeyGroups) {
  OperatorHarness before(CountPages()(), RowCodecFor<PageCount>());
  ASSERT_TRUE(before.Open().ok());
  Batch<Click> clicks;
  for (int i = 0; i < 40; ++i) clicks.Append(Click{"p" + std::to_string(i % 20), 1, {}}, Second(i));
  ASSERT_TRUE(before.Process(clicks).ok());
  ASSERT_TRUE(before.ProcessWatermark({Second(15), false}).ok());
  OperatorSnapshot snapshot;
  ASSERT_TRUE(before.op().SnapshotOperatorState(snapshot).ok());
  StateBackend& backend = *before.context().state_if_used();
  std::string records;
  backend.BeginSnapshot();
  while (backend.snapshot_running()) {
    backend.AdvanceSnapshot(100);
    records += backend.TakeEmitted(1000);
  }
  before.ClearEmitted();
  ASSERT_TRUE(before.ProcessWatermark({EventTime::Max(), false}).ok());

  std::vector<std::string> texts;
  for (int index = 0; index < 2; ++index) {
    OperatorHarness after(CountPages()(), RowCodecFor<PageCount>());
    after.context().mutable_identity().key_groups = KeyGroupRangeForSubtask(index, 128, 2);
    ASSERT_TRUE(after.Open().ok());
    ASSERT_TRUE(after.context().state().Restore(records).ok());
    ASSERT_TRUE(after.op().RestoreOperatorState(snapshot).ok());
    // The window of this row had fired before the snapshot.
    Batch<Click> late;
    late.Append(Click{"p1", 1, {}}, Second(5));
    ASSERT_TRUE(after.Process(late).ok());
    EXPECT_EQ(after.context().metrics().late.count, 1);
    ASSERT_TRUE(after.ProcessWatermark({EventTime::Max(), false}).ok());
    std::vector<std::string> part = after.Texts();
    part.pop_back();  // The watermark.
    texts.insert(texts.end(), part.begin(), part.end());
  }
  std::vector<std::string> expected = before.Texts();
  expected.pop_back();
  EXPECT_EQ(expected.size(), 30u);
  EXPECT_THAT(texts, UnorderedElementsAreArray(expected));
}

TEST(ReduceOperatorTest, PutsOutTheValueAfterEveryRow) {
  TestSequence rows;
  rows.Row(UserMax{1, 5}, Second(1)).Row(UserMax{2, 7}, Second(2)).Row(UserMax{1, 3}, Second(3));
  const OperatorMaker maker = [] {
    using Fold = ReduceFold<UserMax, decltype(kMax)>;
    return std::make_unique<ReduceOperator<UserMax, decltype(kUser), Fold>>(kUser, Fold(kMax));
  };
  const auto output = VerifyOperator(maker, RowCodecFor<UserMax>(), rows, Keyed<UserMax>(kUser));
  ASSERT_TRUE(output.ok()) << output.status();
  EXPECT_THAT(*output, ElementsAre("{user=1, ms=5} @1970-01-01T00:00:01Z",
                                   "{user=2, ms=7} @1970-01-01T00:00:02Z",
                                   "{user=1, ms=5} @1970-01-01T00:00:03Z"));
  const auto random =
      VerifyOperator(maker, RowCodecFor<UserMax>(), RandomUsers(4, 1500), Keyed<UserMax>(kUser));
  ASSERT_TRUE(random.ok()) << random.status();
}

TEST(ReduceOperatorTest, AFunctionMayChangeTheValueInPlace) {
  const auto add = [](Click& so_far, const Click& next) { so_far.ms += next.ms; };
  using Fold = ReduceFold<Click, decltype(add)>;
  const OperatorMaker maker = [=] {
    return std::make_unique<ReduceOperator<Click, decltype(kPage), Fold>>(kPage, Fold(add));
  };
  TestSequence rows;
  rows.Row(Click{"a", 1, {}}).Row(Click{"a", 2, {}}).Row(Click{"b", 4, {}}).Row(Click{"a", 8, {}});
  const auto output = VerifyOperator(maker, RowCodecFor<Click>(), rows, Keyed<Click>(kPage));
  ASSERT_TRUE(output.ok()) << output.status();
  EXPECT_THAT((*output)[3], HasSubstr("page=a, ms=11"));
}

}  // namespace
}  // namespace weir
