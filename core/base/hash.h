// StableHash64: the one hash whose value may be stored, sent or used to route. XXH3-64 with seed 0, fixed forever: key groups,
// digests and checkpoints depend on it. Changing it means a new kHashVersion and a migration. Pure.
//
// Source: https://github.com/Cyan4973/xxHash, doc/xxhash_spec.md; the output of XXH3 is frozen since 0.8.0.
#ifndef WEIR_CORE_BASE_HASH_H_
#define WEIR_CORE_BASE_HASH_H_

#include <cstdint>
#include <string_view>

#ifndef XXH_INLINE_ALL
#define XXH_INLINE_ALL
#endif
// The state of a stream in registers while it is updated, with Clang too.
#ifndef XXH3_STREAM_USE_STACK
#define XXH3_STREAM_USE_STACK 1
#endif
#include "xxhash.h"

namespace weir {

inline constexpr uint32_t kHashVersion = 1;

inline uint64_t StableHash64(std::string_view bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

// For checksums over parts: the hash of one part seeds that of the next.
inline uint64_t StableHash64WithSeed(std::string_view bytes, uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

// StableHash64 of bytes that come in pieces, or StableHash64WithSeed; where they are cut does not show.
class StableHash64Stream {
 public:
  explicit StableHash64Stream(uint64_t seed = 0) : seed_(seed) {
    XXH3_INITSTATE(&state_);
    Reset();
  }
  void Reset() { XXH3_64bits_reset_withSeed(&state_, seed_); }
  void Update(std::string_view bytes) { XXH3_64bits_update(&state_, bytes.data(), bytes.size()); }
  uint64_t Digest() const { return XXH3_64bits_digest(&state_); }

 private:
  uint64_t seed_;
  XXH3_state_t state_;
};

// StableHash64 of the value's big-endian bytes, which are how keys encode unsigned integers.
inline uint64_t StableHashOfU64(uint64_t value) {
  const uint64_t big_endian = __builtin_bswap64(value);
  return XXH3_64bits(&big_endian, sizeof(big_endian));
}
inline uint64_t StableHashOfU32(uint32_t value) {
  const uint32_t big_endian = __builtin_bswap32(value);
  return XXH3_64bits(&big_endian, sizeof(big_endian));
}

}  // namespace weir

#endif  // WEIR_CORE_BASE_HASH_H_
