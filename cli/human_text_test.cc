#include "cli/human_text.h"

#include <string>

#include "gtest/gtest.h"

namespace weir::cli {
namespace {

TEST(FormatCount, GroupsByThousands) {
  EXPECT_EQ(FormatCount(0), "0");
  EXPECT_EQ(FormatCount(999), "999");
  EXPECT_EQ(FormatCount(1000), "1,000");
  EXPECT_EQ(FormatCount(1234567), "1,234,567");
  EXPECT_EQ(FormatCount(-123456), "-123,456");
}

TEST(FormatCountOf, KnowsThePlural) {
  EXPECT_EQ(FormatCountOf(1, "row"), "1 row");
  EXPECT_EQ(FormatCountOf(0, "row"), "0 rows");
  EXPECT_EQ(FormatCountOf(4096, "row"), "4,096 rows");
}

TEST(FormatBytes, UsesDecimalUnits) {
  EXPECT_EQ(FormatBytes(0), "0 B");
  EXPECT_EQ(FormatBytes(999), "999 B");
  EXPECT_EQ(FormatBytes(8'412'000), "8.4 MB");
  EXPECT_EQ(FormatBytes(999'999), "1.0 MB");
  EXPECT_EQ(FormatBytes(123'456'789), "123 MB");
}

TEST(FormatRate, FitsAGlance) {
  EXPECT_EQ(FormatRate(0), "0");
  EXPECT_EQ(FormatRate(870.4), "870");
  EXPECT_EQ(FormatRate(12'345), "12.3k");
  EXPECT_EQ(FormatRate(1'456'000), "1.46M");
  EXPECT_EQ(FormatRate(999'900), "1.00M");
}

TEST(FormatElapsed, ChoosesTheUnit) {
  EXPECT_EQ(FormatElapsed(absl::ZeroDuration()), "0 ms");
  EXPECT_EQ(FormatElapsed(absl::Milliseconds(38)), "38 ms");
  EXPECT_EQ(FormatElapsed(absl::Milliseconds(1234)), "1.2 s");
  EXPECT_EQ(FormatElapsed(absl::Seconds(187)), "3 min 07 s");
  EXPECT_EQ(FormatElapsed(absl::Seconds(7500)), "2 h 05 min");
}

TEST(EscapeForTerminal, KeepsWhatPrints) {
  EXPECT_EQ(EscapeForTerminal("plain text", 20), "plain text");
  EXPECT_EQ(EscapeForTerminal("gr\xC3\xBC\xC3\x9F \xE2\x82\xAC", 20),
            "gr\xC3\xBC\xC3\x9F \xE2\x82\xAC");
}

TEST(EscapeForTerminal, EscapesTheRest) {
  EXPECT_EQ(EscapeForTerminal("\x1b[31m\t\r\n\\", 40), "\\x1b[31m\\t\\r\\n\\\\");
  EXPECT_EQ(EscapeForTerminal("\xFF\xC0\xAF", 40), "\\xff\\xc0\\xaf");  // Never valid; overlong.
  EXPECT_EQ(EscapeForTerminal("\xED\xA0\x80", 40), "\\xed\\xa0\\x80");  // A surrogate.
  EXPECT_EQ(EscapeForTerminal("\xC2\x9B", 40), "\\xc2\\x9b");           // A C1 control.
  EXPECT_EQ(EscapeForTerminal("\xE2\x82", 40), "\\xe2\\x82");           // Cut off.
  EXPECT_EQ(EscapeForTerminal(std::string(1, '\0'), 40), "\\x00");
}

TEST(EscapeForTerminal, CutsWhatIsLong) {
  EXPECT_EQ(EscapeForTerminal("12345678", 8), "12345678");
  EXPECT_EQ(EscapeForTerminal("123456789", 8), "12345...");
  EXPECT_EQ(EscapeForTerminal("1234\x01", 8), "1234\\x01");
  EXPECT_EQ(EscapeForTerminal("12345\x01", 8), "12345...");
}

TEST(FirstColumns, CountsCharacters) {
  EXPECT_EQ(FirstColumns("gr\xC3\xBC\xC3\x9F", 3), "gr\xC3\xBC");
  EXPECT_EQ(FirstColumns("ab", 3), "ab");
}

}  // namespace
}  // namespace weir::cli
