// Content hashes: one number for what tables hold, whatever the order: the sum, modulo 2^64, of one hash per entry. So the hashes of
// disjoint sets of entries add up to that of all, also when key groups are shared out anew. Manifests store them
// (docs/formats/checkpoint.md). Pure.
//
//   hash of an entry = XXH3-64 of its encoded key and value, seeded with the XXH3-64 of its encoded namespace (of no bytes, if it
//   has none), which is seeded with the XXH3-64 of the state's name
#ifndef WEIR_STATE_CONTENT_HASH_H_
#define WEIR_STATE_CONTENT_HASH_H_

#include <cstdint>
#include <string_view>

#include "core/base/hash.h"

namespace weir {

inline uint64_t ContentSeedOfState(std::string_view name) { return StableHash64(name); }

inline uint64_t ContentSeedOfNamespace(uint64_t seed_of_state, std::string_view name_space) {
  return StableHash64WithSeed(name_space, seed_of_state);
}

// `entry`: the encoded key and, behind it, the encoded value.
inline uint64_t ContentHashOfEntry(uint64_t seed_of_namespace, std::string_view entry) {
  return StableHash64WithSeed(entry, seed_of_namespace);
}

}  // namespace weir

#endif  // WEIR_STATE_CONTENT_HASH_H_
