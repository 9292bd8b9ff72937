#include "core/types/schema.h"

#include <array>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/base/check.h"
#include "core/base/hash.h"

namespace weir {
namespace {

constexpr std::array<std::string_view, 20> kKindNames = {
    "bool",     "i8",     "i16",   "i32",   "i64",    "u8",         "u16",
    "u32",      "u64",    "f32",   "f64",   "string", "event_time", "duration",
    "optional", "vector", "array", "tuple", "struct", "proto"};

bool IsNameStart(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool IsNameByte(char c) { return IsNameStart(c) || (c >= '0' && c <= '9'); }

bool IsPlainName(std::string_view name) {
  if (name.empty() || !IsNameStart(name[0])) return false;
  for (const char c : name) {
    if (!IsNameByte(c)) return false;
  }
  return true;
}

// Full names of messages consist of such names and dots.
bool IsProtoByte(char c) { return IsNameByte(c) || c == '.'; }

// As it is if it looks like an identifier, else in back quotes, with those inside doubled.
void AppendName(std::string_view name, std::string& out) {
  if (IsPlainName(name)) {
    out.append(name);
    return;
  }
  out.push_back('`');
  for (const char c : name) {
    out.push_back(c);
    if (c == '`') out.push_back(c);
  }
  out.push_back('`');
}

}  // namespace

struct Schema::Node {
  SchemaKind kind = SchemaKind::kStruct;
  std::vector<Schema> children;
  std::vector<std::string> names;  // Of fields; the one name of a protobuf message.
  uint32_t array_size = 0;
};

std::string_view SchemaKindName(SchemaKind kind) {
  const auto index = static_cast<size_t>(kind);
  WEIR_CHECK_LT(index, kKindNames.size());
  return kKindNames[index];
}

const Schema::Node& Schema::EmptyStruct() {
  static const Node& node = *new Node();
  return node;
}

Schema Schema::Scalar(SchemaKind kind) {
  WEIR_CHECK(kind <= SchemaKind::kDuration) << SchemaKindName(kind) << " is no scalar";
  return Schema(std::make_shared<const Node>(Node{kind, {}, {}, 0}));
}

Schema Schema::Optional(Schema value) {
  return Schema(
      std::make_shared<const Node>(Node{SchemaKind::kOptional, {std::move(value)}, {}, 0}));
}

Schema Schema::Vector(Schema element) {
  return Schema(
      std::make_shared<const Node>(Node{SchemaKind::kVector, {std::move(element)}, {}, 0}));
}

Schema Schema::Array(Schema element, uint32_t size) {
  return Schema(
      std::make_shared<const Node>(Node{SchemaKind::kArray, {std::move(element)}, {}, size}));
}

Schema Schema::Tuple(std::vector<Schema> elements) {
  return Schema(std::make_shared<const Node>(Node{SchemaKind::kTuple, std::move(elements), {}, 0}));
}

Schema Schema::Struct(std::vector<Field> fields) {
  Node node;
  for (Field& field : fields) {
    node.children.push_back(std::move(field.schema));
    node.names.push_back(std::move(field.name));
  }
  return Schema(std::make_shared<const Node>(std::move(node)));
}

Schema Schema::Proto(std::string full_name) {
  for (const char c : full_name) WEIR_CHECK(IsProtoByte(c)) << full_name;
  WEIR_CHECK(!full_name.empty());
  return Schema(
      std::make_shared<const Node>(Node{SchemaKind::kProto, {}, {std::move(full_name)}, 0}));
}

SchemaKind Schema::kind() const { return node().kind; }
const std::vector<Schema>& Schema::children() const { return node().children; }
uint32_t Schema::array_size() const { return node().array_size; }

const std::vector<std::string>& Schema::field_names() const {
  WEIR_CHECK(kind() == SchemaKind::kStruct) << *this;
  return node().names;
}

const std::string& Schema::proto_name() const {
  WEIR_CHECK(kind() == SchemaKind::kProto) << *this;
  return node().names[0];
}

int Schema::FieldIndex(std::string_view name) const {
  if (kind() != SchemaKind::kStruct) return -1;
  for (size_t i = 0; i < node().names.size(); ++i) {
    if (node().names[i] == name) return static_cast<int>(i);
  }
  return -1;
}

void Schema::AppendText(const Node& node, std::string& out) {
  out.append(SchemaKindName(node.kind));
  if (node.kind <= SchemaKind::kDuration) return;
  const bool is_struct = node.kind == SchemaKind::kStruct;
  out.push_back(is_struct ? '{' : '<');
  if (node.kind == SchemaKind::kProto) out.append(node.names[0]);
  for (size_t i = 0; i < node.children.size(); ++i) {
    if (i > 0) out.push_back(',');
    if (is_struct) {
      AppendName(node.names[i], out);
      out.push_back(':');
    }
    AppendText(node.children[i].node(), out);
  }
  if (node.kind == SchemaKind::kArray) absl::StrAppend(&out, ",", node.array_size);
  out.push_back(is_struct ? '}' : '>');
}

std::string Schema::ToString() const {
  std::string text;
  AppendText(node(), text);
  return text;
}

uint64_t Schema::Digest() const { return StableHash64(ToString()); }

bool operator==(const Schema& a, const Schema& b) {
  if (a.node_ == b.node_) return true;
  const Schema::Node& x = a.node();
  const Schema::Node& y = b.node();
  return x.kind == y.kind && x.array_size == y.array_size && x.names == y.names &&
         x.children == y.children;
}

namespace {

// Recursive descent over the grammar of docs/formats/schema.md. Every method returns false after noting what is wrong.
class SchemaParser {
 public:
  explicit SchemaParser(std::string_view text) : text_(text) {}

