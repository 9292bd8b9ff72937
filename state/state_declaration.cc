#include "state/state_declaration.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "core/base/hash.h"
#include "core/base/status_macros.h"

namespace weir {
namespace {

// Where two schemas first differ, as "at .items[]: i32 before, i64 now"; nullopt if they do not.
std::optional<std::string> FirstDifference(const Schema& before, const Schema& now,
                                           const std::string& path) {
  if (before == now) return std::nullopt;
  const auto whole = [&] {
    return absl::StrCat(path.empty() ? "" : absl::StrCat("at ", path, ": "), before.ToString(),
                        " before, ", now.ToString(), " now");
  };
  if (before.kind() != now.kind()) return whole();
  if (before.kind() == SchemaKind::kStruct) {
    for (const std::string& name : before.field_names()) {
      if (now.FieldIndex(name) < 0) return absl::StrCat("field ", path, ".", name, " is gone");
    }
    for (const std::string& name : now.field_names()) {
      if (before.FieldIndex(name) < 0) return absl::StrCat("field ", path, ".", name, " is new");
    }
    if (before.field_names() != now.field_names()) {
      return absl::StrCat(path.empty() ? "" : absl::StrCat("at ", path, ": "),
                          "the order of the fields differs");
    }
  }
  if (before.children().size() != now.children().size()) return whole();
  for (size_t i = 0; i < before.children().size(); ++i) {
    const std::string step = before.kind() == SchemaKind::kStruct
                                 ? absl::StrCat(".", before.field_names()[i])
                             : before.kind() == SchemaKind::kTuple ? absl::StrCat("[", i, "]")
                                                                   : std::string("[]");
    if (auto found = FirstDifference(before.children()[i], now.children()[i], path + step)) {
      return found;
    }
  }
  return whole();
}

absl::Status CheckState(const StateDeclaration& before, const StateDeclaration& now) {
  const auto fail = [&](const std::string& what) {
    return absl::FailedPreconditionError(
        absl::StrCat("state '", before.name, "' cannot be restored: ", what));
  };
  if (before.kind != now.kind) {
    return fail(
        absl::StrCat("it was ", StateKindName(before.kind), ", it is ", StateKindName(now.kind)));
  }
  if (auto d = FirstDifference(before.key_schema, now.key_schema, "")) {
    return fail("its key type differs: " + *d);
  }
  if (auto d = FirstDifference(before.namespace_schema, now.namespace_schema, "")) {
    return fail("its namespace type differs: " + *d);
  }
  if (auto d = FirstDifference(before.value_schema, now.value_schema, "")) {
    return fail("its value type differs: " + *d);
  }
  return absl::OkStatus();
}

}  // namespace

std::string StateKindName(StateKind kind) {
  switch (kind) {
    case StateKind::kKeyed:
      return "keyed";
    case StateKind::kNamespaced:
      return "namespaced";
  }
  return absl::StrCat("kind ", static_cast<int>(kind));
}

uint64_t StateDeclaration::Digest() const {
  return StableHash64(absl::StrCat(static_cast<int>(kind), ";", key_schema.ToString(), ";",
                                   namespace_schema.ToString(), ";", value_schema.ToString()));
}

std::string StateDeclaration::ToString() const {
  return absl::StrCat(name, ": ", StateKindName(kind), ", key ", key_schema.ToString(),
                      kind == StateKind::kNamespaced
                          ? absl::StrCat(", namespace ", namespace_schema.ToString())
                          : "",
                      ", value ", value_schema.ToString());
}

absl::Status CheckCompatible(std::span<const StateDeclaration> old_states,
                             std::span<const StateDeclaration> new_states) {
  for (const StateDeclaration& before : old_states) {
    const auto now = std::find_if(new_states.begin(), new_states.end(),
                                  [&](const auto& state) { return state.name == before.name; });
    if (now == new_states.end()) {
      return absl::FailedPreconditionError(absl::StrCat(
          "state '", before.name, "' cannot be restored: the operator no longer declares it"));
    }
    WEIR_RETURN_IF_ERROR(CheckState(before, *now));
  }
  return absl::OkStatus();
}

absl::Status ValidateStateName(const std::string& name) {
  if (!name.empty() && name.size() <= kStateNameBytesMax) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "the name of a state has 1 to ", kStateNameBytesMax, " bytes, this one has ", name.size()));
}

}  // namespace weir
