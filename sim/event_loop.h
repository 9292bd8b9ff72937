// EventLoop: virtual time, the event queue and the turns of all executors of a world.
//
// A turn is one closure on one executor. It happens at one instant; its cost (a base cost per
// executor, plus what it charges) then makes the executor busy, and everything the turn posted,
// armed and sent is released when the cost has passed. The base cost also occupies the machine,
// which starts one turn at a time: that is what the schedule has to choose about. Charges beyond it
// overlap, as the work of threads on a machine with enough cores does.
//
// At each instant all events that are due take effect first, in the order of (time, sequence); then
// the machines with ready executors start turns, in the order in which they became ready.
//
// Within a turn things that are released together keep the order of the moments at which they
// became due: a post is due when it is made, a timer at its time.
//
// The loop knows nothing of environments. It runs on one thread and is driven by Step. Nothing in
// it is ordered by addresses of objects.
#ifndef WEIR_SIM_EVENT_LOOP_H_
#define WEIR_SIM_EVENT_LOOP_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/env/executor.h"
#include "sim/closure_slots.h"
#include "sim/event_heap.h"
#include "sim/recorder.h"
#include "sim/schedule.h"
#include "sim/virtual_time.h"

namespace weir::sim {

class EventLoop {
 public:
  enum class StepResult {
    kTurn,   // An executor ran one closure.
    kIdle,   // Nothing is left to happen.
    kLimit,  // What is left happens after the limit; time has not moved past the last event.
    kSpin,   // Too many events at one instant.
  };

  // All pointers outlive the loop.
  EventLoop(VirtualTime* time, Schedule* schedule, Recorder* recorder, int64_t spin_limit_events);
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;
  ~EventLoop();

  int64_t now() const { return time_->now(); }

  uint32_t AddMachine(std::string name);
  uint32_t AddExecutor(uint32_t machine, std::string name, int64_t turn_cost_ns);
  // Destroys what waits for the executor and drops what is posted later. Not from its own turn.
  void EndExecutor(uint32_t executor);

  // A paused executor runs nothing; what is due for it queues up. Counted: it runs again after as
  // many resumptions.
  void PauseExecutor(uint32_t executor);
  void ResumeExecutor(uint32_t executor);
  // The executor starts no turn for so long after what it does now.
  void StallExecutor(uint32_t executor, int64_t duration_ns);

  // While muted nothing is sent, and outside of turns nothing is posted and armed either: what runs
  // is of a process that is dead. In its last turn it may still post to itself: it cannot tell, and
  // its executors end with the turn.
  void Mute(bool muted) { muted_ = muted; }
  bool muted() const { return muted_; }
  // Runs `closure` when the running turn has ended, before anything else happens.
  void RunAfterTurn(Closure closure);

  bool IsCurrent(uint32_t executor) const { return current_ == executor; }
  // kNoExecutor outside of turns.
  uint32_t current() const { return current_; }
  const std::string& executor_name(uint32_t executor) const { return executors_[executor]->name; }

  // The contracts of Executor; delays in nanoseconds, kNever for a timer that never fires.
  void Post(uint32_t executor, Closure closure);
  TimerId PostAfter(uint32_t executor, int64_t delay_ns, Closure closure);
  bool CancelTimer(uint32_t executor, TimerId timer);
  // Adds to the cost of the running turn. CHECKs that there is one.
  void Charge(int64_t cost_ns);

  // Runs `closure` outside of any turn, as something that happens to the world. It takes no time;
  // what it posts is queued at once.
  SlotHandle RunAfter(int64_t delay_ns, Closure closure);
  void CancelRun(SlotHandle handle);

  // A message leaves when the running turn's cost has passed (at once outside of turns) and
  // `arrival` runs like a closure of RunAfter `delay_ns` later, or when what left before it on the
  // same lanes has arrived, if that is later. `lanes` outlives the loop's use of it.
  void Depart(Lanes* lanes, LaneUse lane_use, int64_t delay_ns, Closure arrival);

  // Lets things happen until one turn has run; nothing after `limit_ns`.
  StepResult Step(int64_t limit_ns);
  // Moves time forward to `time_ns`, before which nothing may be left to happen.
  void AdvanceTo(int64_t time_ns);

  // Closures that have run.
  uint64_t turns() const { return turns_; }
  // After kSpin: which executors ran how often among the last turns of the instant.
  std::string DescribeSpin() const;

 private:
  struct Machine {
    uint32_t index = 0;
    std::string name;
    int64_t free_at = 0;
    std::vector<uint32_t> ready;  // Executors, longest ready first.
    bool runnable = false;        // In runnable_.
    bool wake_set = false;        // A kWakeMachine event is in the heap.
  };
  struct ExecutorState {
    uint32_t index = 0;
    std::string name;
    Machine* machine = nullptr;
    int64_t turn_cost = 0;
    int64_t busy_until = 0;
    SlotList waiting;  // In the heap or among the effects of the running turn.
    SlotList queue;
    uint32_t pauses = 0;
    bool alive = true;
    bool ready = false;     // In machine->ready.
    bool wake_set = false;  // A kWakeExecutor event is in the heap.
  };
  // What a turn does to the world, kept until it is released.
  struct Effect {
    int64_t due = 0;
    SlotHandle slot;
    bool departure = false;
  };

  // Nothing that is posted or armed now is kept.
  bool drops_posts() const { return closing_ || (muted_ && current_ == kNoExecutor); }
  bool IsStale(const Event& event);
  void Push(Event::Kind kind, int64_t time, SlotHandle slot);
  SlotHandle AddTimed(uint32_t executor, int64_t delay_ns, Closure closure);
  void NoteStaleEvents(size_t count);
  void Handle(const Event& event);
  void DeliverOrRun(uint32_t index, uint64_t sequence);
  void DepartAt(int64_t time, SlotHandle handle);
  void Unready(ExecutorState& executor);
  void Wake(ExecutorState& executor);
  void WakeMachine(Machine& machine);
  // False if no machine could start a turn.
  bool RunTurn();
  void FinishTurn(ExecutorState& executor);
  void ReleaseEffects(int64_t release, bool charged_extra);
  void DropStaleEvents();
  bool CountTowardsSpin(uint32_t executor);

  VirtualTime* time_;
  Schedule* schedule_;
  Recorder* recorder_;
  const int64_t spin_limit_events_;

  std::vector<std::unique_ptr<Machine>> machines_;
  std::vector<std::unique_ptr<ExecutorState>> executors_;
  std::deque<Machine*> runnable_;
  ClosureSlots slots_;
  SlotList world_slots_;  // Closures that belong to no executor.
  EventHeap heap_;
  uint64_t next_sequence_ = 0;
  size_t stale_events_ = 0;
  std::vector<Effect> effects_;
  std::vector<Effect> releasing_;
  uint32_t current_ = kNoExecutor;
  bool closing_ = false;
  bool muted_ = false;
  Closure after_turn_;
  uint64_t turns_ = 0;
  int64_t events_at_instant_ = 0;
  std::vector<uint32_t> last_of_instant_;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_EVENT_LOOP_H_
