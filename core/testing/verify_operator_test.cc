// VerifyOperator must catch every way of breaking the contract: one wrong operator for each.
#include "core/testing/verify_operator.h"

#include <memory>
#include <string>
#include <vector>

#include "core/types/key_codec.h"
#include "core/types/row_codec_for.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

EventTime Second(int64_t s) { return EventTime::FromSeconds(s); }

// Passes rows on.
class PassThrough : public StatelessOperator {
 public:
  absl::StatusOr<Progress> ProcessBatch(int, BatchBase& batch, Output& out) override {
    for (; row_ < batch.size(); ++row_) {
      if (out.full()) return Progress::kMore;
      out.batch<int64_t>().AppendFrom(BatchAs<int64_t>(batch).rows[row_], batch, row_);
    }
    row_ = 0;
    return Progress::kDone;
  }

 protected:
  size_t row_ = 0;
};

// Puts out how many rows each batch had.
class CountsPerBatch : public StatelessOperator {
 public:
  absl::StatusOr<Progress> ProcessBatch(int, BatchBase& batch, Output& out) override {
    if (out.full()) return Progress::kMore;
    out.batch<int64_t>().rows.push_back(static_cast<int64_t>(batch.size()));
    return Progress::kDone;
  }
};

class ForgetsItsCursor : public StatelessOperator {
 public:
  absl::StatusOr<Progress> ProcessBatch(int, BatchBase& batch, Output& out) override {
    for (size_t row = 0; row < batch.size(); ++row) {
      if (out.full()) return Progress::kDone;
      out.batch<int64_t>().AppendFrom(BatchAs<int64_t>(batch).rows[row], batch, row);
    }
    return Progress::kDone;
  }
};

class NeverAsksWhetherFull : public StatelessOperator {
 public:
  absl::StatusOr<Progress> ProcessBatch(int, BatchBase& batch, Output& out) override {
    for (size_t row = 0; row < batch.size(); ++row) {
      out.batch<int64_t>().AppendFrom(BatchAs<int64_t>(batch).rows[row], batch, row);
    }
    return Progress::kDone;
  }
};

class ShrinksItsInput : public PassThrough {
 public:
  absl::StatusOr<Progress> ProcessBatch(int input, BatchBase& batch, Output& out) override {
    auto progress = PassThrough::ProcessBatch(input, batch, out);
    if (*progress == Progress::kMore) {
      auto& rows = BatchAs<int64_t>(batch).rows;
      rows.erase(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(row_));
      row_ = 0;
    }
    return progress;
  }
};

class BlocksForEver : public StatelessOperator {
 public:
  absl::StatusOr<Progress> ProcessBatch(int, BatchBase&, Output&) override {
    return Progress::kBlocked;
  }
};

// Advances time by the rows it sees instead of by watermarks: the number of rows in a batch decides.
class TimeFromRows : public StatelessOperator {
 public:
  absl::StatusOr<Progress> ProcessBatch(int, BatchBase& batch, Output& out) override {
    if (row_ == 0) latest_ = std::max(latest_, batch.event_times.back());
    for (; row_ < batch.size(); ++row_) {
      if (out.full()) return Progress::kMore;
      if (batch.event_times[row_] < latest_) continue;
      out.batch<int64_t>().AppendFrom(BatchAs<int64_t>(batch).rows[row_], batch, row_);
    }
    row_ = 0;
    return Progress::kDone;
  }

 private:
  EventTime latest_ = EventTime::Min();
  size_t row_ = 0;
};

// A running count per last digit, in a table of the state backend.
class CountsPerDigit : public PassThrough {
 public:
  absl::Status Open(OperatorContext& context) override {
    counts_ = &context.state().Keyed<int64_t, int64_t>("counts");
    return absl::OkStatus();
  }
  absl::StatusOr<Progress> ProcessBatch(int, BatchBase& batch, Output& out) override {
    for (; row_ < batch.size(); ++row_) {
      if (out.full()) return Progress::kMore;
      const int64_t digit = BatchAs<int64_t>(batch).rows[row_] % 10;
      const int64_t count = counts_->Upsert(
          KeyHash(digit), digit, [] { return int64_t{1}; }, [](int64_t& old) { ++old; });
      out.batch<int64_t>().AppendFrom(count + extra_, batch, row_);
    }
    row_ = 0;
    return Progress::kDone;
  }

