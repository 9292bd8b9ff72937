// Env: the bundle of seams that one process gets through its constructor. Two composition roots
// build them: cli/env (the production Env) and sim (one per simulated process). What is not in
// core/env is deterministic.
#ifndef WEIR_CORE_ENV_ENV_H_
#define WEIR_CORE_ENV_ENV_H_

#include <memory>
#include <string_view>

#include "core/env/clock.h"
#include "core/env/executor.h"
#include "core/env/file_system.h"
#include "core/env/network.h"
#include "core/env/random.h"

namespace weir {

// Outlives everything that was made from it. All methods may be called from any executor of the
// process.
class Env {
 public:
  virtual ~Env() = default;

  virtual Clock& clock() = 0;
  virtual Random& random() = 0;
  virtual Network& network() = 0;
  virtual FileSystem& file_system() = 0;

  // A new serial queue; production gives it a thread of its own. `name` is made unique by a suffix
  // if it is taken.
  virtual std::unique_ptr<Executor> NewExecutor(std::string_view name, ExecutorKind kind) = 0;

  // How many kWorker executors are worth having on this machine (>= 1).
  virtual int worker_count() const = 0;
};

}  // namespace weir

#endif  // WEIR_CORE_ENV_ENV_H_
