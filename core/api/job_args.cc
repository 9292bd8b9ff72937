#include "core/api/job_args.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "core/api/did_you_mean.h"
#include "core/base/string_view.h"

namespace weir {
namespace {

std::vector<std::string> Names(const std::vector<JobArgument>& arguments) {
  std::vector<std::string> names;
  for (const JobArgument& argument : arguments) names.push_back(argument.name);
  return names;
}

}  // namespace

std::string ListArguments(const std::vector<JobArgument>& arguments) {
  if (arguments.empty()) return "none";
  std::string text;
  for (const JobArgument& argument : arguments) {
    if (!text.empty()) text += ", ";
    text += argument.name;
    if (argument.required) {
      text += " (required)";
    } else if (!argument.default_value.empty()) {
      absl::StrAppend(&text, " (default ", argument.default_value, ")");
    }
  }
  return text;
}

absl::StatusOr<JobArgs> JobArgs::Create(std::vector<JobArgument> declared, Submitted submitted) {
  JobArgs args;
  args.declared_ = std::move(declared);
  args.submitted_ = std::move(submitted);
  std::sort(args.submitted_.begin(), args.submitted_.end());
  for (const JobArgument& argument : args.declared_) {
    args.values_[argument.name] = argument.default_value;
  }
  std::string_view previous;
  for (const auto& [name, value] : args.submitted_) {
    const auto found = args.values_.find(name);
    if (found == args.values_.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat("unknown argument \"", name, "\"", DidYouMean(name, Names(args.declared_)),
                       "; arguments of this job: ", ListArguments(args.declared_)));
    }
    if (name == previous) {
      return absl::InvalidArgumentError(absl::StrCat("argument \"", name, "\" is given twice"));
    }
    found->second = value;
    previous = name;
  }
  for (const JobArgument& argument : args.declared_) {
    const bool given = std::any_of(args.submitted_.begin(), args.submitted_.end(),
                                   [&](const auto& pair) { return pair.first == argument.name; });
    if (argument.required && !given) {
      return absl::InvalidArgumentError(
          absl::StrCat("argument \"", argument.name, "\" is required",
                       argument.description.empty() ? "" : " (" + argument.description + ")",
                       "; arguments of this job: ", ListArguments(args.declared_)));
    }
  }
  return args;
}

const std::string& JobArgs::Get(std::string_view name) const {
  const auto found = values_.find(name);
  if (found != values_.end()) return found->second;
  throw JobArgumentError(
      absl::StrCat("the builder reads argument \"", ToAbsl(name),
                   "\", which the job does not declare; add {.name = \"", ToAbsl(name),
                   "\", .description = \"...\"} to the arguments of its JobInfo. Declared: ",
                   ListArguments(declared_)));
}

void JobArgs::ThrowNotA(std::string_view name, std::string_view type) const {
  throw JobArgumentError(absl::StrCat("argument \"", ToAbsl(name), "\" must be ", ToAbsl(type),
                                      ", not \"", Get(name), "\""));
}

int64_t JobArgs::GetInt(std::string_view name) const {
  int64_t value;
  if (!absl::SimpleAtoi(Get(name), &value)) ThrowNotA(name, "a whole number");
  return value;
}

double JobArgs::GetDouble(std::string_view name) const {
  double value;
  if (!absl::SimpleAtod(Get(name), &value)) ThrowNotA(name, "a number");
  return value;
}

bool JobArgs::GetBool(std::string_view name) const {
  bool value;
  if (!absl::SimpleAtob(Get(name), &value)) ThrowNotA(name, "true or false");
  return value;
}

absl::Duration JobArgs::GetDuration(std::string_view name) const {
  absl::Duration value;
  if (!absl::ParseDuration(Get(name), &value)) ThrowNotA(name, "a duration such as 500ms or 1h30m");
  return value;
}

std::string JobArgs::Get(std::string_view name, std::string_view fallback) const {
  const std::string& text = Get(name);
  return text.empty() ? std::string(fallback) : text;
}

int64_t JobArgs::GetInt(std::string_view name, int64_t fallback) const {
  return Get(name).empty() ? fallback : GetInt(name);
}

double JobArgs::GetDouble(std::string_view name, double fallback) const {
  return Get(name).empty() ? fallback : GetDouble(name);
}

bool JobArgs::GetBool(std::string_view name, bool fallback) const {
  return Get(name).empty() ? fallback : GetBool(name);
}

absl::Duration JobArgs::GetDuration(std::string_view name, absl::Duration fallback) const {
  return Get(name).empty() ? fallback : GetDuration(name);
}

}  // namespace weir
