#include "cli/env/production_env.h"

#include <set>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "transport/inprocess/inprocess_network.h"

namespace weir {
namespace {

constexpr RandomSite kSite{RandomStream::kConfig, "production_env_test.site", 1};

TEST(ProductionEnvTest, TakesItsOptions) {
  ProductionEnvOptions options;
  options.worker_count = 3;
  options.seed = 42;
  options.network = std::make_shared<InProcessNetwork>();
  ProductionEnv env(options);
  EXPECT_EQ(env.worker_count(), 3);
  EXPECT_EQ(env.random().seed(), 42u);
  EXPECT_EQ(env.random().Draw(kSite), AddressedDraw(42, kSite, 0));
  EXPECT_EQ(&env.network(), options.network.get());
}

TEST(ProductionEnvTest, SeedsDifferByThemselves) {
  EXPECT_NE(ProductionEnv().random().seed(), ProductionEnv().random().seed());
}

TEST(ProductionEnvTest, ALaterProcessHasALargerLife) {
  ProductionEnv first;
  std::this_thread::sleep_for(std::chrono::milliseconds(1));
  ProductionEnv second;
  EXPECT_LT(first.NewExecutor("a", ExecutorKind::kControl)->life(),
            second.NewExecutor("a", ExecutorKind::kControl)->life());
}

TEST(ProductionEnvTest, NamesThatLookLikeOursStayUnique) {
  ProductionEnv env;
  auto taken = env.NewExecutor("a#2", ExecutorKind::kControl);
  auto first = env.NewExecutor("a", ExecutorKind::kControl);
  auto second = env.NewExecutor("a", ExecutorKind::kControl);
  EXPECT_EQ(first->name(), "a");
  EXPECT_EQ(second->name(), "a#3");
}

TEST(ProductionRandomTest, NumbersEachDrawOnceEvenIfThreadsShareASite) {
  ProductionRandom random(1);
  constexpr int kDraws = 2'000;
  std::vector<std::vector<uint64_t>> drawn(3);
  std::vector<std::thread> threads;
  for (auto& mine : drawn) {
    threads.emplace_back([&] {
      for (int i = 0; i < kDraws; ++i) mine.push_back(random.Draw(kSite));
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<uint64_t> all;
  for (const auto& mine : drawn) all.insert(mine.begin(), mine.end());
  EXPECT_EQ(all.size(), 3u * kDraws);
  for (uint64_t nth = 0; nth < 3 * kDraws; ++nth) {
    EXPECT_EQ(all.count(AddressedDraw(1, kSite, nth)), 1u);
  }
}

}  // namespace
}  // namespace weir
