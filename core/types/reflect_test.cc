#include "core/types/reflect.h"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "core/types/source_position.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

enum class Color : unsigned char { kRed };

struct Inner {
  std::optional<std::string> first;
  int second = 7;
};

struct Outer {
  std::string text;
  std::optional<std::optional<int>> maybe;
  Inner inner;
  Color color;
  std::vector<Inner> inners;
  std::array<int, 3> three;
  std::variant<int, std::string> either;
  std::tuple<std::string, int> pair_;
  SourcePosition position;
  bool operator_x = false;
};

struct One {
  std::array<std::array<char, 2>, 2> only_one;
};

struct Empty {};

struct Wide {
  int a1, a2, a3, a4, a5, a6, a7, a8, b1, b2, b3, b4, b5, b6, b7, b8;
  int c1, c2, c3, c4, c5, c6, c7, c8, d1, d2, d3, d4, d5, d6, d7, d8;
};

static_assert(kFieldCount<Outer> == 10);
static_assert(kFieldCount<One> == 1);
static_assert(kFieldCount<Empty> == 0);
static_assert(kFieldCount<Wide> == 32);
static_assert(kFieldCount<SourcePosition> == 2);
static_assert(Reflected<Outer> && Reflected<SourcePosition>);
static_assert(!Reflected<std::string> && !Reflected<std::array<int, 2>> && !Reflected<int> &&
              !Reflected<std::tuple<int>> && !Reflected<std::optional<int>> && !Reflected<Color>);
static_assert(std::is_same_v<FieldType<Outer, 2>, Inner>);
static_assert(HasFieldOfType<Outer, SourcePosition>);
static_assert(!HasFieldOfType<Inner, SourcePosition>);
static_assert(!HasFieldOfType<int, SourcePosition>);

std::vector<std::string_view> NamesOf(const auto& value) {
  std::vector<std::string_view> names;
  ForEachField(value, [&](std::string_view name, const auto&) { names.push_back(name); });
  return names;
}

TEST(ReflectTest, NamesFieldsInOrder) {
  EXPECT_EQ(NamesOf(Outer()),
            (std::vector<std::string_view>{"text", "maybe", "inner", "color", "inners", "three",
                                           "either", "pair_", "position", "operator_x"}));
  EXPECT_EQ(NamesOf(Inner()), (std::vector<std::string_view>{"first", "second"}));
  EXPECT_EQ(NamesOf(One()), (std::vector<std::string_view>{"only_one"}));
  EXPECT_EQ(NamesOf(Empty()), std::vector<std::string_view>());
  EXPECT_EQ(kFieldNames<Wide>[31], "d8");
}

template <class T>
struct Generic {
  T value_of;
  int n;
};

TEST(ReflectTest, TakesLocalAndTemplateStructs) {
  struct Local {
    int x;
    std::string y2;
  };
  EXPECT_EQ(NamesOf(Local()), (std::vector<std::string_view>{"x", "y2"}));
  EXPECT_EQ(NamesOf(Generic<std::pair<Local, Color>>()),
            (std::vector<std::string_view>{"value_of", "n"}));
}

TEST(ReflectTest, FieldsAreReferences) {
  Outer outer;
  ForEachField(outer, [](std::string_view, auto& field) {
    if constexpr (std::is_same_v<std::remove_reference_t<decltype(field)>, std::string>) {
      field = "set";
    }
  });
  EXPECT_EQ(outer.text, "set");
  GetFieldOfType<SourcePosition>(outer).offset = 5;
  EXPECT_EQ(outer.position.offset, 5);
  const Outer& constant = outer;
  static_assert(std::is_same_v<decltype(GetFieldOfType<Inner>(constant)), const Inner&>);
  Wide wide = {};
  std::get<31>(TieFields(wide)) = 9;
  EXPECT_EQ(wide.d8, 9);
}

}  // namespace
}  // namespace weir
