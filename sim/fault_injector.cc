#include "sim/fault_injector.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/check.h"
#include "core/base/hash.h"
#include "core/base/string_view.h"
#include "sim/virtual_time.h"

namespace weir::sim {

void FaultInjector::RunAfter(absl::Duration delay, std::function<void()> closure) {
  world_->loop().RunAfter(ToNanoseconds(delay),
                          [this, heals = heals_, closure = std::move(closure)] {
                            if (heals == heals_) closure();
                          });
}

void FaultInjector::Record(const std::string& machine, const std::string& text) {
  const uint32_t index = machine == "shared" ? kNoMachine : world_->machine_index(machine);
  world_->recorder().Add(EventKind::kFault, world_->loop().now(), index, StableHash64(text),
                         [&] { return text; });
}

FaultInjector::FaultInjector(SimWorld* world) : world_(world) {
  world_->network().on_call = [this](uint32_t machine, std::string_view method) {
    OnCall(machine, method);
  };
}

void FaultInjector::Apply(const FaultPlan& plan) {
  for (const Fault& fault : plan) {
    fault.since_end ? at_end_.push_back(fault) : Schedule(fault);
  }
}

void FaultInjector::Schedule(const Fault& fault) {
  RunAfter(fault.at, [this, fault] { fault.message.empty() ? Begin(fault) : Await(fault); });
}

void FaultInjector::ReachEnd(absl::Duration heal_after) {
  const FaultPlan plan = std::exchange(at_end_, {});
  if (plan.empty()) return;
  for (const Fault& fault : plan) Schedule(fault);
  RunAfter(heal_after, [this] { HealAll(); });
}

void FaultInjector::Await(const Fault& fault) {
  awaited_.push_back(
      {.fault = fault, .machine = world_->machine_index(fault.machine), .missing = fault.nth});
}

void FaultInjector::OnCall(uint32_t machine, std::string_view method) {
  for (auto awaited = awaited_.begin(); awaited != awaited_.end();) {
    if (awaited->machine != machine || awaited->fault.message != method || --awaited->missing > 0) {
      ++awaited;
      continue;
    }
    // The turn that makes the call goes on to its end.
    RunAfter(absl::ZeroDuration(), [this, fault = awaited->fault] {
      ++began_with_message_;
      Begin(fault);
    });
    awaited = awaited_.erase(awaited);
  }
}

void FaultInjector::Begin(const Fault& fault) {
  for (const std::string& machine : {fault.machine, fault.peer}) {
    WEIR_CHECK(machine.empty() || machine == "shared" || world_->exists(machine))
        << "no process is called " << machine << ": " << FormatFault(fault);
  }
  Record(fault.machine, absl::StrCat("begins: ", FormatFault(fault)));
  if (fault.since_end) ++began_at_end_;
  End end;
  if (fault.kind <= FaultKind::kStall) {
    end = BeginOfProcess(fault);
  } else if (fault.kind <= FaultKind::kSlowLink) {
    end = BeginOfLink(fault);
  } else if (fault.kind <= FaultKind::kDuplicateOpens) {
    end = BeginOfMachine(fault);
  } else if (fault.kind <= FaultKind::kSlowDisk) {
    end = BeginOfVolume(fault);
  } else {
    end = BeginOfClock(fault);
  }
  if (end == nullptr) return;
  const uint64_t id = ++last_active_;
  active_[id] = {.fault = fault, .end = std::move(end)};
  // A file crash waits for its call however long that takes.
  if (fault.kind != FaultKind::kFileCrash) {
    RunAfter(fault.duration, [this, id] { EndActive(id); });
  }
}

void FaultInjector::EndActive(uint64_t id) {
  const auto found = active_.find(id);
  if (found == active_.end()) return;
  const Active active = std::move(found->second);
  active_.erase(found);
  const bool felt = active.end();
  if (felt) CountFired(active.fault.kind);
  Record(active.fault.machine, absl::StrCat("ends: ", FormatFault(active.fault)));
}

void FaultInjector::RestartAfter(const Fault& fault) {
  RunAfter(fault.duration, [this, name = fault.machine, wipe = fault.wipe_disk] {
    world_->Restart(name, {.wipe_disk = wipe});
  });
}

FaultInjector::End FaultInjector::BeginOfProcess(const Fault& fault) {
  const std::string& name = fault.machine;
  const KillOptions kill{.power_off = fault.power_off, .resets = !fault.silent};
  if (fault.kind == FaultKind::kFileCrash) {
    std::string operation =
        fault.operation == "sync-directory" ? "sync directory" : fault.operation;
    world_->DieAtFileCall(name,
                          {.operation = std::move(operation),
                           .path_part = fault.path_part,
                           .countdown = fault.nth,
                           .takes_effect = !fault.before},
                          kill, [this, fault] {
                            CountFired(fault.kind);
                            RestartAfter(fault);
                          });
    return [this, name] {
      world_->CancelDieAtFileCall(name);
      return false;
    };
  }
  if (!world_->alive(name)) return nullptr;
  switch (fault.kind) {
    case FaultKind::kKill:
      world_->Kill(name, kill);
      CountFired(fault.kind);
      RestartAfter(fault);
      return nullptr;
    case FaultKind::kStall:
      if (world_->Stall(name, fault.duration)) CountFired(fault.kind);
      return nullptr;
    default:
      break;
  }
  if (world_->paused(name)) return nullptr;
  world_->Pause(name);
  CountFired(fault.kind);
  return [this, name] {
    world_->Resume(name);
    return false;
  };
}

FaultInjector::End FaultInjector::BeginOfLink(const Fault& fault) {
  NetworkModel& network = world_->network();
  Links& links = network.links();
  const uint32_t from = world_->machine_index(fault.machine);
  const uint32_t to = world_->machine_index(fault.peer);
  const uint64_t held = links.counts.held;
  const uint64_t delayed = links.counts.delayed;
  switch (fault.kind) {
    case FaultKind::kLoseConnection: {
      const int lost = network.LoseConnections(from, to,
                                               {.dialer = fault.sides != LossSides::kTarget,
                                                .target = fault.sides != LossSides::kDialer});
      if (lost > 0) CountFired(fault.kind);
      return nullptr;
    }
    case FaultKind::kDelay:
    case FaultKind::kSlowLink:
      links.Slow(from, to,
                 fault.kind == FaultKind::kDelay ? LinkDelay{.extra_ns_max = fault.amount}
                                                 : LinkDelay{.ns_per_byte = fault.amount});
      return [=, &links] {
        links.Unslow(from, to);
        return links.counts.delayed > delayed;
      };
    default:
      break;
  }
  network.Block(from, to);
  if (fault.both_ways) network.Block(to, from);
  return [=, &network, both = fault.both_ways] {
    network.Unblock(from, to);
    if (both) network.Unblock(to, from);
    return network.links().counts.held > held;
  };
}

FaultInjector::End FaultInjector::BeginOfMachine(const Fault& fault) {
  Links& links = world_->network().links();
  const uint32_t machine = world_->machine_index(fault.machine);
  const LinkCounts before = links.counts;
  if (fault.kind == FaultKind::kRefuseDials) {
    links.RefuseDials(machine, true);
    return [=, &links] {
      links.RefuseDials(machine, false);
      return links.counts.refused > before.refused;
    };
  }
  links.DuplicateOpens(machine, true);
  return [=, &links] {
    links.DuplicateOpens(machine, false);
    return links.counts.duplicated > before.duplicated;
  };
}

FaultInjector::End FaultInjector::BeginOfVolume(const Fault& fault) {
  DiskFaults& faults = world_->disk_faults(fault.machine);
  const uint64_t amount = static_cast<uint64_t>(fault.amount);
  const uint64_t failed = faults.failed_calls;
  const uint64_t slowed = faults.slowed_calls;
  // Of two faults of one kind at a time the one that ends first ends both.
  switch (fault.kind) {
    case FaultKind::kDiskFull:
      faults.full = true;
      return [=, &faults] {
        faults.full = false;
        return faults.failed_calls > failed;
      };
    case FaultKind::kReadErrors:
      faults.read_errors = amount;
      return [=, &faults] {
        faults.read_errors = 0;
        return faults.failed_calls > failed;
      };
    case FaultKind::kWriteErrors:
      faults.write_errors = amount;
      return [=, &faults] {
        faults.write_errors = 0;
        return faults.failed_calls > failed;
      };
    case FaultKind::kSyncErrors:
      faults.sync_errors = amount;
      return [=, &faults] {
        faults.sync_errors = 0;
        return faults.failed_calls > failed;
      };
    default:
      faults.slow_factor = std::max<int64_t>(1, fault.amount);
      return [=, &faults] {
        faults.slow_factor = 1;
        return faults.slowed_calls > slowed;
      };
  }
}

FaultInjector::End FaultInjector::BeginOfClock(const Fault& fault) {
  WallClockError& clock = world_->wall_clock(fault.machine);
  CountFired(fault.kind);
  if (fault.kind == FaultKind::kClockJump) {
    clock.Jump(fault.amount);
    return [&clock, amount = fault.amount] {
      clock.Jump(-amount);
      return false;
    };
  }
  clock.Drift(world_->loop().now(), fault.amount);
  return [this, &clock] {
    clock.Drift(world_->loop().now(), 0);
    return false;
  };
}

void FaultInjector::HealAll() {
  ++heals_;
  awaited_.clear();
  while (!active_.empty()) EndActive(active_.begin()->first);
  for (const std::string& name : world_->process_names()) {
    world_->Resume(name);
    world_->Restart(name);
  }
}

uint64_t FaultInjector::file_crashes() const {
  const auto found = fired_.find(FaultKind::kFileCrash);
  return found == fired_.end() ? 0 : found->second;
}

std::string FaultInjector::FiredText() const {
  std::string text;
  for (const auto& [kind, count] : fired_) {
    absl::StrAppend(&text, text.empty() ? "" : ",", ToAbsl(FaultKindName(kind)), ":", count);
  }
  return text;
}

}  // namespace weir::sim
