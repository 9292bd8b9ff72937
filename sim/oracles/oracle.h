// Oracle: an observer that knows what must never be seen. The first violation in a run is what is told: what broke later may only
// follow from it. Oracles read what is public: messages and files in their documented formats, and what a job has delivered.
#ifndef WEIR_SIM_ORACLES_ORACLE_H_
#define WEIR_SIM_ORACLES_ORACLE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "sim/observer.h"
#include "sim/sim_world.h"

namespace weir::sim {

struct Violation {
  std::string oracle;  // "fencing"
  absl::Duration at;   // Virtual time since the world began.
  std::string where;   // Machine, and subtask or channel where there is one.
  std::string what;
};

// What the oracles of a run share.
struct OracleLog {
  SimWorld* world = nullptr;  // Set before anything happens in it.
  std::optional<Violation> first;
  std::map<std::string, uint64_t> counts;  // What was seen to happen, by name.
  // Of parts of file sinks that became visible, by path on the shared volume: who wrote them, and who made them visible.
  std::map<std::string, std::string> part_origins;

  void Report(std::string oracle, std::string where, std::string what) {
    if (first.has_value()) return;
    const absl::Duration at = world == nullptr ? absl::ZeroDuration() : world->elapsed();
    first = Violation{std::move(oracle), at, std::move(where), std::move(what)};
  }
};

class Oracle : public Observer {
 public:
  // `log` outlives this object.
  explicit Oracle(OracleLog* log) : log_(log) {}
  // The job has ended in a healed world. Not `finished`: it was cancelled, and may be continued, so its unfinished parts stay.
  virtual void AtEnd([[maybe_unused]] bool finished) {}

 protected:
  OracleLog& log() { return *log_; }
  SimWorld& world() const { return *log_->world; }

 private:
  OracleLog* const log_;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_ORACLES_ORACLE_H_
