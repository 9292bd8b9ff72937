// Schema: what a row, key or state value is made of: a tree of kinds with field names. It says how bytes of Codec<T> read, is
// stored with them, and its digest is compared before they are exchanged. Names of C++ types are not part of it, so renaming a
// struct changes nothing; names and order of fields are.
//
// The canonical text is one line without spaces: struct{action:string,count:i64,tags:vector<string>}. Two schemas are equal if
// their canonical texts are. docs/formats/schema.md has the grammar. Immutable; copying shares. Any executor.
#ifndef WEIR_CORE_TYPES_SCHEMA_H_
#define WEIR_CORE_TYPES_SCHEMA_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace weir {

enum class SchemaKind : uint8_t {
  kBool,
  kI8,
  kI16,
  kI32,
  kI64,
  kU8,
  kU16,
  kU32,
  kU64,
  kF32,
  kF64,
  kString,
  kEventTime,
  kDuration,
  kOptional,  // children: the value.
  kVector,    // children: the element.
  kArray,     // children: the element; array_size().
  kTuple,     // children: the elements.
  kStruct,    // children: the fields; field_names().
  kProto,     // A protobuf message; proto_name().
};

// "i64", "vector", ...
std::string_view SchemaKindName(SchemaKind kind);

// Deeper trees are refused by ParseSchema.
inline constexpr int kSchemaDepthMax = 64;

class Schema {
 public:
  struct Field;

  Schema() = default;  // struct{}: nothing.

  // Of a kind without children.
  static Schema Scalar(SchemaKind kind);
  static Schema Optional(Schema value);
  static Schema Vector(Schema element);
  static Schema Array(Schema element, uint32_t size);
  static Schema Tuple(std::vector<Schema> elements);
  static Schema Struct(std::vector<Field> fields);
  // `full_name` with its package: "shop.Order".
  static Schema Proto(std::string full_name);

  SchemaKind kind() const;
  const std::vector<Schema>& children() const;
  const std::vector<std::string>& field_names() const;  // Of a struct, one per child.
  const std::string& proto_name() const;
  uint32_t array_size() const;

  // Position of the struct's field, -1 if it has none of that name.
  int FieldIndex(std::string_view name) const;

  // The canonical text.
  std::string ToString() const;
  // StableHash64 of the canonical text.
  uint64_t Digest() const;

  friend bool operator==(const Schema& a, const Schema& b);
  friend std::ostream& operator<<(std::ostream& out, const Schema& s) {
    return out << s.ToString();
  }

 private:
  struct Node;
  explicit Schema(std::shared_ptr<const Node> node) : node_(std::move(node)) {}
  static const Node& EmptyStruct();
  const Node& node() const { return node_ ? *node_ : EmptyStruct(); }
  static void AppendText(const Node& node, std::string& out);

  std::shared_ptr<const Node> node_;  // Null: struct{}.
};

struct Schema::Field {
  std::string name;
  Schema schema;
};

// From canonical text; InvalidArgument with the position for anything else.
absl::StatusOr<Schema> ParseSchema(std::string_view text);

}  // namespace weir

#endif  // WEIR_CORE_TYPES_SCHEMA_H_
