#include "core/env/testing/random_contract.h"

#include <vector>

namespace weir {
namespace {

constexpr RandomSite kSite{RandomStream::kWorkload, "random_contract.site", 7};

TEST_P(RandomContract, IsThePureFunctionOfItsAddress) {
  auto random = Make(42);
  for (uint64_t nth = 0; nth < 100; ++nth) {
    EXPECT_EQ(random->Draw(kSite), AddressedDraw(42, kSite, nth)) << "draw " << nth;
  }
}

TEST_P(RandomContract, CountsEachAddressOnItsOwn) {
  auto random = Make(42);
  const std::vector<RandomSite> sites = {
      kSite,
      {RandomStream::kWorkload, "random_contract.site", 8},
      {RandomStream::kWorkload, "random_contract.other", 7},
      {RandomStream::kNetwork, "random_contract.site", 7},
  };
  // Site i draws i + 1 times per round: whoever draws in between must not move the others.
  std::vector<uint64_t> drawn(sites.size(), 0);
  for (int round = 0; round < 20; ++round) {
    for (size_t i = 0; i < sites.size(); ++i) {
      for (size_t k = 0; k <= i; ++k) {
        EXPECT_EQ(random->Draw(sites[i]), AddressedDraw(42, sites[i], drawn[i]++));
      }
    }
  }
}

TEST_P(RandomContract, TakesTheSiteByItsTextNotItsPointer) {
  auto random = Make(1);
  const std::string copy(kSite.site);
  random->Draw(kSite);
  EXPECT_EQ(random->Draw({kSite.stream, copy, kSite.entity}), AddressedDraw(1, kSite, 1));
}

TEST_P(RandomContract, DoesNotNeedTheTextAfterTheDraw) {
  auto random = Make(1);
  for (uint64_t nth = 0; nth < 3; ++nth) {
    std::string copy(kSite.site);
    EXPECT_EQ(random->Draw({kSite.stream, copy, kSite.entity}), AddressedDraw(1, kSite, nth));
    copy.assign(copy.size(), '#');
  }
}

TEST_P(RandomContract, SeedsDiffer) {
  EXPECT_NE(Make(1)->Draw(kSite), Make(2)->Draw(kSite));
  EXPECT_EQ(Make(3)->Draw(kSite), Make(3)->Draw(kSite));
}

TEST_P(RandomContract, EachDistributionTakesOneDraw) {
  auto random = Make(5);
  random->Uniform(kSite, 10);
  random->UniformInclusive(kSite, -3, 3);
  random->Chance(kSite, 1, 2);
  random->Exponential(kSite, absl::Milliseconds(1));
  EXPECT_EQ(random->Draw(kSite), AddressedDraw(5, kSite, 4));
}

}  // namespace
}  // namespace weir
