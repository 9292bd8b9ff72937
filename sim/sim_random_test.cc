#include "sim/sim_random.h"

#include <memory>

#include "core/env/testing/random_contract.h"
#include "gtest/gtest.h"
#include "sim/recorder.h"
#include "sim/virtual_time.h"

namespace weir::sim {
namespace {

// A Random with the world it needs.
class OwnedRandom final : public Random {
 public:
  explicit OwnedRandom(uint64_t seed)
      : recorder_(nullptr), draws_(&recorder_, &time_), random_(&draws_, Seed(seed)) {}
  uint64_t Draw(const RandomSite& site) override { return random_.Draw(site); }
  uint64_t digest() const { return recorder_.digest(); }
  WorldDraws* draws() { return &draws_; }

 private:
  VirtualTime time_;
  Recorder recorder_;
  WorldDraws draws_;
  SimRandom random_;
};

constexpr RandomSite kSite{RandomStream::kNetwork, "sim_random_test.site", 3};

TEST(SimRandomTest, SiteDrawsAreTheDrawsOfTheirSite) {
  OwnedRandom random(9);
  SiteDraws site(random.draws(), Seed(9), kSite);
  for (uint64_t nth = 0; nth < 10; ++nth) EXPECT_EQ(site.Next(), AddressedDraw(9, kSite, nth));
  for (int i = 0; i < 1000; ++i) {
    const int64_t drawn = site.Between(-2, 2);
    EXPECT_GE(drawn, -2);
    EXPECT_LE(drawn, 2);
    EXPECT_LT(site.Below(7), 7u);
  }
}

TEST(SimRandomTest, DrawsReachTheDigest) {
  OwnedRandom one(9);
  OwnedRandom same(9);
  OwnedRandom other(10);
  for (OwnedRandom* random : {&one, &same, &other}) random->Draw(kSite);
  EXPECT_EQ(one.digest(), same.digest());
  EXPECT_NE(one.digest(), other.digest());
}

TEST(SimRandomTest, ScopesDrawOnTheirOwn) {
  EXPECT_EQ(ScopedSeed(Seed(1), "tm-1"), ScopedSeed(Seed(1), "tm-1"));
  EXPECT_NE(ScopedSeed(Seed(1), "tm-1"), ScopedSeed(Seed(1), "tm-2"));
  EXPECT_NE(ScopedSeed(Seed(1), "tm-1"), ScopedSeed(Seed(2), "tm-1"));
}

const auto kFactory = testing::Values(
    RandomFactory{"sim", [](uint64_t seed) { return std::make_unique<OwnedRandom>(seed); }});

}  // namespace
}  // namespace weir::sim

namespace weir {

INSTANTIATE_TEST_SUITE_P(Sim, RandomContract, sim::kFactory, RandomFactoryName);

}  // namespace weir
