#include "core/env/random.h"

#include <cstdint>
#include <limits>
#include <set>
#include <vector>

#include "gtest/gtest.h"

namespace weir {
namespace {

constexpr RandomSite kSite{RandomStream::kWorkload, "random_test.site", 3};
constexpr uint64_t kMax = std::numeric_limits<uint64_t>::max();

// Returns what it was told to, and counts.
class ScriptedRandom : public Random {
 public:
  explicit ScriptedRandom(std::vector<uint64_t> draws) : draws_(std::move(draws)) {}
  uint64_t Draw(const RandomSite&) override { return draws_[count_++ % draws_.size()]; }
  size_t count() const { return count_; }

 private:
  std::vector<uint64_t> draws_;
  size_t count_ = 0;
};

class HashedRandom : public Random {
 public:
  uint64_t Draw(const RandomSite& site) override { return AddressedDraw(1, site, nth_++); }

 private:
  uint64_t nth_ = 0;
};

// Whoever changes these makes every recorded seed worthless.
TEST(AddressedDrawTest, GoldenValues) {
  EXPECT_EQ(AddressedDraw(0, {RandomStream::kSchedule, "", 0}, 0), 0xEC9EE2320B33B9E1u);
  EXPECT_EQ(AddressedDraw(1, kSite, 0), 0xD898905948BECF05u);
  EXPECT_EQ(AddressedDraw(1, kSite, 1), 0x46CCE9CCA0C22142u);
  EXPECT_EQ(AddressedDraw(kMax, {RandomStream::kDisk, "disk.torn_page", 1u << 31}, 77),
            0x04FD139D3F048B32u);
}

TEST(AddressedDrawTest, EveryPartOfTheAddressCounts) {
  std::set<uint64_t> draws = {
      AddressedDraw(1, kSite, 0),
      AddressedDraw(2, kSite, 0),
      AddressedDraw(1, kSite, 1),
      AddressedDraw(1, {RandomStream::kDisk, kSite.site, kSite.entity}, 0),
      AddressedDraw(1, {kSite.stream, "random_test.site2", kSite.entity}, 0),
      AddressedDraw(1, {kSite.stream, kSite.site, 4}, 0),
  };
  EXPECT_EQ(draws.size(), 6u);
}

TEST(AddressedDrawTest, DiesOfASiteThatIsNoLiteral) {
  const std::string site(1'000, 'x');
  EXPECT_DEATH(AddressedDraw(1, {RandomStream::kDisk, site, 0}, 0), "short string literals");
}

TEST(RandomTest, GoldenDistributions) {
  HashedRandom random;
  EXPECT_EQ(random.Uniform(kSite, 1'000'000), 846'077u);
  EXPECT_EQ(random.UniformInclusive(kSite, -1'000, 1'000), -447);
  EXPECT_EQ(random.Exponential(kSite, absl::Seconds(1)), absl::Nanoseconds(2'472'009'438));
  EXPECT_EQ(random.Exponential(kSite, absl::Seconds(1)), absl::Nanoseconds(758'436'741));
}

TEST(RandomTest, UniformSplitsTheDrawsEvenly) {
  ScriptedRandom random({0, kMax / 4 + 1, kMax / 2, kMax / 2 + 1, kMax});
  EXPECT_EQ(random.Uniform(kSite, 4), 0u);
  EXPECT_EQ(random.Uniform(kSite, 4), 1u);
  EXPECT_EQ(random.Uniform(kSite, 4), 1u);
  EXPECT_EQ(random.Uniform(kSite, 4), 2u);
  EXPECT_EQ(random.Uniform(kSite, 4), 3u);
  EXPECT_EQ(ScriptedRandom({kMax}).Uniform(kSite, 1), 0u);
  EXPECT_EQ(ScriptedRandom({kMax}).Uniform(kSite, kMax), kMax - 1);
}

TEST(RandomTest, UniformInclusiveReachesBothEnds) {
  constexpr int64_t kLow = std::numeric_limits<int64_t>::min();
  constexpr int64_t kHigh = std::numeric_limits<int64_t>::max();
  ScriptedRandom random({0, kMax});
  EXPECT_EQ(random.UniformInclusive(kSite, -3, 3), -3);
  EXPECT_EQ(random.UniformInclusive(kSite, -3, 3), 3);
  EXPECT_EQ(random.UniformInclusive(kSite, kLow, kHigh), kLow);
  EXPECT_EQ(random.UniformInclusive(kSite, kLow, kHigh), kHigh);
  EXPECT_EQ(random.UniformInclusive(kSite, 5, 5), 5);
  EXPECT_EQ(random.count(), 5u);
}

TEST(RandomTest, AZeroDrawMeansThatNothingHappens) {
  ScriptedRandom random({0});
  EXPECT_EQ(random.Uniform(kSite, 10), 0u);
  EXPECT_FALSE(random.Chance(kSite, 9, 10));
  EXPECT_EQ(random.Exponential(kSite, absl::Hours(1)), absl::ZeroDuration());
}

TEST(RandomTest, ChanceMeetsItsOdds) {
  HashedRandom random;
  int hits = 0;
  for (int i = 0; i < 100'000; ++i) hits += random.Chance(kSite, 3, 10) ? 1 : 0;
  EXPECT_NEAR(hits, 30'000, 600);  // Four standard deviations.
  EXPECT_FALSE(random.Chance(kSite, 0, 10));
  EXPECT_TRUE(random.Chance(kSite, 10, 10));
}

TEST(RandomTest, ExponentialMeetsItsMeanAndMedian) {
  HashedRandom random;
  constexpr int kDraws = 100'000;
  absl::Duration sum;
  int below_median = 0;
  for (int i = 0; i < kDraws; ++i) {
    const absl::Duration drawn = random.Exponential(kSite, absl::Milliseconds(10));
    EXPECT_GE(drawn, absl::ZeroDuration());
    EXPECT_LE(drawn, absl::Milliseconds(200));
    sum += drawn;
    if (drawn < absl::Microseconds(6'931)) ++below_median;
  }
  EXPECT_NEAR(absl::ToDoubleMilliseconds(sum) / kDraws, 10, 0.13);
  EXPECT_NEAR(below_median, kDraws / 2, 700);
}

TEST(RandomTest, ExponentialIsTheLogarithm) {
  // 1 - draw / 2^64 = 1/2, 1/4, 1/1024.
  ScriptedRandom random({uint64_t{1} << 63, uint64_t{3} << 62, 0 - (uint64_t{1} << 54), kMax});
  EXPECT_NEAR(absl::ToDoubleSeconds(random.Exponential(kSite, absl::Seconds(1))), 0.693147, 1e-6);
  EXPECT_NEAR(absl::ToDoubleSeconds(random.Exponential(kSite, absl::Seconds(1))), 1.386294, 1e-6);
  EXPECT_NEAR(absl::ToDoubleSeconds(random.Exponential(kSite, absl::Seconds(1))), 6.931472, 1e-6);
  EXPECT_EQ(random.Exponential(kSite, absl::Seconds(1)), absl::Seconds(20)) << "the cut";
}

TEST(RandomTest, DiesOfImpossibleArguments) {
  ScriptedRandom random({0});
  EXPECT_DEATH(random.Uniform(kSite, 0), "random_test.site");
  EXPECT_DEATH(random.UniformInclusive(kSite, 1, 0), "random_test.site");
  EXPECT_DEATH(random.Chance(kSite, 2, 1), "random_test.site");
  EXPECT_DEATH(random.Chance(kSite, 0, 0), "random_test.site");
  EXPECT_DEATH(random.Exponential(kSite, absl::InfiniteDuration()), "random_test.site");
}

}  // namespace
}  // namespace weir
