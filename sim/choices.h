// Choices: draws of a world that come from somewhere else than its seed.
//
// Each replaces one draw, by its address. With `otherwise_smallest` all others are 0, which is the
// smallest value, the first in the queue and no fault: what a shrinker goes towards, and what a
// fuzzer starts from. Without, they come from the seed. Addresses that are never drawn at do no harm.
#ifndef WEIR_SIM_CHOICES_H_
#define WEIR_SIM_CHOICES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "core/env/random.h"

namespace weir::sim {

struct Choice {
  std::string machine = {};  // Whose program draws; empty for the draws of the world itself.
  RandomStream stream = RandomStream::kSchedule;
  std::string site = {};
  uint64_t entity = 0;
  uint64_t nth = 0;
  uint64_t value = 0;  // All 64 bits: Uniform(bound) gives value * bound / 2^64.
};

struct Choices {
  std::vector<Choice> replaced = {};
  bool otherwise_smallest = false;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_CHOICES_H_
