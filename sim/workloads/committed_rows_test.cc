#include "sim/workloads/committed_rows.h"

#include "gtest/gtest.h"

namespace weir::sim {
namespace {

const OutputName kWindows = {
    .name = "sink windows", .header = "window,key,total", .key_columns = 2};

class CommittedRowsTest : public testing::Test {
 protected:
  void Write(const std::string& path, const std::string& bytes) {
    const FileNodePtr node =
        files_.Create(path, CreateMode::kExclusive, absl::UnixEpoch(), kDurable).value();
    files_.Append(node, bytes, absl::UnixEpoch(), kDurable);
  }
  absl::StatusOr<uint64_t> Compare(const std::vector<std::string>& expected) {
    const auto rows =
        ReadCommittedRows(files_, "/out", kWindows.header,
                          {{"/out/part-1-0.csv", "written by e1a2, made visible by tm-2"}});
    return rows.ok() ? CompareRows(kWindows, *rows, expected) : rows.status();
  }

  FileTree files_{absl::UnixEpoch()};
};

TEST_F(CommittedRowsTest, AFolderThatIsNotThereHasNoRows) { EXPECT_EQ(Compare({}).value(), 0); }

TEST_F(CommittedRowsTest, EqualMultisetsAreCounted) {
  ASSERT_TRUE(files_.CreateDirectories("/out", absl::UnixEpoch()).ok());
  Write("/out/part-0-0.csv", "window,key,total\n10,a,1\n10,b,2\n");
  Write("/out/part-1-0.csv", "window,key,total\n20,a,3\n");
  Write("/out/.part-1-1.csv.inprogress-e1a1-0000000000000001", "half");
  EXPECT_EQ(Compare({"20,a,3", "10,b,2", "10,a,1"}).value(), 3);
}

TEST_F(CommittedRowsTest, ARowTooManySaysWhoWroteIt) {
  ASSERT_TRUE(files_.CreateDirectories("/out", absl::UnixEpoch()).ok());
  Write("/out/part-0-0.csv", "window,key,total\n10,a,1\n");
  Write("/out/part-1-0.csv", "window,key,total\n10,a,1\n");
  EXPECT_EQ(Compare({"10,a,1"}).status(),
            absl::DataLossError(
                "sink windows: row \"10,a,1\" (window=10, key=a) is not expected 1 times; it is in "
                "/out/part-0-0.csv (subtask 0) and /out/part-1-0.csv (subtask 1; written by e1a2, "
                "made visible by tm-2); 1 rows are wrong, 1 expected"));
}

TEST_F(CommittedRowsTest, AMissingRowSaysItsKeyAndWhatIsThere) {
  ASSERT_TRUE(files_.CreateDirectories("/out", absl::UnixEpoch()).ok());
  Write("/out/part-1-0.csv", "window,key,total\n10,a,2\n");
  EXPECT_EQ(
      Compare({"10,a,1"}).status(),
      absl::DataLossError(
          "sink windows: row \"10,a,1\" (window=10, key=a) is missing 1 times; in its place is "
          "\"10,a,2\" in /out/part-1-0.csv (subtask 1; written by e1a2, made visible by tm-2); "
          "2 rows are wrong, 1 expected"));
  EXPECT_EQ(Compare({"10,a,2", "10,b,1"}).status(),
            absl::DataLossError(
                "sink windows: row \"10,b,1\" (window=10, key=b) is missing 1 times; there is no "
                "other of that key that is not expected; 1 rows are wrong, 2 expected"));
}

}  // namespace
}  // namespace weir::sim
