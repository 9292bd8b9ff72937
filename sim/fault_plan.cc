#include "sim/fault_plan.h"

#include <algorithm>

#include "core/base/check.h"
#include "sim/virtual_time.h"

namespace weir::sim {
namespace {

// The draws of one fault: each property at a site of its own, each site once.
class FaultDraws final : public Random {
 public:
  FaultDraws(Seed seed, RandomStream stream, uint64_t entity)
      : seed_(seed), stream_(stream), entity_(entity) {}

  uint64_t Below(std::string_view site, uint64_t bound) {
    return Uniform({stream_, site, entity_}, bound);
  }
  bool Chance(std::string_view site, uint64_t in_1000) { return Below(site, 1000) < in_1000; }
  int64_t Between(std::string_view site, int64_t low, int64_t high) {
    return UniformInclusive({stream_, site, entity_}, low, high);
  }
  // As likely to be of one order of magnitude as of another; 0 < low <= high.
  int64_t OfAnySize(std::string_view site, int64_t low, int64_t high) {
    uint64_t doublings = 0;
    while (low << (doublings + 1) <= high) ++doublings;
    const uint64_t value = Draw({stream_, site, entity_});
    const int64_t base = low << (value % (doublings + 1));
    return std::min(high, base + static_cast<int64_t>((value >> 8) % static_cast<uint64_t>(base)));
  }
  absl::Duration Span(std::string_view site, absl::Duration low, absl::Duration high) {
    // Whole milliseconds read better.
    return absl::Milliseconds(
        OfAnySize(site, absl::ToInt64Milliseconds(low), absl::ToInt64Milliseconds(high)));
  }

 private:
  uint64_t Draw(const RandomSite& site) override { return AddressedDraw(seed_.value(), site, 0); }

