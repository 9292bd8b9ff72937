// The workloads by name.
#ifndef WEIR_SIM_WORKLOADS_WORKLOADS_H_
#define WEIR_SIM_WORKLOADS_WORKLOADS_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "sim/sim_random.h"
#include "sim/workloads/workload.h"

namespace weir::sim {

// Those that can run in this binary: those of example jobs only where the jobs are linked in.
std::vector<std::string> WorkloadNames();

// `name` "": one of them, drawn. NotFound, listing the names, if there is none of that name.
absl::StatusOr<std::unique_ptr<Workload>> NewWorkload(std::string_view name, Seed seed);

}  // namespace weir::sim

#endif  // WEIR_SIM_WORKLOADS_WORKLOADS_H_
