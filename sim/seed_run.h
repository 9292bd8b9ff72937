// One simulated run: a world of two to five machines and a shared volume, a JobManager and TaskManagers of the production code, a
// workload, and a fault plan, all drawn from the seed. First the faults of the plan strike; then the world heals, some machine may
// stay away for good, and the job must finish. What it has committed is compared with what a plain loop computes, and oracles watch
// what everybody can see: messages and files.
#ifndef WEIR_SIM_SEED_RUN_H_
#define WEIR_SIM_SEED_RUN_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "sim/fault_plan.h"
#include "sim/seed_report.h"
#include "sim/trace.h"

namespace weir::sim {

struct SeedRunOptions {
  uint64_t seed = 1;
  std::string job;                  // A workload; "": drawn.
  std::optional<FaultPlan> faults;  // Absent: generated from the seed.
  TraceSink trace;
};

// NotFound if there is no such workload, else what has happened. Two runs with the same options are the same run, in any process.
absl::StatusOr<SeedReport> RunSeed(SeedRunOptions options);

}  // namespace weir::sim

#endif  // WEIR_SIM_SEED_RUN_H_
