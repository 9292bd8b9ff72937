#include "sim/event_loop.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/check.h"
#include "core/base/hash.h"

namespace weir::sim {
namespace {

// How many turns DescribeSpin knows of.
constexpr int64_t kSpinWitnesses = 256;
constexpr size_t kStaleEventsMin = 1024;

TimerId ToTimerId(SlotHandle handle) {
  return TimerId(static_cast<uint64_t>(handle.generation) << 32 | handle.index);
}

SlotHandle ToHandle(TimerId timer) {
  return {.index = static_cast<uint32_t>(timer.value()),
          .generation = static_cast<uint32_t>(timer.value() >> 32)};
}

}  // namespace

EventLoop::EventLoop(VirtualTime* time, Schedule* schedule, Recorder* recorder,
                     int64_t spin_limit_events)
    : time_(time),
      schedule_(schedule),
      recorder_(recorder),
      spin_limit_events_(spin_limit_events) {}

EventLoop::~EventLoop() {
  WEIR_CHECK_EQ(current_, kNoExecutor) << "a world was destroyed by one of its turns";
  closing_ = true;
  for (uint32_t i = 0; i < executors_.size(); ++i) EndExecutor(i);
  // What a destroyed closure posts or sends is dropped, so the list only gets shorter.
  while (!world_slots_.empty()) (void)slots_.Take(world_slots_, world_slots_.head);
}

uint32_t EventLoop::AddMachine(std::string name) {
  const uint32_t index = static_cast<uint32_t>(machines_.size());
  const uint64_t name_hash = StableHash64(name);
  recorder_->Add(EventKind::kHost, now(), index, name_hash, [&] { return name; });
  schedule_->AddMachine(name_hash);
  machines_.push_back(std::make_unique<Machine>());
  machines_.back()->index = index;
  machines_.back()->name = std::move(name);
  return index;
}

uint32_t EventLoop::AddExecutor(uint32_t machine, std::string name, int64_t turn_cost_ns) {
  const uint32_t index = static_cast<uint32_t>(executors_.size());
  const uint64_t name_hash = StableHash64(name);
  recorder_->Add(EventKind::kExecutor, now(), index, name_hash, [&] { return name + " starts"; });
  schedule_->AddExecutor(name_hash);
  executors_.push_back(std::make_unique<ExecutorState>());
  ExecutorState& executor = *executors_.back();
  executor.index = index;
  executor.name = std::move(name);
  executor.machine = machines_[machine].get();
  executor.turn_cost = turn_cost_ns;
  return index;
}

void EventLoop::EndExecutor(uint32_t index) {
  ExecutorState& executor = *executors_[index];
  if (!executor.alive) return;
  WEIR_CHECK_NE(current_, index) << "executor " << executor.name << " was ended by its own closure";
  executor.alive = false;
  if (!closing_) {
    recorder_->Add(EventKind::kExecutor, now(), index, 0, [&] { return executor.name + " ends"; });
  }
  Unready(executor);
  // Destroyed only when the lists are empty: their destructors may cancel timers of this executor.
  std::vector<Closure> closures;
  while (!executor.queue.empty()) {
    closures.push_back(slots_.Take(executor.queue, executor.queue.head));
  }
  while (!executor.waiting.empty()) {
    closures.push_back(slots_.Take(executor.waiting, executor.waiting.head));
    NoteStaleEvents(1);
  }
}

void EventLoop::PauseExecutor(uint32_t index) {
  ++executors_[index]->pauses;
  Unready(*executors_[index]);
}

void EventLoop::ResumeExecutor(uint32_t index) {
  ExecutorState& executor = *executors_[index];
  WEIR_CHECK_GT(executor.pauses, 0);
  if (--executor.pauses == 0 && executor.alive) Wake(executor);
}

void EventLoop::StallExecutor(uint32_t index, int64_t duration_ns) {
  ExecutorState& executor = *executors_[index];
  executor.busy_until = AddDelay(std::max(executor.busy_until, time_->instant), duration_ns);
  Unready(executor);
  Wake(executor);
}

void EventLoop::RunAfterTurn(Closure closure) {
  WEIR_CHECK_NE(current_, kNoExecutor) << "no turn runs";
  after_turn_ = std::move(closure);
}

void EventLoop::Unready(ExecutorState& executor) {
  if (!executor.ready) return;
  executor.ready = false;
  std::erase(executor.machine->ready, executor.index);
}

void EventLoop::Post(uint32_t index, Closure closure) {
  ExecutorState& executor = *executors_[index];
  if (!executor.alive || drops_posts()) return;
  const SlotHandle handle = slots_.Add(executor.waiting, index, std::move(closure));
  if (current_ == kNoExecutor) {
    DeliverOrRun(handle.index, next_sequence_++);
  } else {
    effects_.push_back({.due = now(), .slot = handle});
  }
}

SlotHandle EventLoop::AddTimed(uint32_t executor, int64_t delay_ns, Closure closure) {
  WEIR_CHECK_GE(delay_ns, 0);
  SlotList& list = executor == kNoExecutor ? world_slots_ : executors_[executor]->waiting;
  const SlotHandle handle = slots_.Add(list, executor, std::move(closure));
  const int64_t due = AddDelay(now(), delay_ns);
  if (due == kNever) return handle;
  if (current_ == kNoExecutor) {
    Push(Event::Kind::kClosure, due, handle);
  } else {
    effects_.push_back({.due = due, .slot = handle});
  }
  return handle;
}

TimerId EventLoop::PostAfter(uint32_t index, int64_t delay_ns, Closure closure) {
  if (!executors_[index]->alive || drops_posts()) return TimerId();
  return ToTimerId(AddTimed(index, delay_ns, std::move(closure)));
}

SlotHandle EventLoop::RunAfter(int64_t delay_ns, Closure closure) {
  if (drops_posts()) return {};
  return AddTimed(kNoExecutor, delay_ns, std::move(closure));
}

bool EventLoop::CancelTimer(uint32_t index, TimerId timer) {
  const SlotHandle handle = ToHandle(timer);
  const ClosureSlot* slot = slots_.Find(handle);
  if (slot == nullptr || slot->executor != index) return false;
  ExecutorState& executor = *executors_[index];
  if (slot->queued) {
    const Closure closure = slots_.Take(executor.queue, handle.index);
    if (executor.queue.empty()) Unready(executor);
  } else {
    const Closure closure = slots_.Take(executor.waiting, handle.index);
    NoteStaleEvents(1);
  }
  return true;
}

void EventLoop::CancelRun(SlotHandle handle) {
  const ClosureSlot* slot = slots_.Find(handle);
  if (slot == nullptr || slot->executor != kNoExecutor) return;
  const Closure closure = slots_.Take(world_slots_, handle.index);
  NoteStaleEvents(1);
}

void EventLoop::NoteStaleEvents(size_t count) {
  // An upper bound: some slots have no event in the heap (yet).
  stale_events_ += count;
  if (stale_events_ < kStaleEventsMin || stale_events_ < heap_.size() / 2) return;
  heap_.Compact([this](const Event& event) { return IsStale(event); });
  stale_events_ = 0;
}

void EventLoop::Charge(int64_t cost_ns) {
  WEIR_CHECK_NE(current_, kNoExecutor) << "Charge outside of a turn";
  WEIR_CHECK_GE(cost_ns, 0);
  time_->charged = AddDelay(time_->charged, cost_ns);
}

void EventLoop::Depart(Lanes* lanes, LaneUse lane_use, int64_t delay_ns, Closure arrival) {
  if (closing_ || muted_) return;
  const SlotHandle handle = slots_.Add(world_slots_, kNoExecutor, std::move(arrival));
  ClosureSlot& slot = slots_[handle.index];
  slot.lanes = lanes;
  slot.lane_use = lane_use;
  slot.delay = delay_ns;
  if (current_ == kNoExecutor) {
    DepartAt(now(), handle);
  } else {
    effects_.push_back({.due = now(), .slot = handle, .departure = true});
  }
}

void EventLoop::DepartAt(int64_t time, SlotHandle handle) {
  const ClosureSlot& slot = slots_[handle.index];
  int64_t arrival = AddDelay(time, slot.delay);
  Lanes& lanes = *slot.lanes;
  if (slot.lane_use != LaneUse::kUrgent) arrival = std::max(arrival, lanes.fifo);
  if (slot.lane_use != LaneUse::kFifo) arrival = std::max(arrival, lanes.urgent);
  if (slot.lane_use != LaneUse::kUrgent) lanes.fifo = arrival;
  if (slot.lane_use != LaneUse::kFifo) lanes.urgent = arrival;
  Push(Event::Kind::kClosure, arrival, handle);
}

void EventLoop::Push(Event::Kind kind, int64_t time, SlotHandle slot) {
  // Assigned: gcc takes the initialization of a bit-field by a wider value for narrowing.
  Event event{.time = time, .sequence = next_sequence_++, .generation = slot.generation};
  event.index = slot.index;
  event.kind = kind;
  heap_.Push(event);
}

bool EventLoop::IsStale(const Event& event) {
  switch (event.kind) {
    case Event::Kind::kClosure:
    case Event::Kind::kDeparture:
      return slots_.Find({.index = event.index, .generation = event.generation}) == nullptr;
    case Event::Kind::kWakeExecutor:
      return !executors_[event.index]->alive;
    case Event::Kind::kWakeMachine:
      return false;
  }
  return false;
}

void EventLoop::Handle(const Event& event) {
  switch (event.kind) {
    case Event::Kind::kClosure:
      DeliverOrRun(event.index, event.sequence);
      break;
    case Event::Kind::kDeparture:
      DepartAt(event.time, {.index = event.index, .generation = event.generation});
      break;
    case Event::Kind::kWakeExecutor:
      executors_[event.index]->wake_set = false;
      Wake(*executors_[event.index]);
      break;
    case Event::Kind::kWakeMachine:
      machines_[event.index]->wake_set = false;
      WakeMachine(*machines_[event.index]);
      break;
  }
}

void EventLoop::DeliverOrRun(uint32_t index, uint64_t sequence) {
  ClosureSlot& slot = slots_[index];
  if (slot.executor == kNoExecutor) {
    Closure closure = slots_.Take(world_slots_, index);
    closure();
    return;
  }
  ExecutorState& executor = *executors_[slot.executor];
  slots_.Unlink(executor.waiting, index);
  slots_.Append(executor.queue, index);
  slot.queued = true;
  slot.sequence = sequence;
  Wake(executor);
}

void EventLoop::Wake(ExecutorState& executor) {
  if (executor.ready || executor.queue.empty() || executor.pauses > 0) return;
  if (executor.busy_until > time_->instant) {
    if (std::exchange(executor.wake_set, true)) return;
    Push(Event::Kind::kWakeExecutor, executor.busy_until, {.index = executor.index});
    return;
  }
  executor.ready = true;
  executor.machine->ready.push_back(executor.index);
  WakeMachine(*executor.machine);
}

void EventLoop::WakeMachine(Machine& machine) {
  if (machine.runnable || machine.ready.empty()) return;
  if (machine.free_at > time_->instant) {
    if (std::exchange(machine.wake_set, true)) return;
    Push(Event::Kind::kWakeMachine, machine.free_at, {.index = machine.index});
    return;
  }
  machine.runnable = true;
  runnable_.push_back(&machine);
}

EventLoop::StepResult EventLoop::Step(int64_t limit_ns) {
  WEIR_CHECK_EQ(current_, kNoExecutor) << "a turn drives the world it belongs to";
  for (;;) {
    while (!heap_.empty() && heap_.top().time <= time_->instant) {
      const Event event = heap_.Pop();
      if (IsStale(event)) continue;
      if (!CountTowardsSpin(kNoExecutor)) return StepResult::kSpin;
      Handle(event);
    }
    if (RunTurn()) return StepResult::kTurn;
    if (events_at_instant_ > spin_limit_events_) return StepResult::kSpin;
    DropStaleEvents();
    // A world closure may have left something due at this very instant.
    if (heap_.empty()) return StepResult::kIdle;
    if (heap_.top().time > limit_ns) return StepResult::kLimit;
    AdvanceTo(heap_.top().time);
  }
}

void EventLoop::AdvanceTo(int64_t time_ns) {
  WEIR_CHECK_GE(time_ns, time_->instant);
  if (time_ns == time_->instant) return;
  time_->instant = time_ns;
  events_at_instant_ = 0;
  last_of_instant_.clear();
}

void EventLoop::DropStaleEvents() {
  while (!heap_.empty() && IsStale(heap_.top())) {
    heap_.Pop();
    if (stale_events_ > 0) --stale_events_;
  }
}

bool EventLoop::RunTurn() {
  while (!runnable_.empty()) {
    Machine& machine = *runnable_.front();
    runnable_.pop_front();
    machine.runnable = false;
    if (machine.ready.empty()) continue;  // What was ready was cancelled or ended.
    const size_t pick = schedule_->Pick(machine.index, machine.ready);
    ExecutorState& executor = *executors_[machine.ready[pick]];
    if (!CountTowardsSpin(executor.index)) return false;
    machine.ready.erase(machine.ready.begin() + static_cast<ptrdiff_t>(pick));
    executor.ready = false;
    const uint64_t sequence = slots_[executor.queue.head].sequence;
    Closure closure = slots_.Take(executor.queue, executor.queue.head);
    recorder_->Add(EventKind::kTurn, time_->instant, executor.index, sequence,
                   [&] { return executor.name; });
    ++turns_;
    current_ = executor.index;
    time_->charged = executor.turn_cost;
    closure();
    closure = nullptr;  // Still within the turn: what it held may post.
    FinishTurn(executor);
    return true;
  }
  return false;
}

void EventLoop::FinishTurn(ExecutorState& executor) {
  const int64_t release = AddDelay(time_->instant, time_->charged);
  Machine& machine = *executor.machine;
  machine.free_at = AddDelay(time_->instant, executor.turn_cost);
  executor.busy_until = release;
  current_ = kNoExecutor;
  time_->charged = 0;
  ReleaseEffects(release, release > machine.free_at);
  Wake(executor);
  WakeMachine(machine);
  if (after_turn_) [[unlikely]]
    std::exchange(after_turn_, nullptr)();
}

void EventLoop::ReleaseEffects(int64_t release, bool charged_extra) {
  if (charged_extra) {
    // Timers that became due before the turn's end go among its posts by their time.
    std::stable_sort(effects_.begin(), effects_.end(),
                     [](const Effect& a, const Effect& b) { return a.due < b.due; });
  }
  for (const Effect& effect : effects_) {
    if (slots_.Find(effect.slot) == nullptr) continue;  // Cancelled, or its executor ended.
    if (!effect.departure) {
      Push(Event::Kind::kClosure, std::max(release, effect.due), effect.slot);
    } else if (charged_extra) {
      // It must not hold up what others send on these lanes before it leaves.
      Push(Event::Kind::kDeparture, release, effect.slot);
    } else {
      DepartAt(release, effect.slot);
    }
  }
  effects_.clear();
}

bool EventLoop::CountTowardsSpin(uint32_t executor) {
  if (++events_at_instant_ > spin_limit_events_) return false;
  if (executor != kNoExecutor && events_at_instant_ > spin_limit_events_ - kSpinWitnesses) {
    last_of_instant_.push_back(executor);
  }
  return true;
}

std::string EventLoop::DescribeSpin() const {
  std::map<uint32_t, int> counts;
  for (uint32_t executor : last_of_instant_) ++counts[executor];
  std::string text = absl::StrCat(spin_limit_events_, " events at ", time_->instant,
                                  " ns without time passing; the last turns were of");
  if (counts.empty()) absl::StrAppend(&text, " no executor");
  for (const auto& [executor, count] : counts) {
    absl::StrAppend(&text, " ", executors_[executor]->name, " (", count, ")");
  }
  return text;
}

}  // namespace weir::sim
