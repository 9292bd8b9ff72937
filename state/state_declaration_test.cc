#include "state/state_declaration.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace weir {
namespace {

StateDeclaration Keyed(const std::string& name, const std::string& key, const std::string& value) {
  return {name, StateKind::kKeyed, ParseSchema(key).value(), Schema(), ParseSchema(value).value()};
}

std::string Difference(const StateDeclaration& before, const StateDeclaration& now) {
  const std::vector<StateDeclaration> old_states = {Keyed("first", "string", "i64"), before};
  const std::vector<StateDeclaration> new_states = {now, Keyed("first", "string", "i64"),
                                                    Keyed("added", "i8", "i8")};
  return std::string(CheckCompatible(old_states, new_states).message());
}

TEST(StateDeclarationTest, TheSameIsCompatible) {
  const StateDeclaration state = Keyed("sum", "i64", "struct{a:i64,b:vector<string>}");
  EXPECT_EQ(Difference(state, state), "");
  EXPECT_EQ(state.Digest(), Keyed("other", "i64", "struct{a:i64,b:vector<string>}").Digest());
}

TEST(StateDeclarationTest, ErrorsNameTheStateAndTheDifference) {
  const StateDeclaration sum = Keyed("sum", "i64", "struct{a:i64,b:vector<string>}");
  EXPECT_EQ(Difference(sum, Keyed("total", "i64", "i64")),
            "state 'sum' cannot be restored: the operator no longer declares it");
  EXPECT_EQ(Difference(sum, Keyed("sum", "string", "struct{a:i64,b:vector<string>}")),
            "state 'sum' cannot be restored: its key type differs: i64 before, string now");
  EXPECT_EQ(Difference(sum, Keyed("sum", "i64", "struct{a:i64,b:vector<i32>}")),
            "state 'sum' cannot be restored: its value type differs: "
            "at .b[]: string before, i32 now");
  EXPECT_EQ(Difference(sum, Keyed("sum", "i64", "struct{a:i64}")),
            "state 'sum' cannot be restored: its value type differs: field .b is gone");
  EXPECT_EQ(Difference(sum, Keyed("sum", "i64", "struct{a:i64,b:vector<string>,c:bool}")),
            "state 'sum' cannot be restored: its value type differs: field .c is new");
  EXPECT_EQ(Difference(sum, Keyed("sum", "i64", "struct{b:vector<string>,a:i64}")),
            "state 'sum' cannot be restored: its value type differs: the order of the fields "
            "differs");
  StateDeclaration windowed = sum;
  windowed.kind = StateKind::kNamespaced;
  EXPECT_EQ(Difference(sum, windowed),
            "state 'sum' cannot be restored: it was keyed, it is namespaced");
  StateDeclaration longs = windowed;
  longs.namespace_schema = Schema::Scalar(SchemaKind::kI64);
  EXPECT_EQ(Difference(windowed, longs),
            "state 'sum' cannot be restored: its namespace type differs: struct{} before, i64 now");
}

TEST(StateDeclarationTest, EveryDifferenceChangesTheDigest) {
  const StateDeclaration sum = Keyed("sum", "i64", "i32");
  StateDeclaration kind = sum;
  kind.kind = StateKind::kNamespaced;
  StateDeclaration space = sum;
  space.namespace_schema = Schema::Scalar(SchemaKind::kI64);
  EXPECT_NE(sum.Digest(), kind.Digest());
  EXPECT_NE(sum.Digest(), space.Digest());
  EXPECT_NE(sum.Digest(), Keyed("sum", "i32", "i64").Digest());
}

TEST(StateDeclarationTest, PrintsAndValidates) {
  EXPECT_EQ(Keyed("sum", "i64", "i32").ToString(), "sum: keyed, key i64, value i32");
  EXPECT_TRUE(ValidateStateName("sum").ok());
  EXPECT_FALSE(ValidateStateName("").ok());
  EXPECT_FALSE(ValidateStateName(std::string(kStateNameBytesMax + 1, 'x')).ok());
}

}  // namespace
}  // namespace weir
