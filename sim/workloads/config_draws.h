// ConfigDraws: what a workload or a runner draws about how a run is set up, before there is a world. Each draw is a pure function
// of the seed and the site's name; one draw per site. Pure.
#ifndef WEIR_SIM_WORKLOADS_CONFIG_DRAWS_H_
#define WEIR_SIM_WORKLOADS_CONFIG_DRAWS_H_

#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "core/env/random.h"
#include "sim/sim_random.h"

namespace weir::sim {

class ConfigDraws {
 public:
  explicit ConfigDraws(Seed seed) : seed_(seed.value()) {}

  // In [0, bound), bound > 0.
  uint64_t Uniform(std::string_view site, uint64_t bound) const {
    const uint64_t bits = AddressedDraw(seed_, {RandomStream::kConfig, site}, 0);
    return static_cast<uint64_t>(static_cast<unsigned __int128>(bits) * bound >> 64);
  }
  // In [low, high].
  int64_t Between(std::string_view site, int64_t low, int64_t high) const {
    return low + static_cast<int64_t>(Uniform(site, static_cast<uint64_t>(high - low) + 1));
  }
  template <class T>
  T OneOf(std::string_view site, std::initializer_list<T> values) const {
    return values.begin()[Uniform(site, values.size())];
  }

 private:
  const uint64_t seed_;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_WORKLOADS_CONFIG_DRAWS_H_
