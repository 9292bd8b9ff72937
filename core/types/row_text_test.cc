#include "core/types/row_text.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "core/base/ids.h"
#include "core/types/testing/rich_row.h"
#include "core/types/text_escape.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

struct Count {
  std::string action;
  int64_t count = 0;
};

template <class T>
std::string Json(const T& value) {
  std::string out;
  AppendJson(value, out);
  return out;
}

template <class T>
std::string Csv(const T& value) {
  std::string out;
  AppendCsvHeader<T>(out);
  out.push_back('\n');
  AppendCsvRow(value, out);
  return out;
}

TEST(RowTextTest, TextForPeople) {
  EXPECT_EQ(ToText(Count{"install", 3}), "{action=install, count=3}");
  EXPECT_EQ(ToText(std::string("a\nb\x1b[31m\x9b\xc2\x9b\xff \xc3\xa9")),
            "a\\nb\\x1b[31m\\x9b\\xc2\\x9b\\xff \xc3\xa9");
  EXPECT_EQ(
      ToText(FullRichRow()),
      "{flag=true, i8=-1, i16=-2, i32=-3, i64=-4, u8=1, u16=2, u32=3, u64=4, f32=1.5, "
      "f64=-2.25, color=258, text=t\xc3\xa9xt, \"quoted\"\\n, time=1970-01-01T00:00:01.500000Z, "
      "duration=1.5s, maybe=5, numbers=[1, -1], inners=[{name=a, weight=0.5}, {name=null, "
      "weight=1}], bits=[true, false], three=[1, 2, 3], tuple=(x, 6), pair=(true, {name=b, "
      "weight=2}), nested=[[p, q], []], position={container=1, offset=128}}");
  EXPECT_EQ(ToText(SplitId(3)), "split-3");
}

TEST(RowTextTest, Json) {
  EXPECT_EQ(Json(FullRichRow()),
            R"({"flag":true,"i8":-1,"i16":-2,"i32":-3,"i64":-4,"u8":1,"u16":2,"u32":3,"u64":4,)"
            R"("f32":1.5,"f64":-2.25,"color":258,"text":"téxt, \"quoted\"\n",)"
            R"("time":"1970-01-01T00:00:01.500000Z","duration":"1.5s","maybe":5,"numbers":[1,-1],)"
            R"("inners":[{"name":"a","weight":0.5},{"name":null,"weight":1}],"bits":[true,false],)"
            R"("three":[1,2,3],"tuple":["x",6],"pair":[true,{"name":"b","weight":2}],)"
            R"("nested":[["p","q"],[]],"position":{"container":1,"offset":128}})");
  EXPECT_EQ(Json(std::numeric_limits<int64_t>::min()), "-9223372036854775808");
  EXPECT_EQ(Json(std::numeric_limits<double>::quiet_NaN()), "null");
  EXPECT_EQ(Json(-std::numeric_limits<float>::infinity()), "null");
  EXPECT_EQ(Json(0.1), "0.1");
  EXPECT_EQ(Json(std::string("\\\x01\x7f")), R"("\\\u0001\u007f")");
}

TEST(RowTextTest, JsonReplacesWhatIsNotUtf8) {
  const std::string replacement = "\xef\xbf\xbd";
  EXPECT_EQ(Json(std::string("a\xff")), "\"a" + replacement + "\"");
  EXPECT_EQ(Json(std::string("\xc3")), "\"" + replacement + "\"");
  EXPECT_EQ(Json(std::string("\xc0\x80")), "\"" + replacement + replacement + "\"") << "overlong";
  EXPECT_EQ(Json(std::string("\xed\xa0\x80")),
            "\"" + replacement + replacement + replacement + "\"");
  EXPECT_EQ(Json(std::string("\xf0\x9f\x8c\x8a")), "\"\xf0\x9f\x8c\x8a\"");
  EXPECT_EQ(Utf8SequenceLength("\xf4\x8f\xbf\xbf"), 4u);
  EXPECT_EQ(Utf8SequenceLength("\xf4\x90\x80\x80"), 0u);
}

TEST(RowTextTest, CsvQuotesAsInRfc4180) {
  EXPECT_EQ(Csv(Count{"a,b", 1}), "action,count\n\"a,b\",1");
  EXPECT_EQ(Csv(Count{"say \"x\"", 1}), "action,count\n\"say \"\"x\"\"\",1");
  EXPECT_EQ(Csv(Count{"two\nlines", 1}), "action,count\n\"two\nlines\",1");
  EXPECT_EQ(Csv(Count{" padded", 1}), "action,count\n\" padded\",1");
  EXPECT_EQ(Csv(Count{"", 1}), "action,count\n\"\",1");
}

TEST(RowTextTest, CsvFlattensStructsAndTuples) {
  struct Row {
    EventTime at;
    std::optional<SourcePosition> position;
    std::optional<std::string> name;
    std::tuple<int, Count> pair;
    std::vector<std::string> tags;
  };
  Row row{EventTime::FromSeconds(0), std::nullopt, std::nullopt, {1, {"x", 2}}, {"p", "q"}};
  EXPECT_EQ(Csv(row),
            "at,position.container,position.offset,name,pair.f0,pair.f1.action,pair.f1.count,tags\n"
            "1970-01-01T00:00:00Z,,,,1,x,2,\"[\"\"p\"\",\"\"q\"\"]\"");
  row.position = SourcePosition{1, 2};
  row.name = "";
  EXPECT_TRUE(Csv(row).ends_with("Z,1,2,\"\",1,x,2,\"[\"\"p\"\",\"\"q\"\"]\""));
}

TEST(RowTextTest, CsvOfRowsThatAreNoStructs) {
  EXPECT_EQ(Csv(int64_t{5}), "value\n5");
  EXPECT_EQ(Csv(std::string("x")), "value\nx");
  EXPECT_EQ(Csv(std::tuple<int, bool>(5, true)), "f0,f1\n5,true");
}

TEST(RowTextTest, CutsBetweenCharacters) {
  EXPECT_EQ(CutText("abc", 3), "abc");
  EXPECT_EQ(CutText("abcdef", 5), "ab...");
  EXPECT_EQ(CutText("a\xc3\xa9xyz", 5), "a...");
  EXPECT_EQ(CutText("abcdef", 0), "");
}

}  // namespace
}  // namespace weir
