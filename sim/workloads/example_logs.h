// The example jobs as workloads: package_activity over made-up package logs and word_count over lines with times, in several files,
// read at a limited rate. What they must deliver is counted by plain loops over what the files were made from.
#ifndef WEIR_SIM_WORKLOADS_EXAMPLE_LOGS_H_
#define WEIR_SIM_WORKLOADS_EXAMPLE_LOGS_H_

#include <memory>

#include "sim/sim_random.h"
#include "sim/workloads/workload.h"

namespace weir::sim {

// For binaries in which these jobs are registered.
std::unique_ptr<Workload> NewPackageActivity(Seed seed);
std::unique_ptr<Workload> NewWordCount(Seed seed);

}  // namespace weir::sim

#endif  // WEIR_SIM_WORKLOADS_EXAMPLE_LOGS_H_