  absl::StatusOr<Schema> Parse() {
    Schema schema;
    if (ParseType(0, schema) && (at_ == text_.size() || Fail("the end"))) return schema;
    return absl::InvalidArgumentError(
        absl::StrCat("schema text: expected ", expected_, " at byte ", at_, " of ", text_.size()));
  }

 private:
  bool Fail(const char* expected) {
    expected_ = expected;
    return false;
  }
  bool Consume(char c) {
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  std::string_view Word() {
    const size_t begin = at_;
    while (at_ < text_.size() && IsNameByte(text_[at_])) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  bool ParseName(std::string& name) {
    if (!Consume('`')) {
      const size_t begin = at_;
      name = Word();
      at_ = IsPlainName(name) ? at_ : begin;
      return IsPlainName(name) || Fail("a name");
    }
    const size_t begin = at_;
    for (;;) {
      if (at_ == text_.size()) return Fail("a closing back quote");
      if (!Consume('`')) {
        name.push_back(text_[at_++]);
      } else if (Consume('`')) {
        name.push_back('`');
      } else {
        break;
      }
    }
    if (!IsPlainName(name)) return true;
    at_ = begin;
    return Fail("a name that needs back quotes");
  }

  bool ParseType(int depth, Schema& schema) {
    if (depth > kSchemaDepthMax) return Fail("less nesting");
    const size_t begin = at_;
    const std::string_view word = Word();
    size_t kind = 0;
    while (kind < kKindNames.size() && kKindNames[kind] != word) ++kind;
    if (kind == kKindNames.size()) {
      at_ = begin;
      return Fail("a type");
    }
    if (static_cast<SchemaKind>(kind) > SchemaKind::kDuration) {
      return ParseComposite(static_cast<SchemaKind>(kind), depth, schema);
    }
    schema = Schema::Scalar(static_cast<SchemaKind>(kind));
    return true;
  }

  bool ParseComposite(SchemaKind kind, int depth, Schema& schema) {
    if (kind == SchemaKind::kStruct) return ParseStruct(depth, schema);
    if (!Consume('<')) return Fail("'<'");
    if (kind == SchemaKind::kProto) {
      const size_t begin = at_;
      while (at_ < text_.size() && IsProtoByte(text_[at_])) ++at_;
      if (at_ == begin) return Fail("the name of a message");
      schema = Schema::Proto(std::string(text_.substr(begin, at_ - begin)));
    } else if (kind == SchemaKind::kTuple) {
      std::vector<Schema> elements;
      if (text_.substr(at_, 1) != ">") {
        do {
          if (!ParseType(depth + 1, elements.emplace_back())) return false;
        } while (Consume(','));
      }
      schema = Schema::Tuple(std::move(elements));
    } else {
      Schema child;
      if (!ParseType(depth + 1, child)) return false;
      if (kind == SchemaKind::kOptional) schema = Schema::Optional(std::move(child));
      if (kind == SchemaKind::kVector) schema = Schema::Vector(std::move(child));
      if (kind == SchemaKind::kArray && !ParseArraySize(std::move(child), schema)) return false;
    }
    return Consume('>') || Fail("'>'");
  }

  bool ParseArraySize(Schema element, Schema& schema) {
    if (!Consume(',')) return Fail("',' and a size");
    uint64_t size = 0;
    const size_t begin = at_;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9' && at_ - begin < 9) {
      size = size * 10 + static_cast<uint64_t>(text_[at_++] - '0');
    }
    if (at_ == begin || text_[begin] == '0') return Fail("a size of up to 9 digits");
    schema = Schema::Array(std::move(element), static_cast<uint32_t>(size));
    return true;
  }

  bool ParseStruct(int depth, Schema& schema) {
    if (!Consume('{')) return Fail("'{'");
    std::vector<Schema::Field> fields;
    if (!Consume('}')) {
      do {
        Schema::Field& field = fields.emplace_back();
        if (!ParseName(field.name)) return false;
        if (!Consume(':')) return Fail("':'");
        if (!ParseType(depth + 1, field.schema)) return false;
      } while (Consume(','));
      if (!Consume('}')) return Fail("',' or '}'");
    }
    schema = Schema::Struct(std::move(fields));
    return true;
  }

  std::string_view text_;
  size_t at_ = 0;
  const char* expected_ = "";
};

}  // namespace

absl::StatusOr<Schema> ParseSchema(std::string_view text) { return SchemaParser(text).Parse(); }

}  // namespace weir
