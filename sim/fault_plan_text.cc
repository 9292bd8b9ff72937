// How fault plans are written and read.
#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/base/status_macros.h"
#include "core/base/string_view.h"
#include "sim/fault_plan.h"

namespace weir::sim {
namespace {

constexpr std::string_view kNames[kFaultKinds] = {
    "kill",        "file-crash",   "pause",       "stall",        "lose-connection", "partition",
    "clog",        "delay",        "slow-link",   "refuse-dials", "duplicate-opens", "disk-full",
    "read-errors", "write-errors", "sync-errors", "slow-disk",    "clock-jump",      "clock-drift"};

constexpr std::string_view kSides[] = {"both", "dialer", "target"};

// Takes keys out of a line; what is left is unknown.
class Fields {
 public:
  static absl::StatusOr<Fields> Parse(const std::vector<std::string>& words) {
    Fields fields;
    for (size_t i = 1; i < words.size(); ++i) {
      const size_t equals = words[i].find('=');
      if (equals == std::string::npos) {
        return absl::InvalidArgumentError(absl::StrCat("no key=value: ", words[i]));
      }
      if (!fields.values_.emplace(words[i].substr(0, equals), words[i].substr(equals + 1)).second) {
        return absl::InvalidArgumentError(absl::StrCat("twice: ", words[i]));
      }
    }
    return fields;
  }

  void Take(const std::string& key, std::string& value) {
    if (const std::string* text = Find(key)) value = *text;
  }
  void Take(const std::string& key, absl::Duration& value) {
    const std::string* text = Find(key);
    if (text == nullptr) return;
    if (!absl::ParseDuration(*text, &value) || value < absl::ZeroDuration()) Fail(key, *text);
  }
  template <typename Integer>
  void TakeNumber(const std::string& key, Integer& value) {
    const std::string* text = Find(key);
    if (text != nullptr && !absl::SimpleAtoi(*text, &value)) Fail(key, *text);
  }
  // True if the key says `on`.
  void TakeFlag(const std::string& key, std::string_view on, bool& value) {
    const std::string* text = Find(key);
    if (text == nullptr) return;
    value = *text == on;
    if (!value) Fail(key, *text);
  }
  void TakeSides(LossSides& sides) {
    const std::string* text = Find("sides");
    if (text == nullptr) return;
    for (size_t i = 0; i < std::size(kSides); ++i) {
      if (*text != kSides[i]) continue;
      sides = static_cast<LossSides>(i);
      return;
    }
    Fail("sides", *text);
  }

  absl::Status Finish() {
    for (const auto& [key, value] : values_) {
      if (!taken_.contains(key)) return absl::InvalidArgumentError(absl::StrCat("unknown: ", key));
    }
    return status_;
  }

 private:
  const std::string* Find(const std::string& key) {
    taken_.insert(key);
    const auto found = values_.find(key);
    return found == values_.end() ? nullptr : &found->second;
  }
  void Fail(const std::string& key, const std::string& text) {
    status_ = absl::InvalidArgumentError(absl::StrCat("bad value: ", key, "=", text));
  }

