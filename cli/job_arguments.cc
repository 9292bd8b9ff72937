#include "cli/job_arguments.h"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/paths.h"
#include "fmt/format.h"

namespace weir::cli {
namespace {

constexpr std::string_view kInput = "input";
constexpr std::string_view kOutput = "output";
constexpr std::string_view kOutputRoot = "weir-out";

const JobArgument* FindArgument(const RegisteredJob& job, std::string_view name) {
  for (const JobArgument& argument : job.info.arguments) {
    if (argument.name == name) return &argument;
  }
  return nullptr;
}

std::string DescribeDefault(const RegisteredJob& job, const JobArgument& argument) {
  if (argument.required) return " (required)";
  if (!argument.default_value.empty()) return fmt::format(" (default {})", argument.default_value);
  if (argument.name == kOutput) return fmt::format(" (default {}/{})", kOutputRoot, job.name);
  return "";
}

// Links resolved as far as the path exists.
std::string RealPath(const std::string& path) {
  std::error_code error;
  const std::filesystem::path real = std::filesystem::weakly_canonical(path, error);
  return error ? path : real.string();
}

bool IsInOrEqual(const std::string& path, const std::string& folder) {
  return path == folder || path.starts_with(folder.ends_with('/') ? folder : folder + "/");
}

}  // namespace

absl::StatusOr<JobArgs::Submitted> ParseJobArguments(const std::vector<std::string>& words) {
  JobArgs::Submitted arguments;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (!word.starts_with("--") || word.size() == 2 || word[2] == '=') {
      return absl::InvalidArgumentError(
          absl::StrCat("unexpected \"", word, "\"; arguments of a job are written --NAME=VALUE"));
    }
    const size_t equals = word.find('=');
    if (equals != std::string::npos) {
      arguments.emplace_back(word.substr(2, equals - 2), word.substr(equals + 1));
    } else if (i + 1 < words.size() && !words[i + 1].starts_with("--")) {
      arguments.emplace_back(word.substr(2), words[i + 1]);
      ++i;
    } else {
      arguments.emplace_back(word.substr(2), "true");
    }
  }
  return arguments;
}

JobArgs::Submitted ResolveJobArguments(const RegisteredJob& job, JobArgs::Submitted arguments,
                                       std::string_view user_directory) {
  bool has_output = false;
  for (auto& [name, value] : arguments) {
    if (name == kInput) value = AbsolutePathList(value, user_directory);
    if (name == kOutput) value = AbsolutePath(value, user_directory);
    has_output |= name == kOutput;
  }
  const JobArgument* const output = FindArgument(job, kOutput);
  if (output != nullptr && !has_output) {
    const std::string path = output->default_value.empty()
                                 ? fmt::format("{}/{}", kOutputRoot, job.name)
                                 : output->default_value;
    arguments.emplace_back(kOutput, AbsolutePath(path, user_directory));
  }
  return arguments;
}

absl::Status CheckInputsOutsideOutput(const JobArgs::Submitted& resolved) {
  std::string output;
  for (const auto& [name, value] : resolved) {
    if (name == kOutput) output = value;
  }
  if (output.empty()) return absl::OkStatus();
  for (const auto& [name, value] : resolved) {
    if (name != kInput) continue;
    const std::vector<std::string> inputs = absl::StrSplit(value, ',', absl::SkipEmpty());
    for (const std::string& input : inputs) {
      if (!IsInOrEqual(input, output) && !IsInOrEqual(RealPath(input), RealPath(output))) continue;
      return absl::InvalidArgumentError(
          absl::StrCat("input ", input, input == output ? " is" : " lies in", " the output folder ",
                       output, ", whose files the job replaces. Choose another --output"));
    }
  }
  return absl::OkStatus();
}

std::string DescribeArguments(const RegisteredJob& job, std::string_view indent) {
  size_t width = 0;
  for (const JobArgument& argument : job.info.arguments) {
    width = std::max(width, argument.name.size());
  }
  std::string text;
  for (const JobArgument& argument : job.info.arguments) {
    text += fmt::format("{}--{:<{}}  {}{}\n", indent, argument.name, width, argument.description,
                        DescribeDefault(job, argument));
  }
  return text;
}

}  // namespace weir::cli
