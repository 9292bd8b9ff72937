#include "cli/config/config_file.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/base/string_view.h"

namespace weir::cli {
namespace {

std::string_view Trimmed(std::string_view text) {
  return ToStd(absl::StripAsciiWhitespace(ToAbsl(text)));
}

// A quote opens only at the beginning of a value, and nothing but a comment may follow the closing one.
absl::StatusOr<std::string> Unquoted(std::string_view value) {
  if (value.empty() || (value.front() != '"' && value.front() != '\'')) {
    const size_t hash = value.find(" #");
    const size_t tab = value.find("\t#");
    if (value.starts_with('#')) return std::string();
    return std::string(Trimmed(value.substr(0, std::min(hash, tab))));
  }
  const size_t end = value.find(value.front(), 1);
  if (end == std::string_view::npos) {
    return absl::InvalidArgumentError("the quote that opens the value is never closed");
  }
  const std::string_view rest = Trimmed(value.substr(end + 1));
  if (!rest.empty() && !rest.starts_with('#')) {
    return absl::InvalidArgumentError("only a comment may follow the closing quote");
  }
  return std::string(value.substr(1, end - 1));
}

absl::StatusOr<ConfigLine> ParseLine(std::string_view line) {
  const size_t colon = line.find(':');
  const bool separated =
      colon != std::string_view::npos &&
      (colon + 1 == line.size() || line[colon + 1] == ' ' || line[colon + 1] == '\t');
  if (!separated || line.starts_with('-')) {
    return absl::InvalidArgumentError("expected \"key: value\", with a space after the colon");
  }
  if (line.front() == ' ' || line.front() == '\t') {
    return absl::InvalidArgumentError(
        "keys are written flat, from the first column on: \"heartbeat.interval: 5 s\"");
  }
  ConfigLine parsed;
  parsed.key = std::string(Trimmed(line.substr(0, colon)));
  WEIR_ASSIGN_OR_RETURN(parsed.value, Unquoted(Trimmed(line.substr(colon + 1))));
  return parsed;
}

}  // namespace

absl::StatusOr<std::vector<ConfigLine>> ParseConfigFile(std::string_view text,
                                                        std::string_view path) {
  std::vector<ConfigLine> lines;
  std::map<std::string, size_t> seen;
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    const std::string_view content = Trimmed(line);
    if (content.empty() || content.starts_with('#') || content == "---") continue;
    absl::StatusOr<ConfigLine> parsed = ParseLine(line);
    if (!parsed.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat(ToAbsl(path), ":", number, ": ", parsed.status().message()));
    }
    const auto [first, is_new] = seen.emplace(parsed->key, number);
    if (!is_new) {
      return absl::InvalidArgumentError(absl::StrCat(ToAbsl(path), ":", number, ": \"", parsed->key,
                                                     "\" is set in line ", first->second,
                                                     " already; keep one of the two"));
    }
    parsed->line = number;
    lines.push_back(*std::move(parsed));
  }
  return lines;
}

}  // namespace weir::cli
