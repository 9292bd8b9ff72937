// Job arguments: from what stands on a command line behind the job's name to what the job's builder reads. Pure,
// apart from CheckInputsOutsideOutput(), which looks where links lead.
//
// Three names mean the same in every job that declares them, because only the command line knows where the user stands:
//   input   paths, separated by commas; made absolute
//   output  a folder; made absolute; weir-out/<job> if the user says nothing and the job has no default of its own
//   fresh   true with --fresh: earlier results in `output` may be replaced
#ifndef WEIR_CLI_JOB_ARGUMENTS_H_
#define WEIR_CLI_JOB_ARGUMENTS_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/api/job_args.h"
#include "core/api/job_registry.h"

namespace weir::cli {

// "--window=1h", "--window" "1h", or "--timestamps" alone for "true". InvalidArgument that quotes what is none of these.
absl::StatusOr<JobArgs::Submitted> ParseJobArguments(const std::vector<std::string>& words);

// Applies what is said above. Says nothing about names and values; JobArgs does.
JobArgs::Submitted ResolveJobArguments(const RegisteredJob& job, JobArgs::Submitted arguments,
                                       std::string_view user_directory);

// InvalidArgument if an input is the output folder or lies in it, links followed: --fresh would
// delete it.
absl::Status CheckInputsOutsideOutput(const JobArgs::Submitted& resolved);

// What `weir jobs` says about the arguments: one aligned line each, starting with `indent`.
std::string DescribeArguments(const RegisteredJob& job, std::string_view indent);

}  // namespace weir::cli

#endif  // WEIR_CLI_JOB_ARGUMENTS_H_
