// Schedule: which of the executors of a machine that are ready runs next. The strategy is drawn
// from the seed, because each finds bugs that the others miss.
//
//   kFifo      The one that has been ready longest.
//   kUniform   Any, with equal chance. Long unfair sequences are rare.
//   kPriority  The one with the highest priority. Priorities are drawn when an executor is made; at
//              change points the executor that runs falls below all others. An executor may starve
//              until the next change point, which is what exposes bugs of small depth:
//              S. Burckhardt, P. Kothari, M. Musuvathi, S. Nagarakatti, "A Randomized Scheduler
//              with Probabilistic Guarantees of Finding Bugs", ASPLOS 2010. There d - 1 change
//              points lie in a program of known length; a world has no known length, so the gaps
//              between change points are drawn, with a mean that is itself drawn.
//
// Deterministic; all draws are of the schedule stream.
#ifndef WEIR_SIM_SCHEDULE_H_
#define WEIR_SIM_SCHEDULE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>
#include <vector>

#include "sim/sim_random.h"

namespace weir::sim {

enum class ScheduleKind : uint8_t { kFifo, kUniform, kPriority };

std::string_view ScheduleKindName(ScheduleKind kind);

class Schedule {
 public:
  // Draws the kind if it is absent. `draws` outlives this object.
  Schedule(WorldDraws* draws, Seed world_seed, std::optional<ScheduleKind> kind);

  ScheduleKind kind() const { return kind_; }

  // Executors and machines are numbered from 0 in the order in which they are added.
  // `name_hash` addresses the draws.
  void AddMachine(uint64_t name_hash);
  void AddExecutor(uint64_t name_hash);

  // The position in `ready` (executors of `machine`, longest ready first, not empty) that runs.
  size_t Pick(uint32_t machine, const std::vector<uint32_t>& ready);

 private:
  size_t PickHighest(const std::vector<uint32_t>& ready);

  WorldDraws* draws_;
  Seed seed_;
  ScheduleKind kind_ = ScheduleKind::kFifo;
  std::deque<SiteDraws> uniform_;     // By machine.
  std::vector<uint64_t> priorities_;  // By executor; larger runs first.
  SiteDraws change_gaps_;
  uint64_t mean_gap_turns_ = 0;
  uint64_t turns_to_change_ = 0;
  uint64_t next_lowest_;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_SCHEDULE_H_
