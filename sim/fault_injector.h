// FaultInjector: carries out a fault plan in a world, and counts what really happened.
//
//   FaultInjector faults(&world);
//   faults.Apply(GenerateFaultPlan(seed, {.machines = {"jm", "tm-1", "tm-2"}}));
//   world.RunFor(...);
//   faults.HealAll();
//   world.RunUntil(done, limit);   // From here on nothing is wrong.
//
// A fault counts as fired only if something felt it: a process that was alive died, a message was
// held or delayed, a call on the disk failed. A world without fired faults has shown nothing.
//
// The world is not driven any further once this object is destroyed.
#ifndef WEIR_SIM_FAULT_INJECTOR_H_
#define WEIR_SIM_FAULT_INJECTOR_H_

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <string>
#include <string_view>

#include "sim/fault_plan.h"
#include "sim/sim_world.h"

namespace weir::sim {

class FaultInjector {
 public:
  // `world` outlives this object.
  explicit FaultInjector(SimWorld* world);
  FaultInjector(const FaultInjector&) = delete;
  FaultInjector& operator=(const FaultInjector&) = delete;

  // The times of the plan count from now. Its machines are those of the world's processes (CHECKed
  // when their time comes).
  void Apply(const FaultPlan& plan);

  // The times of faults with since=end count from now; HealAll follows after `heal_after`. What happened is for the caller to say:
  // that a job is about to end. Once: later calls do nothing. From anywhere.
  void ReachEnd(absl::Duration heal_after);

  // Ends all faults now and cancels those to come: paused processes go on, links are free, disks
  // healthy, clocks as they were, and every dead process that the world can start is started. Faults that wait for ReachEnd go on
  // waiting.
  void HealAll();

  // By kind; kinds that did not fire are absent. Complete after HealAll.
  const std::map<FaultKind, uint64_t>& fired() const { return fired_; }
  // How many faults began with the message that they waited for.
  uint64_t began_with_message() const { return began_with_message_; }
  // How many of those with since=end began.
  uint64_t began_at_end() const { return began_at_end_; }
  // How many faults of file-crash ended a process between two file calls.
  uint64_t file_crashes() const;
  // "kill:2,partition:1"; empty if nothing fired.
  std::string FiredText() const;

 private:
  // Ends a fault that has begun. Says whether it was felt, if that was not known before.
  using End = std::function<bool()>;

  void Begin(const Fault& fault);
  void Schedule(const Fault& fault);
  // Counts the calls that `fault` waits for from now on.
  void Await(const Fault& fault);
  void OnCall(uint32_t machine, std::string_view method);
  // The rest of Begin, by what the fault concerns; null if there is nothing to end.
  End BeginOfProcess(const Fault& fault);
  End BeginOfLink(const Fault& fault);
  End BeginOfMachine(const Fault& fault);
  End BeginOfVolume(const Fault& fault);
  End BeginOfClock(const Fault& fault);

  void CountFired(FaultKind kind) { ++fired_[kind]; }
  void RunAfter(absl::Duration delay, std::function<void()> closure);
  void RestartAfter(const Fault& fault);
  void EndActive(uint64_t id);
  void Record(const std::string& machine, const std::string& text);

  SimWorld* world_;
  std::map<FaultKind, uint64_t> fired_;
  uint64_t began_with_message_ = 0;
  uint64_t began_at_end_ = 0;
  struct Active {
    Fault fault;
    End end;
  };
  std::map<uint64_t, Active> active_;
  uint64_t last_active_ = 0;
  struct Awaited {
    Fault fault;
    uint32_t machine = 0;
    uint64_t missing = 1;
  };
  std::list<Awaited> awaited_;
  FaultPlan at_end_;  // Until ReachEnd.
  // Closures of before the last HealAll do nothing.
  uint64_t heals_ = 0;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_FAULT_INJECTOR_H_
