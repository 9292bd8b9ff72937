// StateDeclaration: what one state of an operator is: its name and the schemas of its keys and values. Declarations are written into
// the manifest of a checkpoint, and CheckCompatible() says before a restore whether a job can read what another one wrote. Pure.
#ifndef WEIR_STATE_STATE_DECLARATION_H_
#define WEIR_STATE_STATE_DECLARATION_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "core/types/schema.h"

namespace weir {

enum class StateKind : uint8_t {
  kKeyed = 1,       // A value per key.
  kNamespaced = 2,  // A value per namespace (say, window start) and key.
};

// "keyed", "namespaced"
std::string StateKindName(StateKind kind);

// Longer names are refused, so that a snapshot need not be believed about theirs.
inline constexpr size_t kStateNameBytesMax = 256;

struct StateDeclaration {
  std::string name;  // Unique in its operator; 1 to kStateNameBytesMax bytes.
  StateKind kind = StateKind::kKeyed;
  Schema key_schema;
  Schema namespace_schema;  // struct{} unless kNamespaced.
  Schema value_schema;

  // Of kind and schemas, not of the name: equal exactly if records of one can be read as records of the other.
  uint64_t Digest() const;
  // "window-contents: namespaced, key i64, namespace event_time, value i64"
  std::string ToString() const;
  friend bool operator==(const StateDeclaration&, const StateDeclaration&) = default;
};

// Whether state of `old_states` can be restored into an operator that declares `new_states`. A state that is new starts empty.
// FailedPrecondition, naming the state and the first difference, if a state is gone or its kind or one of its schemas differs.
absl::Status CheckCompatible(std::span<const StateDeclaration> old_states,
                             std::span<const StateDeclaration> new_states);

// InvalidArgument unless the name can be a state's.
absl::Status ValidateStateName(const std::string& name);

}  // namespace weir

#endif  // WEIR_STATE_STATE_DECLARATION_H_
