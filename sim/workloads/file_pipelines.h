// file_pipelines: files that are read at a limited rate by several readers, each with a pipeline of forward channels of its own:
//
//   source (2 to 4 readers) -> map (as many) -> file sink (as many)
//
// There are more splits than readers as a rule. Each pipeline is a region that restarts by itself, and what its reader was given since
// the checkpoint goes back to the enumerator. A row is a file and a line; every line is there once.
#ifndef WEIR_SIM_WORKLOADS_FILE_PIPELINES_H_
#define WEIR_SIM_WORKLOADS_FILE_PIPELINES_H_

#include <memory>

#include "sim/sim_random.h"
#include "sim/workloads/workload.h"

namespace weir::sim {

std::unique_ptr<Workload> NewFilePipelines(Seed seed);

}  // namespace weir::sim

#endif  // WEIR_SIM_WORKLOADS_FILE_PIPELINES_H_
