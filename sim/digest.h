// RollingDigest: 64 bits that stand for everything that happened in a world, in order.
//
// Two runs of one seed must end with equal digests; the first place where they differ is found with
// a trace (sim/trace.h). The mixing step is the 64x64->128 bit multiply-and-fold of wyhash (Wang
// Yi, public domain): one multiplication per word, and every word changes the result. Byte strings
// are folded in as their StableHash64. Pure; the values are not stable between versions of this
// program.
#ifndef WEIR_SIM_DIGEST_H_
#define WEIR_SIM_DIGEST_H_

#include <cstdint>

namespace weir::sim {

inline uint64_t MixWords(uint64_t a, uint64_t b) {
  const unsigned __int128 product =
      static_cast<unsigned __int128>(a ^ 0x9e3779b97f4a7c15u) * (b ^ 0xe7037ed1a0b428dbu);
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

class RollingDigest {
 public:
  // The rotation keeps a product that happens to be zero from erasing what came before.
  void Add(uint64_t word) {
    value_ = MixWords(value_ + word, word) ^ (value_ << 23 | value_ >> 41);
  }
  uint64_t value() const { return value_; }

 private:
  uint64_t value_ = 0x8ebc6af09c88c6e3u;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_DIGEST_H_
