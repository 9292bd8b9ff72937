#include "cli/env/production_env.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "cli/env/thread_executor.h"
#include "core/base/check.h"
#include "core/base/string_view.h"
#include "transport/inprocess/inprocess_network.h"

namespace weir {
namespace {

int WorkerCount(int asked) {
  WEIR_CHECK_GE(asked, 0) << "worker_count is a number of threads";
  if (asked > 0) return asked;
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

std::shared_ptr<Network> NetworkOrDefault(std::shared_ptr<Network> network) {
  return network != nullptr ? std::move(network) : std::make_shared<InProcessNetwork>();
}

}  // namespace

ProductionEnv::ProductionEnv(ProductionEnvOptions options)
    : worker_count_(WorkerCount(options.worker_count)),
      life_(static_cast<uint64_t>(absl::ToUnixMicros(absl::Now()))),
      random_(options.seed ? ProductionRandom(*options.seed) : ProductionRandom()),
      network_(NetworkOrDefault(std::move(options.network))) {}

std::unique_ptr<Executor> ProductionEnv::NewExecutor(std::string_view name, ExecutorKind kind) {
  return std::make_unique<ThreadExecutor>(UniqueName(name), kind, life_);
}

std::string ProductionEnv::UniqueName(std::string_view name) {
  std::lock_guard<std::mutex> lock(mutex_);
  std::string unique(name);
  for (int suffix = 2; !names_.insert(unique).second; ++suffix) {
    unique = absl::StrCat(ToAbsl(name), "#", suffix);
  }
  return unique;
}

}  // namespace weir
