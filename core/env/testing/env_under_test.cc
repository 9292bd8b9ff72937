#include "core/env/testing/env_under_test.h"

#include <atomic>
#include <utility>

namespace weir {
namespace {

// Far more than any step takes, also under a sanitizer on a busy machine.
constexpr absl::Duration kPatience = absl::Seconds(60);

}  // namespace

EnvContractTest::EnvContractTest() : under_test_(GetParam().make()) {
  // The default style forks, which is not safe beside the threads of the production Env.
  testing::FLAGS_gtest_death_test_style = "threadsafe";
}

EnvContractTest::~EnvContractTest() { ShutdownExecutors(); }

Executor& EnvContractTest::NewExecutor(Env& env, std::string_view name, ExecutorKind kind) {
  return *executors_.emplace_back(env.NewExecutor(name, kind));
}

void EnvContractTest::RunOn(Executor& executor, const std::function<void()>& closure) {
  // Shared: if the wait fails, the closure may still run or be destroyed later.
  auto ran = std::make_shared<std::atomic<bool>>(false);
  executor.Post([closure, ran] {
    closure();
    ran->store(true);
  });
  EXPECT_TRUE(RunUntil([&] { return ran->load(); }))
      << "a closure posted to " << executor.name() << " did not run";
}

bool EnvContractTest::RunUntil(const std::function<bool()>& done) {
  return under_test_->RunUntil(done, kPatience);
}

void EnvContractTest::ShutdownExecutors() {
  for (auto& executor : executors_) executor->Shutdown();
}

void Spend(Env& env, Executor& executor, absl::Duration cost) {
  const absl::Duration start = env.clock().Monotonic();
  executor.Charge(cost);
  // The simulated clock either advanced in Charge or stands still until the closure returns.
  const absl::Duration charged = env.clock().Monotonic();
  if (charged - start >= cost || env.clock().Monotonic() == charged) return;
  while (env.clock().Monotonic() - start < cost) {
  }
}

}  // namespace weir
