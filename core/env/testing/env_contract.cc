#include "core/env/testing/env_contract.h"

#include <set>
#include <string>

#include "core/env/testing/event_log.h"

namespace weir {
namespace {

TEST_P(EnvContract, HasTheSameSeamsEachTime) {
  EXPECT_EQ(&env().clock(), &env().clock());
  EXPECT_EQ(&env().random(), &env().random());
  EXPECT_EQ(&env().network(), &env().network());
  EXPECT_EQ(&env().file_system(), &env().file_system());
}

TEST_P(EnvContract, WantsAtLeastOneWorker) { EXPECT_GE(env().worker_count(), 1); }

TEST_P(EnvContract, MakesExecutorsFromAnyExecutor) {
  Executor& maker = NewExecutor("maker", ExecutorKind::kControl);
  EventLog log;
  std::unique_ptr<Executor> made;
  RunOn(maker, [&] {
    made = env().NewExecutor("made", ExecutorKind::kIo);
    made->Post([&] { log.Add("ran"); });
  });
  EXPECT_TRUE(RunUntil([&] { return log.Has("ran"); }));
  EXPECT_EQ(made->life(), maker.life());
}

TEST_P(EnvContract, MakesNamesUnique) {
  std::set<std::string> names;
  for (int i = 0; i < 20; ++i) {
    names.insert(std::string(NewExecutor("same", ExecutorKind::kWorker).name()));
  }
  EXPECT_EQ(names.size(), 20u);
}

TEST_P(EnvContract, DrawsAreNumberedPerAddress) {
  const RandomSite site{RandomStream::kWorkload, "env_contract.draw", 1};
  std::set<uint64_t> draws;
  for (int i = 0; i < 100; ++i) draws.insert(env().random().Draw(site));
  EXPECT_EQ(draws.size(), 100u) << "one address gave the same draw twice";
}

TEST_P(EnvContract, DrawsMayBeTakenOnSeveralExecutors) {
  EventLog log;
  for (uint64_t entity = 0; entity < 3; ++entity) {
    NewExecutor("drawer", ExecutorKind::kWorker).Post([&, entity] {
      for (int i = 0; i < 1'000; ++i) {
        env().random().Draw({RandomStream::kWorkload, "env_contract.parallel", entity});
      }
      log.Add("done");
    });
  }
  EXPECT_TRUE(RunUntil([&] { return log.size() == 3; }));
}

TEST_P(EnvContract, ExecutorsWorkTogether) {
  // A token goes round three executors of each kind, which is what actors do all day.
  Executor* const ring[] = {&NewExecutor("control", ExecutorKind::kControl),
                            &NewExecutor("worker", ExecutorKind::kWorker),
                            &NewExecutor("io", ExecutorKind::kIo)};
  EventLog log;
  std::function<void(int)> pass = [&](int hop) {
    EXPECT_TRUE(ring[hop % 3]->IsCurrent());
    if (hop == 3'000) return log.Add("done");
    ring[(hop + 1) % 3]->Post([&, hop] { pass(hop + 1); });
  };
  ring[0]->Post([&] { pass(0); });
  EXPECT_TRUE(RunUntil([&] { return log.Has("done"); }));
}

}  // namespace
}  // namespace weir
