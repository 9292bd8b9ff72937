#include "cli/human_text.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "fmt/format.h"

namespace weir::cli {
namespace {

// Length of the valid UTF-8 character that `text` starts with; 0 if it starts with none.
size_t Utf8Length(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const auto continues = [&](size_t i) { return i < text.size() && (byte(i) & 0xC0) == 0x80; };
  if (text.empty()) return 0;
  const uint8_t lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return continues(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    if (!continues(1) || !continues(2)) return 0;
    const bool overlong = lead == 0xE0 && byte(1) < 0xA0;
    const bool surrogate = lead == 0xED && byte(1) >= 0xA0;
    return overlong || surrogate ? 0 : 3;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    if (!continues(1) || !continues(2) || !continues(3)) return 0;
    const bool overlong = lead == 0xF0 && byte(1) < 0x90;
    const bool too_large = lead == 0xF4 && byte(1) >= 0x90;
    return overlong || too_large ? 0 : 4;
  }
  return 0;
}

// One character, or one byte that is none, made printable; moves `text` past it.
std::string TakeEscaped(std::string_view& text) {
  const size_t length = Utf8Length(text);
  const uint8_t lead = static_cast<uint8_t>(text[0]);
  const bool c1_control = length == 2 && lead == 0xC2 && static_cast<uint8_t>(text[1]) < 0xA0;
  if (length > 1 && !c1_control) {
    std::string character(text.substr(0, length));
    text.remove_prefix(length);
    return character;
  }
  text.remove_prefix(1);
  switch (lead) {
    case '\t':
      return "\\t";
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\\':
      return "\\\\";
    default:
      break;
  }
  if (lead < 0x20 || lead >= 0x7F) return fmt::format("\\x{:02x}", lead);
  return std::string(1, static_cast<char>(lead));
}

}  // namespace

std::string FormatCount(int64_t count) {
  std::string digits = fmt::format("{}", count);
  const size_t first = count < 0 ? 1 : 0;
  for (size_t at = digits.size(); at > first + 3;) {
    at -= 3;
    digits.insert(at, 1, ',');
  }
  return digits;
}

std::string FormatCountOf(int64_t count, std::string_view singular) {
  return fmt::format("{} {}{}", FormatCount(count), singular, count == 1 ? "" : "s");
}

std::string FormatBytes(uint64_t bytes) {
  if (bytes < 1000) return fmt::format("{} B", bytes);
  constexpr std::array kUnits = {"kB", "MB", "GB", "TB", "PB"};
  double value = static_cast<double>(bytes) / 1000;
  size_t unit = 0;
  while (value >= 999.5 && unit + 1 < kUnits.size()) {
    value /= 1000;
    ++unit;
  }
  return fmt::format("{:.{}f} {}", value, value < 99.5 ? 1 : 0, kUnits[unit]);
}

std::string FormatRate(double per_second) {
  if (!(per_second > 0)) return "0";
  constexpr std::array kUnits = {"", "k", "M", "G"};
  size_t unit = 0;
  while (per_second >= 999.5 && unit + 1 < kUnits.size()) {
    per_second /= 1000;
    ++unit;
  }
  const int digits = unit == 0 ? 0 : per_second < 9.995 ? 2 : per_second < 99.95 ? 1 : 0;
  return fmt::format("{:.{}f}{}", per_second, digits, kUnits[unit]);
}

std::string FormatElapsed(absl::Duration duration) {
  const double seconds = absl::ToDoubleSeconds(duration);
  if (seconds < 0.9995) return fmt::format("{:.0f} ms", std::max(0.0, seconds * 1000));
  if (seconds < 59.95) return fmt::format("{:.1f} s", seconds);
  const int64_t whole = static_cast<int64_t>(seconds + 0.5);
  if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} h {:02} min", whole / 3600, whole % 3600 / 60);
}

std::string EscapeForTerminal(std::string_view bytes, size_t columns_max) {
  std::string text;
  size_t columns = 0;
  size_t cut = 0;  // Where the "..." would go.
  while (!bytes.empty()) {
    const std::string next = TakeEscaped(bytes);
    columns += ColumnCount(next);
    if (columns > columns_max) return text.substr(0, cut) + "...";
    text += next;
    if (columns + 3 <= columns_max) cut = text.size();
  }
  return text;
}

size_t ColumnCount(std::string_view text) {
  size_t columns = 0;
  for (const char c : text) columns += (static_cast<uint8_t>(c) & 0xC0) != 0x80;
  return columns;
}

std::string_view FirstColumns(std::string_view text, size_t columns_max) {
  size_t at = 0;
  for (size_t columns = 0; at < text.size(); ++at) {
    const bool starts = (static_cast<uint8_t>(text[at]) & 0xC0) != 0x80;
    if (starts && columns++ == columns_max) break;
  }
  return text.substr(0, at);
}

}  // namespace weir::cli
