// GeneratorRandom: what one generated row may draw. Each draw is a pure function of (seed, index of
// the row, how often the row drew before), so a row does not depend on the rows before it, on
// parallelism, or on which reader made it. Integer distributions only. Pure.
//
// Source: SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
#ifndef WEIR_CONNECTORS_GENERATOR_GENERATOR_RANDOM_H_
#define WEIR_CONNECTORS_GENERATOR_GENERATOR_RANDOM_H_

#include <bit>
#include <cstdint>

#include "core/base/check.h"

namespace weir {

class GeneratorRandom {
 public:
  GeneratorRandom(uint64_t seed, int64_t index)
      : state_(Mix(Mix(seed + kStep) + static_cast<uint64_t>(index))) {}

  // 64 uniform bits.
  uint64_t Bits() { return Mix(state_ += kStep); }

  // Uniform in [0, bound), bound > 0; the bias is below bound / 2^64.
  uint64_t Uniform(uint64_t bound) {
    WEIR_DCHECK_LT(0, bound);
    return static_cast<uint64_t>(static_cast<unsigned __int128>(Bits()) * bound >> 64);
  }

  // Uniform in [low, high], low <= high.
  int64_t UniformInclusive(int64_t low, int64_t high) {
    WEIR_DCHECK_LE(low, high);
    const uint64_t span = static_cast<uint64_t>(high) - static_cast<uint64_t>(low);
    const uint64_t offset = span == ~uint64_t{0} ? Bits() : Uniform(span + 1);
    return static_cast<int64_t>(static_cast<uint64_t>(low) + offset);
  }

  // True with probability numerator/denominator.
  bool Chance(uint64_t numerator, uint64_t denominator) { return Uniform(denominator) < numerator; }

  // In [0, bound), skewed as the keys of real streams are: value v is about as likely as 1/(v + 1),
  // which is Zipf's law with exponent 1. Two draws.
  uint64_t Skewed(uint64_t bound) {
    WEIR_DCHECK_LT(0, bound);
    // Each power of two, [2^k - 1, 2^(k+1) - 1), is equally likely; uniform within. What lies
    // behind the bound in the last one is folded back.
    const uint64_t power = uint64_t{1} << Uniform(static_cast<uint64_t>(std::bit_width(bound)));
    return (power - 1 + Uniform(power)) % bound;
  }

 private:
  static constexpr uint64_t kStep = 0x9E3779B97F4A7C15;

  static constexpr uint64_t Mix(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
  }

  uint64_t state_;
};

}  // namespace weir

#endif  // WEIR_CONNECTORS_GENERATOR_GENERATOR_RANDOM_H_
