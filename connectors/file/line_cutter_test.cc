#include "connectors/file/line_cutter.h"

#include <algorithm>
#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "rapidcheck.h"

namespace weir {
namespace {

struct Found {
  uint64_t offset;
  std::string text;
  bool too_long;
  friend bool operator==(const Found&, const Found&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Found& found) {
    return out << found.offset << ":\"" << found.text << (found.too_long ? "\"..." : "\"");
  }
};

// What lines are, in the plainest words.
std::vector<Found> Reference(std::string_view text, size_t line_bytes_max) {
  std::vector<Found> lines;
  for (size_t start = 0; start < text.size();) {
    const size_t end = std::min(text.find('\n', start), text.size());
    std::string_view line = text.substr(start, end - start);
    if (line.ends_with('\r')) line.remove_suffix(1);
    const bool too_long = line.size() > line_bytes_max;
    if (too_long) line = line.substr(0, std::min<size_t>(line_bytes_max, 256));
    lines.push_back({start, std::string(line), too_long});
    start = end + 1;
  }
  return lines;
}

// The lines of [begin, end), the text coming in blocks of the given sizes, over and over.
std::vector<Found> Cut(std::string_view text, uint64_t begin, uint64_t end, size_t line_bytes_max,
                       const std::vector<size_t>& block_sizes) {
  LineCutter cutter(begin, end, line_bytes_max);
  std::vector<Found> lines;
  uint64_t cursor = cutter.stream_begin();
  for (size_t block = 0;; ++block) {
    while (const auto line = cutter.Next()) {
      lines.push_back({line->offset, std::string(line->text), line->too_long});
    }
    if (cutter.done()) return lines;
    if (cursor == text.size()) {
      cutter.EndOfStream();
      continue;
    }
    const std::string_view bytes = text.substr(cursor, block_sizes[block % block_sizes.size()]);
    cutter.AddBlock(std::string(bytes));
    cursor += bytes.size();
  }
}

std::vector<Found> CutWhole(std::string_view text, size_t block_size) {
  return Cut(text, 0, text.size(), 1000, {block_size});
}

TEST(LineCutter, EndsOfLines) {
  const std::vector<Found> expected = {
      {0, "one", false}, {4, "two", false}, {9, "", false}, {10, "", false}, {12, "end", false}};
  for (size_t block_size = 1; block_size < 20; ++block_size) {
    EXPECT_EQ(CutWhole("one\ntwo\r\n\n\r\nend", block_size), expected) << block_size;
    EXPECT_EQ(CutWhole("one\ntwo\r\n\n\r\nend\n", block_size), expected) << block_size;
    EXPECT_EQ(CutWhole("one\ntwo\r\n\n\r\nend\r\n", block_size), expected) << block_size;
  }
  EXPECT_TRUE(CutWhole("", 1).empty());
}

TEST(LineCutter, OtherBytesAreTheUsersOwn) {
  const std::string text("\xff\xfe\0a\rb\x80\n", 8);
  for (size_t block_size = 1; block_size < 10; ++block_size) {
    EXPECT_EQ(CutWhole(text, block_size), (std::vector<Found>{{0, text.substr(0, 7), false}}));
  }
}

TEST(LineCutter, RangeThatBeginsExactlyAtALine) {
  const std::string_view text = "aa\nbb\ncc\n";
  EXPECT_EQ(Cut(text, 0, 3, 9, {4}), (std::vector<Found>{{0, "aa", false}}));
  EXPECT_EQ(Cut(text, 3, 6, 9, {4}), (std::vector<Found>{{3, "bb", false}}));
  EXPECT_EQ(Cut(text, 4, 6, 9, {4}), (std::vector<Found>{}));
  EXPECT_EQ(Cut(text, 2, 4, 9, {4}), (std::vector<Found>{{3, "bb", false}}));
}

TEST(LineCutter, RangeInsideALineIsDoneBeforeTheLineEnds) {
  LineCutter cutter(10, 20, 1000);
  cutter.AddBlock(std::string(11, 'x'));  // Bytes 9 to 19.
  EXPECT_FALSE(cutter.Next().has_value());
  cutter.AddBlock("x");
  EXPECT_FALSE(cutter.Next().has_value());
  EXPECT_TRUE(cutter.done());
}

TEST(LineCutter, TooLongLinesAreReportedAndNotKept) {
  for (size_t block_size = 1; block_size < 20; ++block_size) {
    EXPECT_EQ(Cut("12345\r\n123456\nab\n", 0, 17, 5, {block_size}),
              (std::vector<Found>{{0, "12345", false}, {7, "12345", true}, {14, "ab", false}}));
  }
}

// Text in which line ends, borders and long lines meet often.
rc::Gen<std::string> Text() {
  return rc::gen::container<std::string>(rc::gen::elementOf(std::string("\n\n\n\r\r\rab\xff")));
}

TEST(LineCutter, LinesDoNotDependOnBlocksAndRanges) {
  EXPECT_TRUE(rc::check([] {
    const std::string text = *Text();
    const size_t line_bytes_max = *rc::gen::inRange<size_t>(1, 12);
    const auto block_sizes =
        *rc::gen::nonEmpty(rc::gen::container<std::vector<size_t>>(rc::gen::inRange(1, 9)));
    auto borders =
        *rc::gen::container<std::vector<uint64_t>>(rc::gen::inRange<uint64_t>(0, text.size() + 1));
    borders.push_back(0);
    borders.push_back(text.size());
    std::sort(borders.begin(), borders.end());
    std::vector<Found> lines;
    for (size_t i = 0; i + 1 < borders.size(); ++i) {
      const auto part = Cut(text, borders[i], borders[i + 1], line_bytes_max, block_sizes);
      lines.insert(lines.end(), part.begin(), part.end());
    }
    RC_ASSERT(lines == Reference(text, line_bytes_max));
  }));
}

}  // namespace
}  // namespace weir
