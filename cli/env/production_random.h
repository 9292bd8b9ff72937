// ProductionRandom: addressed draws whose numbering is kept in memory. Thread-safe.
//
// It remembers every (stream, site, entity) that ever drew, about 100 bytes each, for the life of
// the process: entities are subtasks, channels and splits, never records. A named file for the rule
// about locks.
#ifndef WEIR_CLI_ENV_PRODUCTION_RANDOM_H_
#define WEIR_CLI_ENV_PRODUCTION_RANDOM_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "core/env/random.h"

namespace weir {

class ProductionRandom final : public Random {
 public:
  // Seeded by the operating system.
  ProductionRandom();
  explicit ProductionRandom(uint64_t seed) : seed_(seed) {}

  uint64_t Draw(const RandomSite& site) override;
  uint64_t seed() const { return seed_; }

 private:
  struct Address {
    RandomStream stream;
    std::string site;
    uint64_t entity;
  };
  // Both take a RandomSite as well, so that a draw allocates nothing after the first.
  struct AddressHash {
    using is_transparent = void;
    size_t operator()(const RandomSite& site) const { return AddressedDraw(0, site, 0); }
    size_t operator()(const Address& address) const { return (*this)(AsSite(address)); }
  };
  struct AddressEqual {
    using is_transparent = void;
    template <class A, class B>
    bool operator()(const A& a, const B& b) const {
      return a.stream == b.stream && a.entity == b.entity && a.site == b.site;
    }
  };
  static RandomSite AsSite(const Address& address) {
    return {address.stream, address.site, address.entity};
  }

  // Sharded because workers draw at the same time.
  struct alignas(64) Shard {
    std::mutex mutex;
    absl::flat_hash_map<Address, uint64_t, AddressHash, AddressEqual> drawn;
  };

  const uint64_t seed_;
  std::array<Shard, 16> shards_;
};

}  // namespace weir

#endif  // WEIR_CLI_ENV_PRODUCTION_RANDOM_H_
