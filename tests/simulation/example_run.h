// Runs an example job on a simulated cluster: JobManager and two TaskManagers on a machine each, input and output on the shared
// volume. No faults. The seed decides the order of events, delays, costs, workers per machine and the job's parallelism.
#ifndef WEIR_TESTS_SIMULATION_EXAMPLE_RUN_H_
#define WEIR_TESTS_SIMULATION_EXAMPLE_RUN_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/cluster/job_result.h"
#include "sim/sim_world.h"

namespace weir {

struct ExampleInput {
  std::string job;
  std::vector<std::pair<std::string, std::string>> arguments;  // Without input and output.
  std::vector<std::string> files;                              // Their contents.
};

struct ExampleRun {
  JobResult result;
  std::vector<std::string> rows;  // Of all parts, without headers, sorted.
  uint64_t digest = 0;
  uint64_t events = 0;
  int parallelism = 0;
  sim::ScheduleKind schedule = sim::ScheduleKind::kFifo;
};

// A package log in two files, out of order by less than a minute, with malformed lines; and a text.
ExampleInput PackageActivityInput();
ExampleInput WordCountInput();

// Aborts if the job does not end within an hour of simulated time.
ExampleRun RunExample(const ExampleInput& input, uint64_t seed);

}  // namespace weir

#endif  // WEIR_TESTS_SIMULATION_EXAMPLE_RUN_H_
