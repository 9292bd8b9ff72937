#include "connectors/file/part_name.h"

#include "gtest/gtest.h"

namespace weir {
namespace {

TEST(PartName, NamesReadBack) {
  const PartName part{12, 3, "csv"};
  EXPECT_EQ(part.Visible(), "part-12-3.csv");
  const InProgressPartName writing{part, LeaderEpoch(1), AttemptNumber(2), 0xabc};
  EXPECT_EQ(writing.ToString(), ".part-12-3.csv.inprogress-e1a2-0000000000000abc");
  EXPECT_EQ(ParseVisiblePartName(part.Visible()), part);
  EXPECT_EQ(ParseInProgressPartName(writing.ToString()), writing);
}

TEST(PartName, NothingElseIsTakenForAPart) {
  for (const char* name :
       {"", "part", "part-", "part-1", "part-1-", "part-1-2", "part-1-2.", "part-1-2.txt",
        "part-1-2.csv.gz", "part-01-2.csv", "part--1-2.csv", "part-1-+2.csv", "xpart-1-2.csv",
        ".part-1-2.csv", "part-1-2.csv ", "part-99999999999999999999-1.csv"}) {
    EXPECT_FALSE(ParseVisiblePartName(name).has_value()) << name;
  }
  for (const char* name :
       {"part-1-2.csv", ".part-1-2.csv", ".part-1-2.csv.inprogress-", ".part-1-2.csv.inprogress-12",
        ".part-1-2.csv.inprogress-0000000000000abc", ".part-1-2.csv.inprogress-e1a2-12",
        ".part-1-2.txt.inprogress-e1a2-0000000000000abc",
        "part-1-2.csv.inprogress-e1a2-0000000000000abc",
        ".part-1-2.csv.inprogress-e1a9999999999-0000000000000abc",
        ".part-1-2.csv.inprogress-e1a2-0000000000000ABC"}) {
    EXPECT_FALSE(ParseInProgressPartName(name).has_value()) << name;
  }
}

TEST(PartName, OrderIsByNumber) {
  EXPECT_LT((PartName{2, 0, "csv"}), (PartName{10, 0, "csv"}));
  EXPECT_LT((PartName{2, 9, "csv"}), (PartName{2, 10, "csv"}));
}

}  // namespace
}  // namespace weir
