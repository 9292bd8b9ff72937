#include "core/base/strong_id.h"

#include <cstdint>
#include <functional>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <type_traits>

#include "gtest/gtest.h"

namespace weir {
namespace {

struct JobIdTag {
  static constexpr std::string_view kPrefix = "job-";
};
using JobId = StrongId<JobIdTag, uint64_t>;

struct SlotIndexTag;  // A tag needs no definition.
using SlotIndex = StrongId<SlotIndexTag, int8_t>;

struct UidTag {
  static constexpr std::string_view kPrefix = "uid:";
};
using Uid = StrongId<UidTag, std::string>;

TEST(StrongIdTest, ConvertsOnlyWhenAsked) {
  static_assert(!std::is_convertible_v<uint64_t, JobId>);
  static_assert(!std::is_convertible_v<JobId, uint64_t>);
  static_assert(!std::is_constructible_v<JobId, SlotIndex>);
  constexpr JobId kId(7);
  static_assert(kId.value() == 7);
  EXPECT_EQ(JobId().value(), 0u);
}

TEST(StrongIdTest, IsOrderedLikeItsValue) {
  EXPECT_EQ(JobId(7), JobId(7));
  EXPECT_NE(JobId(7), JobId(8));
  EXPECT_LT(SlotIndex(-1), SlotIndex(0));
  EXPECT_GE(Uid("b"), Uid("a"));
  std::map<JobId, int> by_id = {{JobId(2), 20}, {JobId(1), 10}};
  EXPECT_EQ(by_id.begin()->second, 10);
}

TEST(StrongIdTest, PrintsPrefixAndValue) {
  EXPECT_EQ(JobId(7).ToString(), "job-7");
  EXPECT_EQ(SlotIndex(-3).ToString(), "-3");
  std::ostringstream out;
  out << Uid("source");
  EXPECT_EQ(out.str(), "uid:source");
}

TEST(StrongIdTest, HasNoHash) { static_assert(!std::is_default_constructible_v<std::hash<JobId>>); }

}  // namespace
}  // namespace weir