  std::map<std::string, std::string> values_;
  std::set<std::string> taken_;
  absl::Status status_;
};

absl::StatusOr<FaultKind> ParseKind(std::string_view name) {
  for (int i = 0; i < kFaultKinds; ++i) {
    if (kNames[i] == name) return static_cast<FaultKind>(i);
  }
  return absl::InvalidArgumentError(absl::StrCat("unknown fault: ", ToAbsl(name)));
}

}  // namespace

std::string_view FaultKindName(FaultKind kind) { return kNames[static_cast<int>(kind)]; }

std::string FormatFault(const Fault& fault) {
  std::string line =
      absl::StrCat(ToAbsl(FaultKindName(fault.kind)), " at=", absl::FormatDuration(fault.at));
  const auto add = [&](bool given, std::string_view key, const auto& value) {
    if (given) absl::StrAppend(&line, " ", ToAbsl(key), "=", value);
  };
  add(fault.duration != absl::ZeroDuration(), "for", absl::FormatDuration(fault.duration));
  add(!fault.machine.empty(), "machine", fault.machine);
  add(!fault.peer.empty(), "peer", fault.peer);
  add(fault.amount != 0, "amount", fault.amount);
  add(fault.both_ways, "ways", "both");
  add(fault.sides != LossSides::kBoth, "sides", ToAbsl(kSides[static_cast<int>(fault.sides)]));
  add(fault.power_off, "power", "off");
  add(fault.wipe_disk, "wipe", "yes");
  add(fault.silent, "resets", "no");
  add(!fault.operation.empty(), "op", fault.operation);
  add(!fault.path_part.empty(), "path", fault.path_part);
  add(!fault.message.empty(), "after", fault.message);
  add(fault.nth != 1, "nth", fault.nth);
  add(fault.before, "before", "yes");
  add(fault.since_end, "since", "end");
  return line;
}

absl::StatusOr<Fault> ParseFault(std::string_view line) {
  const std::vector<std::string> words = absl::StrSplit(ToAbsl(line), ' ', absl::SkipWhitespace());
  if (words.empty()) return absl::InvalidArgumentError("an empty line");
  Fault fault;
  WEIR_ASSIGN_OR_RETURN(fault.kind, ParseKind(words.front()));
  WEIR_ASSIGN_OR_RETURN(Fields fields, Fields::Parse(words));
  fields.Take("at", fault.at);
  fields.Take("for", fault.duration);
  fields.Take("machine", fault.machine);
  fields.Take("peer", fault.peer);
  fields.TakeNumber("amount", fault.amount);
  fields.TakeFlag("ways", "both", fault.both_ways);
  fields.TakeSides(fault.sides);
  fields.TakeFlag("power", "off", fault.power_off);
  fields.TakeFlag("wipe", "yes", fault.wipe_disk);
  fields.TakeFlag("resets", "no", fault.silent);
  fields.Take("op", fault.operation);
  fields.Take("path", fault.path_part);
  fields.Take("after", fault.message);
  fields.TakeNumber("nth", fault.nth);
  fields.TakeFlag("before", "yes", fault.before);
  fields.TakeFlag("since", "end", fault.since_end);
  WEIR_RETURN_IF_ERROR(fields.Finish());
  if (fault.machine.empty()) return absl::InvalidArgumentError("machine= is missing");
  if (!fault.message.empty() && !MayWaitForMessage(fault.kind)) {
    return absl::InvalidArgumentError("after= is for kill, pause and lose-connection");
  }
  if (fault.nth < 1) return absl::InvalidArgumentError("nth counts from 1");
  const bool link = fault.kind >= FaultKind::kLoseConnection && fault.kind <= FaultKind::kSlowLink;
  if (link && fault.peer.empty()) return absl::InvalidArgumentError("peer= is missing");
  return fault;
}

std::string FormatFaultPlan(const FaultPlan& plan) {
  std::string text;
  for (const Fault& fault : plan) absl::StrAppend(&text, FormatFault(fault), "\n");
  return text;
}

absl::StatusOr<FaultPlan> ParseFaultPlan(std::string_view text) {
  FaultPlan plan;
  int number = 0;
  for (const std::string& line : std::vector<std::string>(absl::StrSplit(ToAbsl(text), '\n'))) {
    ++number;
    const std::string stripped(absl::StripAsciiWhitespace(line));
    if (stripped.empty() || stripped.front() == '#') continue;
    absl::StatusOr<Fault> fault = ParseFault(stripped);
    if (!fault.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("line ", number, ": ", fault.status().message(), ": ", stripped));
    }
    plan.push_back(*std::move(fault));
  }
  return plan;
}

}  // namespace weir::sim
