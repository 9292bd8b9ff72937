// Random: addressed draws. A draw is a pure function of (seed, stream, site, entity, n), n being
// how often that site has drawn for that entity before. There is no shared generator state, so
// removing one draw moves no other.
//
//   env.random().Uniform({RandomStream::kWorkload, "generator.pause", subtask.value()}, 10);
//
// Sites are string literals, unique in the code base, "area.what". The entity tells apart the
// callers of one site (a subtask, a channel, a split); give each caller that may run concurrently
// an entity of its own. Distributions are our own, integers only, because those of the standard
// library differ between implementations. A draw of 0 gives the smallest value, and false.
#ifndef WEIR_CORE_ENV_RANDOM_H_
#define WEIR_CORE_ENV_RANDOM_H_

#include <cstdint>
#include <string_view>

#include "absl/time/time.h"

namespace weir {

enum class RandomStream : uint8_t {
  kSchedule,
  kNetwork,
  kDisk,
  kCrash,
  kClock,
  kConfig,
  kWorkload
};

struct RandomSite {
  RandomStream stream;
  std::string_view site;
  uint64_t entity = 0;
};

class Random {
 public:
  virtual ~Random() = default;

  // 64 uniform bits. Thread-safe for distinct (site, entity).
  virtual uint64_t Draw(const RandomSite& site) = 0;

  // Uniform in [0, bound); bound > 0. Exactly one Draw. (Lemire's multiply-shift; bias < bound /
  // 2^64.)
  uint64_t Uniform(const RandomSite& site, uint64_t bound);
  // Uniform in [low, high], low <= high. Exactly one Draw.
  int64_t UniformInclusive(const RandomSite& site, int64_t low, int64_t high);
  // True with probability numerator/denominator. Exactly one Draw.
  bool Chance(const RandomSite& site, uint64_t numerator, uint64_t denominator);
  // Exponential with the given mean, cut at 20 times the mean, in whole nanoseconds. Exactly one
  // Draw.
  absl::Duration Exponential(const RandomSite& site, absl::Duration mean);
};

// The pure function behind every implementation: XXH3-64 over the address.
uint64_t AddressedDraw(uint64_t seed, const RandomSite& site, uint64_t nth);

}  // namespace weir

#endif  // WEIR_CORE_ENV_RANDOM_H_