  const Seed seed_;
  const RandomStream stream_;
  const uint64_t entity_;
};

RandomStream StreamOf(FaultKind kind) {
  if (kind <= FaultKind::kFileCrash) return RandomStream::kCrash;
  if (kind <= FaultKind::kStall) return RandomStream::kSchedule;
  if (kind <= FaultKind::kDuplicateOpens) return RandomStream::kNetwork;
  if (kind <= FaultKind::kSlowDisk) return RandomStream::kDisk;
  return RandomStream::kClock;
}

bool IsOfVolume(FaultKind kind) {
  return kind >= FaultKind::kDiskFull && kind <= FaultKind::kSlowDisk;
}

bool IsOfLink(FaultKind kind) {
  return kind >= FaultKind::kLoseConnection && kind <= FaultKind::kSlowLink;
}

void DrawCrash(FaultDraws& draws, Fault& fault) {
  fault.power_off = draws.Chance("plan.power_off", 500);
  fault.wipe_disk = draws.Chance("plan.wipe_disk", 150);
  fault.silent = draws.Chance("plan.silent", 300);
  fault.duration = draws.Span("plan.restart", absl::Milliseconds(10), absl::Seconds(20));
}

void DrawFileCrash(FaultDraws& draws, Fault& fault) {
  DrawCrash(draws, fault);
  // The calls that make things durable are where it matters most.
  constexpr std::string_view kOperations[] = {"",     "",       "append", "sync",
                                              "link", "rename", "create", "sync directory"};
  std::string_view operation = kOperations[draws.Below("plan.operation", std::size(kOperations))];
  // Names in plans have no spaces.
  if (operation == "sync directory") operation = "sync-directory";
  fault.operation = std::string(operation);
  fault.nth = static_cast<uint64_t>(draws.OfAnySize("plan.nth", 1, operation.empty() ? 200 : 16));
  fault.before = draws.Chance("plan.before", 500);
}

void DrawAmount(FaultDraws& draws, Fault& fault) {
  constexpr int64_t kMillisecond = 1'000'000;
  switch (fault.kind) {
    case FaultKind::kDelay:
      fault.amount = draws.OfAnySize("plan.delay", kMillisecond, 5000 * kMillisecond);
      break;
    case FaultKind::kSlowLink:
      fault.amount = draws.OfAnySize("plan.ns_per_byte", 100, 1'000'000);
      break;
    case FaultKind::kReadErrors:
    case FaultKind::kWriteErrors:
    case FaultKind::kSyncErrors:
      fault.amount = draws.OfAnySize("plan.errors", 5, 1000);
      break;
    case FaultKind::kSlowDisk:
      fault.amount = draws.OfAnySize("plan.slow_disk", 5, 1000);
      break;
    case FaultKind::kClockJump:
      fault.amount = draws.OfAnySize("plan.jump", kMillisecond, 86'400'000 * kMillisecond);
      if (draws.Chance("plan.backwards", 500)) fault.amount = -fault.amount;
      break;
    case FaultKind::kClockDrift:
      fault.amount = draws.OfAnySize("plan.drift", 10, 100'000);
      if (draws.Chance("plan.backwards", 500)) fault.amount = -fault.amount;
      break;
    default:
      break;
  }
}

void DrawProperties(FaultDraws& draws, Fault& fault) {
  fault.duration = draws.Span("plan.for", absl::Milliseconds(50), absl::Seconds(30));
  switch (fault.kind) {
    case FaultKind::kKill:
      return DrawCrash(draws, fault);
    case FaultKind::kFileCrash:
      return DrawFileCrash(draws, fault);
    case FaultKind::kStall:
      fault.duration = draws.Span("plan.stall", absl::Milliseconds(10), absl::Seconds(5));
      return;
    case FaultKind::kLoseConnection:
      fault.duration = absl::ZeroDuration();
      fault.sides = static_cast<LossSides>(draws.Below("plan.sides", 3));
      return;
    case FaultKind::kPartition:
      fault.both_ways = draws.Chance("plan.both_ways", 500);
      return;
    case FaultKind::kClog:
      fault.duration = draws.Span("plan.clog", absl::Milliseconds(20), absl::Seconds(4));
      return;
    default:
      return DrawAmount(draws, fault);
  }
}

// What a protocol does next is where it matters most that somebody is gone.
void DrawMessage(FaultDraws& draws, const FaultPlanOptions& options, Fault& fault) {
  if (!MayWaitForMessage(fault.kind)) return;
  const auto calls = options.messages.find(fault.machine);
  const bool waits = draws.Chance("plan.waits", 400);
  if (!waits || calls == options.messages.end() || calls->second.empty()) return;
  fault.message = calls->second[draws.Below("plan.message", calls->second.size())];
  fault.nth = static_cast<uint64_t>(draws.OfAnySize("plan.nth", 1, 5));
}

Fault DrawFault(Seed seed, FaultKind kind, uint64_t index, const FaultPlanOptions& options) {
  FaultDraws draws(seed, StreamOf(kind), static_cast<uint64_t>(kind) * 1000 + index);
  Fault fault{.kind = kind};
  fault.at =
      absl::Milliseconds(draws.Between("plan.at", 0, absl::ToInt64Milliseconds(options.horizon)));
  const std::vector<std::string>& machines = options.machines;
  const uint64_t machine = draws.Below("plan.machine", machines.size());
  fault.machine = machines[machine];
  if (IsOfVolume(kind) && draws.Chance("plan.shared", 500)) fault.machine = "shared";
  if (IsOfLink(kind)) {
    const uint64_t step = 1 + draws.Below("plan.peer", machines.size() - 1);
    fault.peer = machines[(machine + step) % machines.size()];
  }
  DrawProperties(draws, fault);
  DrawMessage(draws, options, fault);
  return fault;
}

}  // namespace

FaultPlan GenerateFaultPlan(Seed seed, const FaultPlanOptions& options) {
  WEIR_CHECK(!options.machines.empty());
  WEIR_CHECK_GE(options.count_max, 1);
  const Seed scope = ScopedSeed(seed, "fault plan");
  FaultPlan plan;
  for (int i = 0; i < kFaultKinds; ++i) {
    const FaultKind kind = static_cast<FaultKind>(i);
    FaultDraws draws(scope, RandomStream::kConfig, static_cast<uint64_t>(i));
    const bool in_plan = draws.Chance("plan.kind", options.kind_chance);
    const uint64_t count = 1 + draws.Below("plan.count", options.count_max);
    if (!in_plan || options.without.contains(kind)) continue;
    if (IsOfLink(kind) && options.machines.size() < 2) continue;
    for (uint64_t index = 0; index < count; ++index) {
      plan.push_back(DrawFault(scope, kind, index, options));
    }
  }
  std::stable_sort(plan.begin(), plan.end(),
                   [](const Fault& a, const Fault& b) { return a.at < b.at; });
  return plan;
}

}  // namespace weir::sim