 protected:
  int64_t extra_ = 0;

 private:
  StateTable<int64_t, int64_t>* counts_ = nullptr;
};

// Remembers something that is in no table.
class RemembersBesideItsTable : public CountsPerDigit {
 public:
  absl::StatusOr<Progress> ProcessBatch(int input, BatchBase& batch, Output& out) override {
    const auto progress = CountsPerDigit::ProcessBatch(input, batch, out);
    if (batch.event_times.back() >= Second(40)) extra_ = 1;
    return progress;
  }
};

TestSequence Numbers(int64_t count) {
  TestSequence sequence;
  for (int64_t i = 0; i < count; ++i) sequence.Row<int64_t>(i, Second(i));
  return sequence.AddWatermark(EventTime::Max());
}

template <class Op>
std::string Verdict() {
  const auto output =
      VerifyOperator([] { return std::make_unique<Op>(); }, RowCodecFor<int64_t>(), Numbers(100));
  return output.ok() ? "fine" : std::string(output.status().message());
}

TEST(VerifyOperatorTest, ReturnsTheOutputOfARightOperator) {
  const auto output = VerifyOperator([] { return std::make_unique<PassThrough>(); },
                                     RowCodecFor<int64_t>(), Numbers(2));
  ASSERT_TRUE(output.ok()) << output.status();
  EXPECT_THAT(*output,
              ElementsAre("0 @1970-01-01T00:00:00Z", "1 @1970-01-01T00:00:01Z", "watermark +inf"));
}

TEST(VerifyOperatorTest, CatchesOutputThatDependsOnBatches) {
  EXPECT_THAT(Verdict<CountsPerBatch>(), HasSubstr("the output depends on batches or room"));
  EXPECT_THAT(Verdict<TimeFromRows>(), HasSubstr("the output depends on batches or room"));
}

TEST(VerifyOperatorTest, CatchesRowsLostWhenTheOutputIsFull) {
  EXPECT_THAT(Verdict<ForgetsItsCursor>(),
              HasSubstr("[batches of 1024, output of 3 rows] the output depends on"));
}

TEST(VerifyOperatorTest, CatchesAnOperatorThatOverfills) {
  EXPECT_THAT(Verdict<NeverAsksWhetherFull>(), HasSubstr("100 rows into an output for 3"));
}

TEST(VerifyOperatorTest, TakesTablesOverIntoTheOperatorThatGoesOn) {
  EXPECT_EQ(Verdict<CountsPerDigit>(), "fine");
}

TEST(VerifyOperatorTest, CatchesStateOutsideOfTables) {
  // One row per batch, so that only the replacement shows it.
  TestSequence numbers;
  for (int64_t i = 0; i < 60; ++i) {
    numbers.Row<int64_t>(i, Second(i)).AddWatermark(Second(i));
  }
  const auto output = VerifyOperator([] { return std::make_unique<RemembersBesideItsTable>(); },
                                     RowCodecFor<int64_t>(), numbers);
  EXPECT_THAT(std::string(output.status().message()), HasSubstr("replaced at element"));
}

TEST(VerifyOperatorTest, CatchesAChangedInputSize) {
  EXPECT_THAT(Verdict<ShrinksItsInput>(), HasSubstr("changed the size of its input"));
}

TEST(VerifyOperatorTest, CatchesAnOperatorThatNobodyWillWake) {
  EXPECT_THAT(Verdict<BlocksForEver>(), HasSubstr("nothing will wake it"));
}

}  // namespace
}  // namespace weir
