#include "connectors/file/part_name.h"

#include <charconv>
#include <limits>

#include "absl/strings/str_cat.h"
#include "core/base/string_view.h"

namespace weir {
namespace {

constexpr std::string_view kPrefix = "part-";
constexpr std::string_view kInProgress = ".inprogress-";

// Takes a number as we print it (no sign, no leading zeros) from the front of `text`.
std::optional<int64_t> TakeNumber(std::string_view& text) {
  int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [after, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || text.starts_with('-')) return std::nullopt;
  const size_t size = static_cast<size_t>(after - text.data());
  if (size > 1 && text.starts_with('0')) return std::nullopt;
  text.remove_prefix(size);
  return number;
}

bool TakeChar(std::string_view& text, char expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

std::string PartName::Visible() const {
  return absl::StrCat(ToAbsl(kPrefix), subtask, "-", number, ".", extension);
}

std::optional<PartName> ParseVisiblePartName(std::string_view name) {
  if (!name.starts_with(kPrefix)) return std::nullopt;
  name.remove_prefix(kPrefix.size());
  const std::optional<int64_t> subtask = TakeNumber(name);
  if (!subtask.has_value() || !TakeChar(name, '-')) return std::nullopt;
  const std::optional<int64_t> number = TakeNumber(name);
  if (!number.has_value() || !TakeChar(name, '.')) return std::nullopt;
  if (name != "csv" && name != "jsonl") return std::nullopt;
  return PartName{*subtask, *number, std::string(name)};
}

std::string InProgressPartName::ToString() const {
  return absl::StrCat(".", part.Visible(), ToAbsl(kInProgress), "e", epoch.value(), "a",
                      attempt.value(), "-", absl::Hex(unique, absl::kZeroPad16));
}

std::optional<InProgressPartName> ParseInProgressPartName(std::string_view name) {
  if (!TakeChar(name, '.')) return std::nullopt;
  const size_t mark = name.rfind(kInProgress);
  if (mark == std::string_view::npos) return std::nullopt;
  const std::optional<PartName> part = ParseVisiblePartName(name.substr(0, mark));
  name.remove_prefix(mark + kInProgress.size());
  if (!part.has_value() || !TakeChar(name, 'e')) return std::nullopt;
  const std::optional<int64_t> epoch = TakeNumber(name);
  if (!epoch.has_value() || !TakeChar(name, 'a')) return std::nullopt;
  const std::optional<int64_t> attempt = TakeNumber(name);
  if (!attempt.has_value() || *attempt > std::numeric_limits<AttemptNumber::rep>::max() ||
      !TakeChar(name, '-')) {
    return std::nullopt;
  }
  if (name.size() != 16 || name.find_first_not_of("0123456789abcdef") != name.npos) {
    return std::nullopt;
  }
  uint64_t unique = 0;
  std::from_chars(name.data(), name.data() + name.size(), unique, 16);
  return InProgressPartName{*part, LeaderEpoch(static_cast<uint64_t>(*epoch)),
                            AttemptNumber(static_cast<AttemptNumber::rep>(*attempt)), unique};
}

}  // namespace weir
