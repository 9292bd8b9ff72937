#include "core/operators/row_pacer.h"

#include "gtest/gtest.h"

namespace weir {
namespace {

TEST(RowPacerTest, RowsAreDueAtTheirTime) {
  const absl::Duration start = absl::Seconds(100);
  RowPacer pacer(4, start);
  EXPECT_EQ(pacer.UntilDue(0, start), absl::ZeroDuration());
  EXPECT_EQ(pacer.UntilDue(1, start), absl::Milliseconds(250));
  EXPECT_EQ(pacer.UntilDue(6, start + absl::Seconds(1)), absl::Milliseconds(500));
  const int64_t late_row = int64_t{4} * 1'000'000'000'000;
  EXPECT_EQ(pacer.UntilDue(late_row, start), absl::Seconds(1'000'000'000'000));
}

TEST(RowPacerTest, DoesNotCatchUpMoreThanASecond) {
  RowPacer pacer(4, absl::ZeroDuration());
  const absl::Duration now = absl::Seconds(1000);
  int64_t row = 0;
  while (pacer.UntilDue(row, now) <= absl::ZeroDuration()) ++row;
  EXPECT_LE(row, 5);
}

TEST(RowPacerTest, GoesOnAtOnceAndThenAtItsRate) {
  RowPacer pacer(10, absl::Seconds(5));
  pacer.StartAt(1'000'000, absl::Seconds(5));
  EXPECT_EQ(pacer.UntilDue(1'000'000, absl::Seconds(5)), absl::ZeroDuration());
  EXPECT_EQ(pacer.UntilDue(1'000'001, absl::Seconds(5)), absl::Milliseconds(100));
}

}  // namespace
}  // namespace weir
