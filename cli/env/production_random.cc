#include "cli/env/production_random.h"

#include <random>

namespace weir {
namespace {

uint64_t SeedFromSystem() {
  std::random_device device;
  const uint64_t high = device();
  const uint64_t low = device();
  return high << 32 | low;
}

}  // namespace

ProductionRandom::ProductionRandom() : seed_(SeedFromSystem()) {}

uint64_t ProductionRandom::Draw(const RandomSite& site) {
  // The map uses the low bits of the same hash.
  Shard& shard = shards_[AddressHash()(site) >> 60];
  uint64_t nth;
  {
    std::lock_guard<std::mutex> lock(shard.mutex);
    auto drawn = shard.drawn.find(site);
    if (drawn == shard.drawn.end()) {
      drawn =
          shard.drawn.emplace(Address{site.stream, std::string(site.site), site.entity}, 0).first;
    }
    nth = drawn->second++;
  }
  return AddressedDraw(seed_, site, nth);
}

}  // namespace weir
