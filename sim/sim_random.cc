#include "sim/sim_random.h"

#include "absl/strings/str_format.h"
#include "core/base/hash.h"
#include "sim/digest.h"

namespace weir::sim {

Seed ScopedSeed(Seed seed, std::string_view scope) {
  return Seed(MixWords(seed.value(), StableHash64(scope)));
}

uint64_t WorldDraws::At(Seed scope_seed, const RandomSite& site, uint64_t nth) {
  const uint64_t value = AddressedDraw(scope_seed.value(), site, nth);
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
