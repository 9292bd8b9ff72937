// Runs the toy program under the seeds that are its arguments, in their order, and prints for each
//
//   <seed> <digest> <events> <hash of the program's own events>
//
// After --faults it is nodes under the fault plan of the seed instead. A run under another environment, memory layout or order of seeds has to print the same lines.
// With --trace before a seed the trace of its run follows on stdout. Where its variables lie goes
// to stderr, so that a test can see that two runs differ in what must not matter.
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "absl/strings/str_format.h"
#include "core/base/check.h"
#include "core/base/hash.h"
#include "sim/sim_world.h"
#include "sim/testing/ring.h"
#include "sim/testing/toy_program.h"

namespace weir::sim {
namespace {

SimOptions Options(bool trace) {
  SimOptions options;
  if (trace) {
    options.trace = [](std::string_view line) { absl::PrintF("%s\n", line); };
  }
  return options;
}

void PrintFaults(uint64_t seed, bool trace) {
  Ring ring(Seed(seed), Options(trace));
  WEIR_CHECK_OK(ring.Run(Ring::PlanOf(Seed(seed))));
  std::string seen = ring.faults().FiredText();
  for (const auto& [what, count] : ring.before().counts()) seen += what + std::to_string(count);
  absl::PrintF("%d %016x %d %016x\n", seed, ring.world().digest(), ring.world().events(),
               StableHash64(seen));
}

void PrintRun(uint64_t seed, bool trace) {
  SimOptions options = Options(trace);
  SimWorld world(Seed(seed), std::move(options));
  ToyProgram program(&world);
  WEIR_CHECK_OK(program.Run());
  std::string events;
  for (const std::string& event : program.events()) events += event + "\n";
  absl::PrintF("%d %016x %d %016x\n", seed, world.digest(), world.events(), StableHash64(events));
}

}  // namespace
}  // namespace weir::sim

int main(int argc, char** argv) {
  const auto on_heap = std::make_unique<int>();
  absl::FPrintF(stderr, "stack %p heap %p code %p\n", &argc, on_heap.get(),
                reinterpret_cast<void*>(&main));
  bool trace = false;
  bool faults = false;
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--trace") {
      trace = true;
      continue;
    }
    if (std::string_view(argv[i]) == "--faults") {
      faults = true;
      continue;
    }
    const uint64_t seed = std::strtoull(argv[i], nullptr, 10);
    faults ? weir::sim::PrintFaults(seed, trace) : weir::sim::PrintRun(seed, trace);
    trace = false;
  }
  return 0;
}
