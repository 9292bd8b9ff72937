#include "core/types/schema.h"

#include <string>

#include "gtest/gtest.h"

namespace weir {
namespace {

Schema Scalar(SchemaKind kind) { return Schema::Scalar(kind); }

Schema Rich() {
  return Schema::Struct({
      {"action", Scalar(SchemaKind::kString)},
      {"count", Schema::Optional(Scalar(SchemaKind::kI64))},
      {"tags", Schema::Vector(Schema::Array(Scalar(SchemaKind::kU8), 16))},
      {"pair", Schema::Tuple({Scalar(SchemaKind::kEventTime), Scalar(SchemaKind::kF32)})},
      {"body", Schema::Proto("shop.v1.Order")},
      {"a `b`", Schema::Struct({})},
  });
}

TEST(SchemaTest, CanonicalTextReadsBack) {
  const std::string text =
      "struct{action:string,count:optional<i64>,tags:vector<array<u8,16>>,"
      "pair:tuple<event_time,f32>,body:proto<shop.v1.Order>,`a ``b```:struct{}}";
  EXPECT_EQ(Rich().ToString(), text);
  EXPECT_EQ(ParseSchema(text).value(), Rich());
  EXPECT_EQ(ParseSchema("tuple<>")->ToString(), "tuple<>");
}

// Stored in snapshots and sent in handshakes: must never change.
TEST(SchemaTest, GoldenDigests) {
  EXPECT_EQ(Scalar(SchemaKind::kI64).Digest(), 0x7fbe4709487c9094u);
  EXPECT_EQ(Rich().Digest(), 0x88292a57601bdf81u);
}

TEST(SchemaTest, EqualityIsOfStructure) {
  EXPECT_EQ(Schema(), Schema::Struct({}));
  EXPECT_EQ(Rich(), Rich());
  EXPECT_FALSE(Schema::Struct({{"a", Schema()}}) == Schema::Struct({{"b", Schema()}}));
  EXPECT_FALSE(Schema::Array(Schema(), 1) == Schema::Array(Schema(), 2));
  EXPECT_FALSE(Schema::Proto("a.B") == Schema::Proto("a.C"));
}

TEST(SchemaTest, FindsFields) {
  const Schema schema = Rich();
  EXPECT_EQ(schema.FieldIndex("count"), 1);
  EXPECT_EQ(schema.FieldIndex("nope"), -1);
  EXPECT_EQ(schema.children()[2].children()[0].array_size(), 16u);
  EXPECT_EQ(schema.children()[4].proto_name(), "shop.v1.Order");
  EXPECT_EQ(Scalar(SchemaKind::kBool).FieldIndex("x"), -1);
}

TEST(SchemaTest, RefusesOtherTextWithThePosition) {
  for (const char* text : {"",
                           "int",
                           "i64 ",
                           " i64",
                           "optional",
                           "optional<>",
                           "optional<i64",
                           "tuple<i64,>",
                           "array<i64>",
                           "array<i64,0>",
                           "array<i64,01>",
                           "array<i64,1234567890>",
                           "struct",
                           "struct{a}",
                           "struct{:i64}",
                           "struct{a:i64",
                           "struct{a:i64,}",
                           "struct{`a`:i64}",
                           "struct{`a b:i64}",
                           "proto<>",
                           "proto<a",
                           "i64i64",
                           "vector<i64>>"}) {
    EXPECT_EQ(ParseSchema(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
  EXPECT_EQ(ParseSchema("vector<int>").status().message(),
            "schema text: expected a type at byte 7 of 11");
}

TEST(SchemaTest, RefusesDeepNesting) {
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "vector<";
  EXPECT_FALSE(ParseSchema(deep).ok());
}

}  // namespace
}  // namespace weir
