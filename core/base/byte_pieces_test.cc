#include "core/base/byte_pieces.h"

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> Each(const BytePieces& pieces) {
  std::vector<std::string> all;
  pieces.ForEach([&](std::string_view piece) { all.emplace_back(piece); });
  return all;
}

TEST(BytePiecesTest, AStringIsOnePiece) {
  const std::string whole = "whole";
  const BytePieces pieces = whole;
  EXPECT_TRUE(pieces.in_one_piece());
  EXPECT_EQ(pieces.size(), 5u);
  EXPECT_EQ(pieces.first().data(), whole.data());
  EXPECT_TRUE(BytePieces("").empty());
  EXPECT_TRUE(BytePieces().in_one_piece());
}

TEST(BytePiecesTest, SkipsEmptyPieces) {
  const std::vector<std::string_view> array = {"", "", "ab", "", "c", ""};
  BytePieces pieces(array);
  EXPECT_EQ(pieces.size(), 3u);
  EXPECT_EQ(pieces.first(), "ab");
  EXPECT_FALSE(pieces.in_one_piece());
  pieces.RemovePrefix(2);
  EXPECT_EQ(pieces.first(), "c");
  EXPECT_TRUE(pieces.in_one_piece()) << "what follows is empty";
  const std::vector<std::string_view> nothing = {"", ""};
  EXPECT_TRUE(BytePieces(nothing).empty());
}

TEST(BytePiecesTest, AppendsToWhatIsThere) {
  const std::vector<std::string_view> array = {"ab", "c"};
  std::string out = "x";
  BytePieces(array).AppendTo(out);
  EXPECT_EQ(out, "xabc");
}

TEST(BytePiecesTest, CutsShareThePieces) {
  const std::vector<std::string_view> array = {"abc", "def", "ghi"};
  BytePieces pieces(array);
  EXPECT_THAT(Each(pieces.Prefix(4)), ElementsAre("abc", "d"));
  pieces.RemovePrefix(1);
  pieces.RemoveSuffix(2);
  EXPECT_THAT(Each(pieces), ElementsAre("bc", "def", "g"));
  EXPECT_EQ(pieces.first().data(), array[0].data() + 1);
}

// Everything that a cut at any two places, of every way to lie in pieces, can go wrong in.
TEST(BytePiecesTest, EveryCutOfEveryLayoutHasTheRightBytes) {
  constexpr std::string_view kBytes = "abcdef";
  for (unsigned layout = 0; layout < 1u << (kBytes.size() + 1); ++layout) {
    // A border before byte i for bit i, and an empty piece at both ends.
    std::vector<std::string_view> array;
    size_t begin = 0;
    for (size_t i = 0; i <= kBytes.size(); ++i) {
      if ((layout >> i & 1) == 0) continue;
      array.push_back(kBytes.substr(begin, i - begin));
      begin = i;
    }
    array.push_back(kBytes.substr(begin));
    for (size_t from = 0; from <= kBytes.size(); ++from) {
      for (size_t to = from; to <= kBytes.size(); ++to) {
        BytePieces pieces(array);
        pieces.RemovePrefix(from);
        pieces.RemoveSuffix(kBytes.size() - to);
        const std::string_view expected = kBytes.substr(from, to - from);
        ASSERT_EQ(pieces.ToString(), expected) << layout << " " << from << " " << to;
        ASSERT_EQ(pieces.size(), expected.size());
        ASSERT_EQ(pieces.first(), expected.substr(0, pieces.first().size()));
        ASSERT_EQ(pieces.first().empty(), expected.empty());
        ASSERT_EQ(pieces.in_one_piece(), pieces.first() == expected);
        std::array<char, 6> copy = {};
        pieces.CopyTo(copy.data());
        ASSERT_EQ(std::string_view(copy.data(), expected.size()), expected);
      }
    }
  }
}

}  // namespace
}  // namespace weir
