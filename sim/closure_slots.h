// ClosureSlots: the closures of a world that wait to be run, in reusable slots of one array.
//
// A slot is in exactly one SlotList (what an owner waits for, or an executor's queue), so that a
// life that ends finds all its closures. A handle is a slot and its generation; using a slot again
// changes the generation, which is how cancelled timers and stale events are known. Lists are
// linked through the slots: every operation is O(1) and nothing is allocated once the array has
// grown.
#ifndef WEIR_SIM_CLOSURE_SLOTS_H_
#define WEIR_SIM_CLOSURE_SLOTS_H_

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "core/base/check.h"
#include "core/env/executor.h"

namespace weir::sim {

// The latest arrivals of the messages that travel one way on one connection. Messages of one lane
// never overtake each other.
struct Lanes {
  int64_t fifo = 0;
  int64_t urgent = 0;
};

// Which lanes of a connection a message follows: it arrives after all that left before on these.
enum class LaneUse : uint8_t { kFifo, kUrgent, kBoth };

inline constexpr uint32_t kNoSlot = ~uint32_t{0};
inline constexpr uint32_t kNoExecutor = ~uint32_t{0};

struct SlotHandle {
  uint32_t index = kNoSlot;
  uint32_t generation = 0;
};

struct SlotList {
  uint32_t head = kNoSlot;
  uint32_t tail = kNoSlot;
  bool empty() const { return head == kNoSlot; }
};

struct ClosureSlot {
  Closure closure;
  uint64_t sequence = 0;            // Of the event that delivered it.
  Lanes* lanes = nullptr;           // Of a message that has not left.
  int64_t delay = 0;                // Likewise.
  uint32_t executor = kNoExecutor;  // Who runs it; kNoExecutor: the world.
  uint32_t generation = 1;
  uint32_t previous = kNoSlot;
  uint32_t next = kNoSlot;
  LaneUse lane_use = LaneUse::kFifo;
  bool used = false;
  bool queued = false;  // In its executor's queue rather than waiting for its time.
};

class ClosureSlots {
 public:
  ClosureSlot& operator[](uint32_t index) { return slots_[index]; }

  // Null if the slot was freed (and perhaps used again) since.
  ClosureSlot* Find(SlotHandle handle) {
    if (handle.index >= slots_.size()) return nullptr;
    ClosureSlot& slot = slots_[handle.index];
    return slot.used && slot.generation == handle.generation ? &slot : nullptr;
  }

  // A slot at the end of `list`.
  SlotHandle Add(SlotList& list, uint32_t executor, Closure closure) {
    uint32_t index = free_;
    if (index == kNoSlot) {
      index = static_cast<uint32_t>(slots_.size());
      WEIR_CHECK_LT(index, uint32_t{1} << 30) << "too many closures wait";
      slots_.emplace_back();
    } else {
      free_ = slots_[index].next;
    }
    ClosureSlot& slot = slots_[index];
    slot.closure = std::move(closure);
    slot.executor = executor;
    slot.used = true;
    slot.queued = false;
    Append(list, index);
    return {index, slot.generation};
  }

  void Append(SlotList& list, uint32_t index) {
    ClosureSlot& slot = slots_[index];
    slot.previous = list.tail;
    slot.next = kNoSlot;
    (list.tail == kNoSlot ? list.head : slots_[list.tail].next) = index;
    list.tail = index;
  }

  void Unlink(SlotList& list, uint32_t index) {
    ClosureSlot& slot = slots_[index];
    (slot.previous == kNoSlot ? list.head : slots_[slot.previous].next) = slot.next;
    (slot.next == kNoSlot ? list.tail : slots_[slot.next].previous) = slot.previous;
  }

  // Frees the slot and hands its closure over: destroying it here could come back to these slots.
  [[nodiscard]] Closure Take(SlotList& list, uint32_t index) {
    Unlink(list, index);
    ClosureSlot& slot = slots_[index];
    Closure closure = std::move(slot.closure);
    slot.closure = nullptr;
    slot.lanes = nullptr;
    slot.used = false;
    ++slot.generation;
    slot.next = free_;
    free_ = index;
    return closure;
  }

 private:
  std::vector<ClosureSlot> slots_;
  uint32_t free_ = kNoSlot;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_CLOSURE_SLOTS_H_
