#include "connectors/file/part_name.h"

#include <charconv>

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

std::string PartName::InProgress(uint64_t unique) const {
  return absl::StrCat(".", Visible(), ToAbsl(kInProgress), absl::Hex(unique, absl::kZeroPad16));
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

bool IsInProgressPartName(std::string_view name) {
  if (!TakeChar(name, '.')) return false;
  const size_t mark = name.rfind(kInProgress);
  if (mark == std::string_view::npos) return false;
  const std::string_view unique = name.substr(mark + kInProgress.size());
  return unique.size() == 16 &&
         unique.find_first_not_of("0123456789abcdef") == std::string_view::npos &&
         ParseVisiblePartName(name.substr(0, mark)).has_value();
}

}  // namespace weir
