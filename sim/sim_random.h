// The draws of a world. A draw is AddressedDraw(seed, site, nth) (core/env/random.h): a pure
// function of its address, so that removing one draw moves no other.
//
// Everything random in a world goes through WorldDraws::At, which records it: the one place where a
// value can come from somewhere else than the seed (sim/choices.h). A scope (a process, the world itself) has a
// seed of its own, derived from its name, so that two processes which draw at one site of the same
// program do not share a count. Counts belong to the machine and go on over its processes' lives.
//
// Bounds: a Draw through SimRandom looks up its count in an ordered map, about 100 ns; a SiteDraws
// keeps its own count and is what the simulator uses on its hot paths.
#ifndef WEIR_SIM_SIM_RANDOM_H_
#define WEIR_SIM_SIM_RANDOM_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>

#include "core/base/strong_id.h"
#include "core/env/random.h"
#include "sim/choices.h"
#include "sim/recorder.h"
#include "sim/virtual_time.h"

namespace weir::sim {

struct SeedTag {
  static constexpr std::string_view kPrefix = "seed-";
};
using Seed = StrongId<SeedTag, uint64_t>;

// The seed of everything that `scope` draws in a world of `seed`.
Seed ScopedSeed(Seed seed, std::string_view scope);

class WorldDraws {
 public:
  // Both outlive this object.
  WorldDraws(Recorder* recorder, const VirtualTime* time) : recorder_(recorder), time_(time) {}
  // `world_seed` is the scope of the world itself; those of machines derive from it.
  WorldDraws(Recorder* recorder, const VirtualTime* time, Seed world_seed, const Choices& choices);
  WorldDraws(const WorldDraws&) = delete;
  WorldDraws& operator=(const WorldDraws&) = delete;

  uint64_t At(Seed scope_seed, const RandomSite& site, uint64_t nth);

 private:
  // Scope, stream, entity, nth, site.
  using Address = std::tuple<uint64_t, RandomStream, uint64_t, uint64_t, std::string>;

  uint64_t Replaced(Seed scope_seed, const RandomSite& site, uint64_t nth) const;

  Recorder* recorder_;
  const VirtualTime* time_;
  // Looked at only if there is any.
  bool replaces_ = false;
  bool otherwise_smallest_ = false;
  std::map<Address, uint64_t> replaced_;
};

// Random of one scope.
class SimRandom final : public Random {
 public:
  SimRandom(WorldDraws* draws, Seed scope_seed) : draws_(draws), scope_seed_(scope_seed) {}

  uint64_t Draw(const RandomSite& site) override;

 private:
  struct Key {
    RandomStream stream;
    uint64_t entity;
    std::string site;
  };
  // Compares Key with RandomSite without a copy of the text.
  struct Less {
    using is_transparent = void;
    template <typename A, typename B>
    bool operator()(const A& a, const B& b) const {
      if (a.entity != b.entity) return a.entity < b.entity;
      if (a.stream != b.stream) return a.stream < b.stream;
      return std::string_view(a.site) < std::string_view(b.site);
    }
  };

  WorldDraws* draws_;
  Seed scope_seed_;
  std::map<Key, uint64_t, Less> counts_;
};

// The draws of one (site, entity), with its count. The text of the site is a literal.
class SiteDraws final : public Random {
 public:
  SiteDraws(WorldDraws* draws, Seed scope_seed, RandomSite site)
      : draws_(draws), scope_seed_(scope_seed), site_(site) {}

  uint64_t Next() { return draws_->At(scope_seed_, site_, count_++); }
  // Uniform in [low, high], low <= high.
  int64_t Between(int64_t low, int64_t high) { return UniformInclusive(site_, low, high); }
  uint64_t Below(uint64_t bound) { return Uniform(site_, bound); }

 private:
  uint64_t Draw(const RandomSite& /*site*/) override { return Next(); }

  WorldDraws* draws_;
  Seed scope_seed_;
  RandomSite site_;
  uint64_t count_ = 0;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_SIM_RANDOM_H_
