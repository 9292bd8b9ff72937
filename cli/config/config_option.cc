#include "cli/config/config_option.h"

#include <cmath>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "core/base/string_view.h"

namespace weir::cli {
namespace {

constexpr double kWholeMost = 2147483647;  // From here on a bound is no news to anybody.

absl::Status NotExpected(const ConfigOption& option, std::string_view text) {
  return absl::InvalidArgumentError(
      absl::StrCat("must be ", ExpectedValue(option), ", not \"", ToAbsl(text), "\""));
}

bool InBounds(const ConfigOption& option, double value) {
  return value >= option.least && value <= option.most;
}

std::string Bounds(const ConfigOption& option) {
  if (option.most >= kWholeMost) return absl::StrCat("from ", option.least, " on");
  return absl::StrCat("between ", option.least, " and ", option.most);
}

// Nanoseconds of Flink's unit, 0 if it is none.
double UnitOf(std::string_view unit) {
  struct Unit {
    double ns;
    std::string_view names;
  };
  static constexpr Unit kUnits[] = {
      {1, "ns|nano|nanos|nanosecond|nanoseconds"},
      {1e3, "us|micro|micros|microsecond|microseconds"},
      {1e6, "ms|milli|millis|millisecond|milliseconds"},
      {1e9, "s|sec|secs|second|seconds"},
      {60e9, "m|min|mins|minute|minutes"},
      {3600e9, "h|hour|hours"},
      {86400e9, "d|day|days"},
  };
  for (const Unit& known : kUnits) {
    const std::vector<std::string> names = absl::StrSplit(ToAbsl(known.names), '|');
    for (const std::string& name : names) {
      if (name == unit) return known.ns;
    }
  }
  return 0;
}

// "10 s", "10s", "10".
bool ParseFlinkDuration(std::string_view text, absl::Duration& duration) {
  size_t digits = 0;
  while (digits < text.size() && absl::ascii_isdigit(static_cast<unsigned char>(text[digits])) != 0)
    ++digits;
  int64_t count = 0;
  if (!absl::SimpleAtoi(ToAbsl(text.substr(0, digits)), &count)) return false;
  const std::string unit =
      absl::AsciiStrToLower(absl::StripAsciiWhitespace(ToAbsl(text.substr(digits))));
  const double ns = unit.empty() ? 1e6 : UnitOf(unit);
  if (ns == 0 || static_cast<double>(count) * ns > 9e18) return false;
  duration = absl::Nanoseconds(static_cast<int64_t>(ns)) * count;
  return true;
}

}  // namespace

std::string ExpectedValue(const ConfigOption& option) {
  switch (option.type) {
    case ConfigType::kString:
      return "a word";
    case ConfigType::kPath:
      return "a path";
    case ConfigType::kInteger:
      return absl::StrCat("a whole number ", Bounds(option));
    case ConfigType::kReal:
      return absl::StrCat("a number ", Bounds(option));
    case ConfigType::kBoolean:
      return "true or false";
    case ConfigType::kDuration:
      return absl::StrCat(option.least > 0 ? "a length of time of 1 ms or more, such as "
                                           : "a length of time such as ",
                          "500 ms, 10 s or 1 min");
    case ConfigType::kChoice: {
      std::vector<std::string> choices = absl::StrSplit(ToAbsl(option.choices), '|');
      const std::string last = choices.back();
      choices.pop_back();
      return absl::StrCat(absl::StrJoin(choices, ", "), " or ", last);
    }
  }
  return "";
}

absl::StatusOr<int64_t> ParseConfigInteger(const ConfigOption& option, std::string_view text) {
  int64_t value = 0;
  if (absl::SimpleAtoi(ToAbsl(text), &value) && InBounds(option, static_cast<double>(value)))
    return value;
  return NotExpected(option, text);
}

absl::StatusOr<double> ParseConfigReal(const ConfigOption& option, std::string_view text) {
  double value = 0;
  if (absl::SimpleAtod(ToAbsl(text), &value) && std::isfinite(value) && InBounds(option, value))
    return value;
  return NotExpected(option, text);
}

absl::StatusOr<bool> ParseConfigBoolean(const ConfigOption& option, std::string_view text) {
  bool value = false;
  if (absl::SimpleAtob(ToAbsl(text), &value)) return value;
  return NotExpected(option, text);
}

absl::StatusOr<absl::Duration> ParseConfigDuration(const ConfigOption& option,
                                                   std::string_view text) {
  absl::Duration duration;
  if ((ParseFlinkDuration(text, duration) || absl::ParseDuration(ToAbsl(text), &duration)) &&
      duration < absl::InfiniteDuration() &&
      InBounds(option, absl::ToDoubleNanoseconds(duration))) {
    return duration;
  }
  return NotExpected(option, text);
}

absl::Status CheckConfigValue(const ConfigOption& option, std::string_view text) {
  switch (option.type) {
    case ConfigType::kString:
      for (const char c : text) {
        if (absl::ascii_isgraph(static_cast<unsigned char>(c)) == 0)
          return NotExpected(option, text);
      }
      return absl::OkStatus();
    case ConfigType::kPath:
      return text.find('\0') == std::string_view::npos ? absl::OkStatus()
                                                       : NotExpected(option, text);
    case ConfigType::kInteger:
      return ParseConfigInteger(option, text).status();
    case ConfigType::kReal:
      return ParseConfigReal(option, text).status();
    case ConfigType::kBoolean:
      return ParseConfigBoolean(option, text).status();
    case ConfigType::kDuration:
      return ParseConfigDuration(option, text).status();
    case ConfigType::kChoice: {
      const std::vector<std::string> choices = absl::StrSplit(ToAbsl(option.choices), '|');
      for (const std::string& choice : choices) {
        if (choice == text) return absl::OkStatus();
      }
      return NotExpected(option, text);
    }
  }
  return absl::OkStatus();
}

std::string EnvironmentNameOf(std::string_view key) {
  std::string name = "WEIR_";
  for (const char c : key) {
    const auto byte = static_cast<unsigned char>(c);
    name += absl::ascii_isalnum(byte) != 0 ? absl::ascii_toupper(byte) : '_';
  }
  return name;
}

}  // namespace weir::cli
