#include "cli/csv_table.h"

#include "gtest/gtest.h"

namespace weir::cli {
namespace {

TEST(SplitCsvRow, UndoesQuotes) {
  EXPECT_EQ(SplitCsvRow("a,b"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(SplitCsvRow(""), (std::vector<std::string>{""}));
  EXPECT_EQ(SplitCsvRow(R"("a,""b""",c,)"), (std::vector<std::string>{"a,\"b\"", "c", ""}));
}

TEST(FormatCsvTable, Aligns) {
  const std::vector<std::string> rows = {
      "window_start,action,count",
      "2026-05-20T10:00:00Z,install,7",
      "2026-05-20T10:00:00Z,\"status, half\",1234",
  };
  EXPECT_EQ(FormatCsvTable(rows, "  "),
            "  window_start          action        count\n"
            "  2026-05-20T10:00:00Z  install           7\n"
            "  2026-05-20T10:00:00Z  status, half   1234\n");
}

TEST(FormatCsvTable, EscapesFields) {
  const std::vector<std::string> rows = {"word", "\x1b[2J"};
  EXPECT_EQ(FormatCsvTable(rows, ""), "word\n\\x1b[2J\n");
}

TEST(FormatCsvTable, LeavesJsonAsItIs) {
  const std::vector<std::string> rows = {R"({"a":1,"b":2})", R"({"a":10,"b":2})"};
  EXPECT_EQ(FormatCsvTable(rows, " "), " {\"a\":1,\"b\":2}\n {\"a\":10,\"b\":2}\n");
}

TEST(FormatCsvTable, IsEmptyForNothing) { EXPECT_EQ(FormatCsvTable({}, "  "), ""); }

}  // namespace
}  // namespace weir::cli
