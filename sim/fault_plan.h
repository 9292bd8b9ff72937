// FaultPlan: what goes wrong in a run, and when, as data. Generated from a seed, printed, edited,
// parsed and shrunk; sim/fault_injector.h carries it out.
//
// One line per fault, in the order of times; keys that have their default are left out:
//
//   kill at=1.5s for=3s machine=tm-1 power=off wipe=yes
//   file-crash at=2s for=1s machine=jm op=link path=pointer- nth=2 before=yes
//   partition at=4s for=12s machine=tm-1 peer=jm ways=both
//   kill at=0 for=1s machine=tm-1 after=AcknowledgeCheckpoint nth=3
//   stall at=20ms for=2s machine=tm-1 since=end
//
// Generation draws every property of every fault at an address of its own, so that a fault left out
// moves no other. About half of the kinds are left out of each plan altogether: what one kind breaks
// hides what another would show (A. Groce et al., "Swarm Testing", ISSTA 2012). Pure.
#ifndef WEIR_SIM_FAULT_PLAN_H_
#define WEIR_SIM_FAULT_PLAN_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "sim/sim_random.h"

namespace weir::sim {

enum class FaultKind : uint8_t {
  kKill,            // The process dies and is started again after `duration`.
  kFileCrash,       // It dies by a file call made from `at` on, and is started again.
  kPause,           // It does not run for `duration`, then goes on.
  kStall,           // One executor does not run for `duration`.
  kLoseConnection,  // What `machine` has with `peer` breaks; `sides` says who learns at once.
  kPartition,       // Nothing gets from `machine` to `peer` (ways=both: nor back).
  kClog,            // Likewise, for less than any keepalive.
  kDelay,           // Messages from `machine` to `peer` take up to `amount` ns longer.
  kSlowLink,        // They take `amount` ns longer per byte.
  kRefuseDials,     // Calls and openings that reach `machine` are refused.
  kDuplicateOpens,  // Openings that reach `machine` arrive twice.
  kDiskFull,        // `machine` is a machine, or "shared", for this and the next four.
  kReadErrors,      // `amount` in 1000 calls fail.
  kWriteErrors,
  kSyncErrors,
  kSlowDisk,   // Calls take `amount` times longer.
  kClockJump,  // The wall clock jumps by `amount` ns, and back after `duration`.
  kClockDrift  // The wall clock gains `amount` microseconds per second for `duration`.
};

inline constexpr int kFaultKinds = 18;

std::string_view FaultKindName(FaultKind kind);

// Whether faults of this kind may wait for a message.
inline bool MayWaitForMessage(FaultKind kind) {
  return kind == FaultKind::kKill || kind == FaultKind::kPause ||
         kind == FaultKind::kLoseConnection;
}

enum class LossSides : uint8_t { kBoth, kDialer, kTarget };

struct Fault {
  FaultKind kind = FaultKind::kKill;
  absl::Duration at = {};        // Since the plan was applied, or FaultInjector::ReachEnd.
  absl::Duration duration = {};  // Key `for`.
  std::string machine = {};
  std::string peer = {};
  int64_t amount = 0;
  bool both_ways = false;  // ways=both.
  LossSides sides = LossSides::kBoth;
  bool power_off = false;      // power=off: kill and file-crash lose what is not synced.
  bool wipe_disk = false;      // wipe=yes: the machine comes back without its disk.
  bool silent = false;         // resets=no: others find out by their keepalives.
  std::string operation = {};  // Keys op, path, nth, before: see LastFileCall.
  std::string path_part = {};
  // Of kill, pause and lose-connection: begins with the `nth` call of this method that `machine` makes from `at` on. Key `after`.
  std::string message = {};
  uint64_t nth = 1;
  bool before = false;
  bool since_end = false;  // since=end: `at` counts from ReachEnd.

  friend bool operator==(const Fault&, const Fault&) = default;
};

std::string FormatFault(const Fault& fault);
absl::StatusOr<Fault> ParseFault(std::string_view line);

using FaultPlan = std::vector<Fault>;

// A line feed after each line. Parsing skips empty lines and those that begin with '#'.
std::string FormatFaultPlan(const FaultPlan& plan);
absl::StatusOr<FaultPlan> ParseFaultPlan(std::string_view text);

struct FaultPlanOptions {
  std::vector<std::string> machines = {};
  // Faults begin within so long, and last on average a small part of it.
  absl::Duration horizon = absl::Seconds(30);
  // How many of one kind, at most.
  uint64_t count_max = 3;
  // Of a kind to be in a plan, in 1/1000.
  uint64_t kind_chance = 500;
  // The methods that each machine calls, for faults that wait for one.
  std::map<std::string, std::vector<std::string>> messages = {};
  // Kinds that are never in a plan.
  std::set<FaultKind> without = {};
};

FaultPlan GenerateFaultPlan(Seed seed, const FaultPlanOptions& options);

}  // namespace weir::sim

#endif  // WEIR_SIM_FAULT_PLAN_H_
