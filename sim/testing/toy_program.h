// ToyProgram: three processes that use every seam of core/env, for tests of the simulator itself.
//
// Each process ("a", "b", "c") calls the next one by a timer with a drawn pause, sends it frames
// over a stream within a window of credit, and lets a worker and an I/O executor log what arrived
// to a file on the shared volume. What happened, in the order in which it happened, is what it
// leaves: it differs between schedules and must not differ between runs of one seed.
#ifndef WEIR_SIM_TESTING_TOY_PROGRAM_H_
#define WEIR_SIM_TESTING_TOY_PROGRAM_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "sim/sim_world.h"

namespace weir::sim {

class ToyProcess;

class ToyProgram {
 public:
  static constexpr int kCalls = 20;
  static constexpr int kFrames = 60;

  // Starts it; `world` outlives this object.
  explicit ToyProgram(SimWorld* world);
  ~ToyProgram();

  // Lets the world run until all processes have made their calls and logged all frames.
  absl::Status Run();

  // One entry per event, e.g. "b called by a #3".
  const std::vector<std::string>& events() const { return events_; }

 private:
  SimWorld* world_;
  std::vector<std::string> events_;
  std::vector<std::unique_ptr<ToyProcess>> processes_;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_TESTING_TOY_PROGRAM_H_
