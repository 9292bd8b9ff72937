// RegionTable: which regions of a job run and in which attempt, so that a failure restarts no more than it must. Pure. The rules:
//
//   - A failure takes down the region of the subtask that failed, every region with a subtask on a TaskManager that is lost, and
//     what is still being deployed, because all that is down begins together: in one attempt, from one checkpoint. What the
//     coordinator of checkpoints fails, and a JobManager that is new, takes all of them down.
//   - Attempts are counted per job, and one that begins takes the checkpoint folder over as ever. A region that runs on keeps its
//     attempt: on its messages, in the names of its files. So whoever receives compares with the attempt of the subtask that is
//     named, and what an older deployment of a region still sends is refused.
//   - Regions that run on are ahead of the checkpoint that the others restore. Nothing of theirs is in those, as no channel leads
//     from one region to another, and what their sinks make visible are completed checkpoints all the same. A source may have
//     readers in several: splits that one was given after the checkpoint go back to the enumerator (SplitAssigner). A sink may have
//     writers in several: those that begin are prepared for, the others left alone (SinkRun::only_writers).
//   - The checkpoint that was under way is aborted: its barriers have passed in some regions and are lost in others. All take part
//     in the next one, whose id is greater. Commits wait until every region runs, and are repeated then.
//   - What has ended in a region that runs on has ended; in a region that restarts, the restored checkpoint says it.
//   - Slots stay with their job. Only those of TaskManagers that are lost are replaced.
//   - The restart strategy is asked once, whatever a failure takes down, and its delay counts from then. What fails before that
//     restart has begun joins it, as the cause is the same as a rule (as in Flink's FLIP-364, there with exponential-delay alone).
#ifndef WEIR_CORE_CLUSTER_REGION_TABLE_H_
#define WEIR_CORE_CLUSTER_REGION_TABLE_H_

#include <set>
#include <vector>

#include "core/base/ids.h"
#include "core/graph/pipelined_region.h"

namespace weir {

class RegionTable {
 public:
  using Regions = std::set<RegionId>;

  RegionTable() = default;
  // All are down.
  explicit RegionTable(PipelinedRegions regions);

  RegionId of(SubtaskId id) const { return regions_.of(id); }
  Regions all() const;
  Regions running() const;                                          // Deployed, or being so.
  Regions starting() const;                                         // Of these: being deployed.
  std::vector<SubtaskId> SubtasksOf(const Regions& regions) const;  // In order.

  bool runs(SubtaskId id) const { return runs(of(id)); }
  bool runs(RegionId id) const { return state(id).phase != Phase::kDown; }
  // In which it runs, or ran last; 0 if it never did.
  AttemptNumber attempt(SubtaskId id) const { return attempt(of(id)); }
  AttemptNumber attempt(RegionId id) const { return state(id).attempt; }

  // Everything that is down begins in `attempt`, the newest. Returns it.
  Regions Begin(AttemptNumber attempt);
  // What is being deployed has been.
  void OnStarted();
  // `failed` goes down, and what is being deployed. Returns those that ran: they have to be released.
  Regions TakeDown(const Regions& failed);

 private:
  enum class Phase : uint8_t { kDown, kStarting, kStarted };
  struct State {
    Phase phase = Phase::kDown;
    AttemptNumber attempt;
  };
  const State& state(RegionId id) const { return states_[static_cast<size_t>(id.value())]; }
  template <class Predicate>
  Regions Select(Predicate predicate) const;

  PipelinedRegions regions_;
  std::vector<State> states_;  // By RegionId.
};

}  // namespace weir

#endif  // WEIR_CORE_CLUSTER_REGION_TABLE_H_
