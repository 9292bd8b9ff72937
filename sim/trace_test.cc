#include "sim/trace.h"

#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "sim/recorder.h"

namespace weir::sim {
namespace {

TEST(TraceTest, ALineHasTheColumnsInTheirOrder) {
  EXPECT_EQ(FormatTraceLine({.number = 3,
                             .time_ns = 1500,
                             .digest = 0xabc,
                             .kind = "turn",
                             .actor = 2,
                             .payload = 0xff,
                             .detail = "tm-1/control of a host"}),
            "3 1500 0000000000000abc turn 2 00000000000000ff tm-1/control of a host");
}

TEST(TraceTest, EqualTracesHaveNoDifference) {
  EXPECT_FALSE(FirstDifference("", "").has_value());
  EXPECT_FALSE(FirstDifference("a\nb\n", "a\nb\n").has_value());
}

TEST(TraceTest, FindsTheFirstLineThatDiffers) {
  const auto difference = FirstDifference("a\nb\nc\n", "a\nx\ny\n");
  ASSERT_TRUE(difference.has_value());
  EXPECT_EQ(difference->line, 2u);
  EXPECT_EQ(difference->left, "b");
  EXPECT_EQ(difference->right, "x");
}

TEST(TraceTest, ATraceThatEndsEarlyDiffersThere) {
  const auto difference = FirstDifference("a\n", "a\nb\n");
  ASSERT_TRUE(difference.has_value());
  EXPECT_EQ(difference->line, 2u);
  EXPECT_EQ(difference->left, "");
  EXPECT_EQ(difference->right, "b");
}

TEST(RecorderTest, EveryPartOfAnEventChangesTheDigest) {
  const auto digest_of = [](EventKind kind, int64_t time, uint64_t actor, uint64_t payload) {
    Recorder recorder(nullptr);
    recorder.Add(kind, time, actor, payload, [] { return std::string(); });
    return recorder.digest();
  };
  const uint64_t base = digest_of(EventKind::kTurn, 1, 2, 3);
  EXPECT_EQ(digest_of(EventKind::kTurn, 1, 2, 3), base);
  EXPECT_NE(digest_of(EventKind::kSend, 1, 2, 3), base);
  EXPECT_NE(digest_of(EventKind::kTurn, 0, 2, 3), base);
  EXPECT_NE(digest_of(EventKind::kTurn, 1, 0, 3), base);
  EXPECT_NE(digest_of(EventKind::kTurn, 1, 2, 0), base);
  EXPECT_NE(digest_of(EventKind::kTurn, 2, 1, 3), base);
}

TEST(RecorderTest, TheOrderOfEventsChangesTheDigest) {
  Recorder one(nullptr);
  Recorder other(nullptr);
  const auto none = [] { return std::string(); };
  one.Add(EventKind::kTurn, 1, 1, 1, none);
  one.Add(EventKind::kTurn, 1, 2, 1, none);
  other.Add(EventKind::kTurn, 1, 2, 1, none);
  other.Add(EventKind::kTurn, 1, 1, 1, none);
  EXPECT_NE(one.digest(), other.digest());
}

TEST(RecorderTest, TheDigestDoesNotDependOnTheTrace) {
  std::vector<std::string> lines;
  Recorder traced([&](std::string_view line) { lines.emplace_back(line); });
  Recorder silent(nullptr);
  for (Recorder* recorder : {&traced, &silent}) {
    recorder->Add(EventKind::kDraw, 5, 6, 7, [] { return std::string("detail"); });
  }
  EXPECT_EQ(traced.digest(), silent.digest());
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_TRUE(lines[0].starts_with("1 5 ")) << lines[0];
  EXPECT_TRUE(lines[0].ends_with(" draw 6 0000000000000007 detail")) << lines[0];
}

}  // namespace
}  // namespace weir::sim
