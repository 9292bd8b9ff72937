// JobArgs: the arguments of a job, as its builder reads them, and what it declares about them. They are fixed at submission and
// part of the job's digest. Pure data.
//
//   WEIR_JOB(clicks, Build, weir::JobInfo{
//     .description = "Counts clicks per page and minute.",
//     .arguments = {{.name = "input", .description = "Folder of logs.", .required = true},
//                   {.name = "delay", .description = "How late a click may be.", .default_value = "5s"}}});
//
//   void Build(weir::StreamExecutionEnvironment& env, const weir::JobArgs& args) {
//     const std::string input = args.Get("input");
//     const absl::Duration delay = args.GetDuration("delay");
#ifndef WEIR_CORE_API_JOB_ARGS_H_
#define WEIR_CORE_API_JOB_ARGS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace weir {

struct JobArgument {
  std::string name;         // Lower-case letters, digits, '-' and '_'.
  std::string description;  // For people: one sentence.
  std::string default_value = "";
  bool required = false;  // Has no default; a submission without it is refused.
};

struct JobInfo {
  std::string description = "";
  std::vector<JobArgument> arguments = {};
};

// What JobArgs throws into the builder: an argument is missing, undeclared, or not what the builder asks for.
class JobArgumentError : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
};

class JobArgs {
 public:
  using Submitted = std::vector<std::pair<std::string, std::string>>;

  // No arguments.
  JobArgs() = default;

  // InvalidArgument that lists the arguments: one is unknown, given twice, or required and missing.
  static absl::StatusOr<JobArgs> Create(std::vector<JobArgument> declared, Submitted submitted);

  // The argument as submitted, else its default; "" if it has none. All getters throw JobArgumentError for a name that is
  // not declared and for text that is not of their type.
  const std::string& Get(std::string_view name) const;
  int64_t GetInt(std::string_view name) const;
  double GetDouble(std::string_view name) const;
  bool GetBool(std::string_view name) const;                // true, false, yes, no, 1, 0
  absl::Duration GetDuration(std::string_view name) const;  // "500ms", "1h30m"

  // The same with a default of the builder's in place of an empty one.
  std::string Get(std::string_view name, std::string_view fallback) const;
  int64_t GetInt(std::string_view name, int64_t fallback) const;
  double GetDouble(std::string_view name, double fallback) const;
  bool GetBool(std::string_view name, bool fallback) const;
  absl::Duration GetDuration(std::string_view name, absl::Duration fallback) const;

  // What was submitted, without defaults, sorted by name.
  const Submitted& submitted() const { return submitted_; }

 private:
  [[noreturn]] void ThrowNotA(std::string_view name, std::string_view type) const;

  std::vector<JobArgument> declared_;
  Submitted submitted_;
  std::map<std::string, std::string, std::less<>> values_;  // Of all that are declared.
};

// "input (required), delay (default 5s)", or "none".
std::string ListArguments(const std::vector<JobArgument>& arguments);

}  // namespace weir

#endif  // WEIR_CORE_API_JOB_ARGS_H_
