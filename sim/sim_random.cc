#include "sim/sim_random.h"

#include "absl/strings/str_format.h"
#include "core/base/hash.h"
#include "sim/digest.h"

namespace weir::sim {

Seed ScopedSeed(Seed seed, std::string_view scope) {
  return Seed(MixWords(seed.value(), StableHash64(scope)));
}

WorldDraws::WorldDraws(Recorder* recorder, const VirtualTime* time, Seed world_seed,
                       const Choices& choices)
    : recorder_(recorder), time_(time), otherwise_smallest_(choices.otherwise_smallest) {
  for (const Choice& choice : choices.replaced) {
    const Seed scope = choice.machine.empty() ? world_seed : ScopedSeed(world_seed, choice.machine);
    replaced_[{scope.value(), choice.stream, choice.entity, choice.nth, choice.site}] =
        choice.value;
  }
  replaces_ = otherwise_smallest_ || !replaced_.empty();
}

uint64_t WorldDraws::Replaced(Seed scope_seed, const RandomSite& site, uint64_t nth) const {
  const auto found =
      replaced_.find({scope_seed.value(), site.stream, site.entity, nth, std::string(site.site)});
  if (found != replaced_.end()) return found->second;
  return otherwise_smallest_ ? 0 : AddressedDraw(scope_seed.value(), site, nth);
}

uint64_t WorldDraws::At(Seed scope_seed, const RandomSite& site, uint64_t nth) {
  uint64_t value = 0;
  if (replaces_) [[unlikely]] {
    value = Replaced(scope_seed, site, nth);
  } else {
    value = AddressedDraw(scope_seed.value(), site, nth);
  }
  recorder_->Add(EventKind::kDraw, time_->now(), site.entity, value,
                 [&] { return absl::StrFormat("%s #%u", site.site, nth); });
  return value;
}

uint64_t SimRandom::Draw(const RandomSite& site) {
  auto count = counts_.find(site);
  if (count == counts_.end()) {
    count = counts_.emplace(Key{site.stream, site.entity, std::string(site.site)}, 0).first;
  }
  return draws_->At(scope_seed_, site, count->second++);
}

}  // namespace weir::sim
