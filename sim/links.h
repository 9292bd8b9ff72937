// Links: what is wrong between the machines of a world at the moment.
//
// A link is the way from one machine to another. Blocked, it carries nothing: what would arrive is
// held back, as unacknowledged bytes are, until it is free again. Slow, messages take longer. All
// are counted, so that overlapping faults end when the last of them does. A machine can refuse to be
// dialed: calls and openings that reach it are answered Unavailable; and openings that reach it may
// arrive twice.
//
// Plain state; draws nothing itself. Nothing is wrong in most worlds most of the time: any() is what
// the paths of messages ask first.
#ifndef WEIR_SIM_LINKS_H_
#define WEIR_SIM_LINKS_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/check.h"

namespace weir::sim {

inline constexpr uint32_t kNoMachine = ~uint32_t{0};

struct LinkDelay {
  int64_t extra_ns_max = 0;  // Each message draws up to this.
  int64_t ns_per_byte = 0;
};

// How often each fault has met a message.
struct LinkCounts {
  uint64_t held = 0;
  uint64_t delayed = 0;
  uint64_t refused = 0;
  uint64_t duplicated = 0;
  uint64_t lost = 0;  // Calls and streams whose connection was lost.
};

class Links {
 public:
  // Something is wrong, or something that was held back has not arrived yet.
  bool any() const { return faults_ + held_ > 0; }

  void Block(uint32_t from, uint32_t to) { Count(links_[{from, to}].blocks, +1); }
  void Unblock(uint32_t from, uint32_t to) { Count(links_[{from, to}].blocks, -1); }
  bool Blocked(uint32_t from, uint32_t to) const {
    const auto link = links_.find({from, to});
    return link != links_.end() && link->second.blocks > 0;
  }

  void Slow(uint32_t from, uint32_t to, const LinkDelay& delay) {
    Link& link = links_[{from, to}];
    Count(link.slows, +1);
    link.delay = delay;
  }
  void Unslow(uint32_t from, uint32_t to) { Count(links_[{from, to}].slows, -1); }
  // Null if it is not slow.
  const LinkDelay* Delay(uint32_t from, uint32_t to) const {
    const auto link = links_.find({from, to});
    return link != links_.end() && link->second.slows > 0 ? &link->second.delay : nullptr;
  }

  void RefuseDials(uint32_t machine, bool refuse) {
    Count(machines_[machine].refusals, refuse ? 1 : -1);
  }
  bool RefusesDials(uint32_t machine) const { return OfMachine(machine).refusals > 0; }

  void DuplicateOpens(uint32_t machine, bool duplicate) {
    Count(machines_[machine].duplicates, duplicate ? 1 : -1);
  }
  bool DuplicatesOpens(uint32_t machine) const { return OfMachine(machine).duplicates > 0; }

  void AddHeld() { ++held_, ++counts.held; }
  void TakeHeld(int64_t count) { held_ -= count; }

  LinkCounts counts;

 private:
  struct Link {
    int64_t blocks = 0;
    int64_t slows = 0;
    LinkDelay delay;
  };
  struct Machine {
    int64_t refusals = 0;
    int64_t duplicates = 0;
  };

  void Count(int64_t& counter, int64_t change) {
    counter += change;
    faults_ += change;
    WEIR_CHECK_GE(counter, 0);
  }
  Machine OfMachine(uint32_t machine) const {
    const auto found = machines_.find(machine);
    return found == machines_.end() ? Machine() : found->second;
  }

  std::map<std::pair<uint32_t, uint32_t>, Link> links_;
  std::map<uint32_t, Machine> machines_;
  int64_t faults_ = 0;
  int64_t held_ = 0;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_LINKS_H_
