// ProductionEnv: the seams on threads, the machine's clocks and its files. The composition root of
// a process makes one and hands it to the constructors of what it runs. Thread-safe; outlives
// everything that was made from it.
#ifndef WEIR_CLI_ENV_PRODUCTION_ENV_H_
#define WEIR_CLI_ENV_PRODUCTION_ENV_H_

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "cli/env/posix_file_system.h"
#include "cli/env/production_clock.h"
#include "cli/env/production_random.h"
#include "core/env/env.h"

namespace weir {

struct ProductionEnvOptions {
  // 0 takes the number of hardware threads.
  int worker_count = 0;
  // Unset takes one from the operating system.
  std::optional<uint64_t> seed;
  // Unset makes an InProcessNetwork that belongs to this Env alone.
  std::shared_ptr<Network> network;
};

class ProductionEnv final : public Env {
 public:
  explicit ProductionEnv(ProductionEnvOptions options = {});

  Clock& clock() override { return clock_; }
  ProductionRandom& random() override { return random_; }
  Network& network() override { return *network_; }
  FileSystem& file_system() override { return file_system_; }
  std::unique_ptr<Executor> NewExecutor(std::string_view name, ExecutorKind kind) override;
  int worker_count() const override { return worker_count_; }

 private:
  std::string UniqueName(std::string_view name);

  const int worker_count_;
  // The time at which the process started: larger for each later one while the machine's clock is
  // sound.
  const LifeId life_;
  ProductionClock clock_;
  ProductionRandom random_;
  PosixFileSystem file_system_;
  const std::shared_ptr<Network> network_;

  std::mutex mutex_;
  std::set<std::string> names_;  // Guarded by mutex_. Those of executors that are gone stay taken.
};

}  // namespace weir

#endif  // WEIR_CLI_ENV_PRODUCTION_ENV_H_
